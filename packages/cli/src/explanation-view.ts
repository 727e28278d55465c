// An explanation as a table: each column, its value in the row, what it adds, and a bar to the left or right of nothing.
import type { ExplainResponse, PredictionValue, Row } from "@massif/api";
import { count, figure } from "./figures.ts";
import type { Session } from "./session.ts";
import { table } from "./table.ts";

/** What to show and where. */
export interface ExplanationView {
  /** As they were sent. */
  readonly rows: readonly Row[];
  /** The class to show; undefined: of one row the one predicted, of several the first. */
  readonly shown: string | undefined;
  readonly session: Session;
}

/** One row in full, or of several rows how much each column moves them on average. */
export function explanationText(answer: ExplainResponse, view: ExplanationView): string {
  return view.rows.length === 1 ? oneRow(answer, view) : manyRows(answer, view);
}

// Internal

/** Half of a bar's width. */
const HALF = 12;

function oneRow(answer: ExplainResponse, { rows: [row], shown, session }: ExplanationView): string {
  const { columns, target } = answer;
  const [{ prediction, outputs }] = answer.explanations;
  const at = placeOf(answer, shown ?? classOf(prediction));
  const { value, contributions } = outputs[at];
  const longest = Math.max(...contributions.map(Math.abs));
  const lines = [...contributions.keys()]
    .sort((a, b) => Math.abs(contributions[b]) - Math.abs(contributions[a]))
    .map((j) => {
      const { name, step } = columns[j];
      const own = step === null ? valueText(row[name]) : "";
      return [columnText(columns[j]), own, signed(contributions[j]), bar(contributions[j], longest)];
    });
  const text = table(
    [
      { head: "column", max: 40 },
      { head: "value", number: true, max: 24 },
      { head: "adds", number: true },
      { head: "" },
    ],
    lines,
    { session, none: "the model uses no column" },
  );
  const what = unitText(answer, at);
  return [
    `${target}: ${session.colours.bold(predictionText(prediction))}`,
    `${what}: ${figure(answer.outputs[at].expected)} on average, ${figure(value)} for this row`,
    text,
    session.colours.dim(methodText(answer)),
  ].join("\n");
}

function manyRows(answer: ExplainResponse, { rows, shown, session }: ExplanationView): string {
  const { columns, explanations } = answer;
  const at = placeOf(answer, shown);
  const sizes = columns.map((_, j) => mean(explanations.map(({ outputs }) => Math.abs(outputs[at].contributions[j]))));
  const means = columns.map((_, j) => mean(explanations.map(({ outputs }) => outputs[at].contributions[j])));
  const longest = Math.max(...sizes);
  const lines = [...sizes.keys()]
    .sort((a, b) => sizes[b] - sizes[a])
    .map((j) => [columnText(columns[j]), figure(sizes[j], 4), signed(means[j]), bar(sizes[j], longest).trimStart()]);
  const text = table(
    [{ head: "column", max: 40 }, { head: "moves by", number: true }, { head: "mean", number: true }, { head: "" }],
    lines,
    { session, none: "the model uses no column" },
  );
  return [
    `${unitText(answer, at)}, over ${count(rows.length)} rows: ${figure(answer.outputs[at].expected)} on average in training`,
    text,
    session.colours.dim(`${methodText(answer)}; --json has every row`),
  ].join("\n");
}

/** The place of a class among the outputs; of two classes one alone is explained, as of numbers. */
function placeOf({ outputs }: ExplainResponse, wanted: string | undefined): number {
  return Math.max(
    0,
    outputs.findIndex((output) => output.class === wanted),
  );
}

function classOf(prediction: PredictionValue): string | undefined {
  return typeof prediction === "object" && "class" in prediction ? prediction.class : undefined;
}

function predictionText(prediction: PredictionValue): string {
  return typeof prediction === "number" ? figure(prediction) : (classOf(prediction) ?? "–");
}

/** What is explained, in words. */
function unitText({ target, unit, outputs }: ExplainResponse, at: number): string {
  const of = outputs[at].class;
  if (unit === "probability") return `probability of ${of}`;
  if (unit === "score") return outputs.length === 1 ? `log-odds of ${of}` : `score of ${of}`;
  return unit === "logarithm" ? `logarithm of ${target}` : target;
}

function methodText({ method, model }: ExplainResponse): string {
  const how =
    method === "trees" ? "TreeSHAP, by the trees' training rows" : "linear SHAP, columns taken as independent";
  return `${model.name} version ${model.version}; ${how}`;
}

function columnText({ name, step }: ExplainResponse["columns"][number]): string {
  return step === null ? name : `${name} (${step})`;
}

function valueText(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return "missing";
  return typeof value === "number" ? figure(value) : String(value);
}

function signed(value: number): string {
  return `${value > 0 ? "+" : ""}${figure(value, 4)}`;
}

function bar(value: number, longest: number): string {
  const length = longest > 0 ? Math.round((Math.abs(value) / longest) * HALF) : 0;
  const blocks = "█".repeat(length);
  return value < 0 ? `${blocks.padStart(HALF)}│` : `${" ".repeat(HALF)}│${blocks}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
