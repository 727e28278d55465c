// Runs for readers: one in full, many in a table.
import type { Run, RunChart } from "@massif/api";
import { bytes, duration, figure, moment } from "./figures.ts";
import { planRows } from "./plan-view.ts";
import type { Session } from "./session.ts";
import { facts, table } from "./table.ts";
import { metricWords, orderedMetrics } from "./training-lines.ts";

type RunSummary = Omit<Run, "history">;

/** Everything worth knowing of one run; with its chart data, also the figures of each class. */
export function runText(run: Run, session: Session, chart?: RunChart): string {
  const rows: (readonly [string, string])[] = [
    ["run", `${session.colours.bold(run.id)} (${statusText(run.status, session)})`],
    ["pipeline", [...run.pipeline.steps.map(({ type }) => type), run.pipeline.estimator.type].join(" → ")],
    [
      "data",
      `${run.dataset} version ${run.version}, ${run.target === null ? run.task : `target ${run.target} (${run.task})`}`,
    ],
    ["split", splitText(run)],
    ...(run.weights === null ? [] : [["weights", `column ${run.weights}`] as const]),
    ...orderedMetrics(run.metrics ?? {}).map(([name, value]) => [name, withSpread(value, run, name)] as const),
    ["fit", duration(run.fitSeconds)],
    ["one row", run.predictMicros === null ? "–" : duration(run.predictMicros / 1e6)],
    ["model", run.modelHash === null ? "–" : `${run.modelHash.slice(0, 16)}… (${bytes(run.modelBytes)})`],
    ["seed", String(run.seed)],
  ];
  if (run.plan !== null) rows.push(...planRows(run.plan));
  if (run.ranks !== null) rows.push(["ranks", ranksText(run.ranks, run.fitSeconds)]);
  if (run.linear !== null) rows.push(["line", lineText(run.linear)]);
  if (run.error !== null) rows.push(["error", `${run.error.code}: ${run.error.message}`]);
  const text = facts(rows, session);
  return chart?.kind === "classification" ? [text, "", classTable(chart, session)].join("\n") : text;
}

/** Precision, recall and F1 of each class, with the classes it is most often taken for. */
export function classTable({ perClass, confusion }: ClassChart, session: Session): string {
  return table(
    [
      { head: "class", max: 32 },
      { head: "precision", number: true },
      { head: "recall", number: true },
      { head: "F1", number: true },
      { head: "ROC AUC", number: true },
      { head: "rows", number: true },
      { head: "most often mistaken for", max: 40 },
    ],
    perClass.map(({ class: name, precision, recall, f1, rocAuc, support }, k) => [
      name,
      precision.toFixed(3),
      recall.toFixed(3),
      f1.toFixed(3),
      rocAuc === null ? "–" : rocAuc.toFixed(3),
      String(support),
      mistaken(confusion[k], k, perClass),
    ]),
    { session },
  );
}

/** Runs, one a line. */
export function runTable(runs: readonly RunSummary[], session: Session): string {
  return table(
    [
      { head: "run" },
      { head: "label", max: 32 },
      { head: "data set" },
      { head: "target" },
      { head: "status" },
      { head: "quality" },
      { head: "fit", number: true },
      { head: "created" },
    ],
    runs.map((run) => [
      run.id,
      run.label,
      `${run.dataset} v${run.version}`,
      run.target ?? run.task,
      statusText(run.status, session),
      run.error === null ? metricWords(run.metrics).join("  ") : run.error.code,
      duration(run.fitSeconds),
      moment(run.createdAt),
    ]),
    { session, none: "no runs yet: `massif train` or `massif compare` makes some" },
  );
}

/** A linear model in the columns' own units, its largest weights first. */
export function lineText({ intercept, weights }: NonNullable<Run["linear"]>): string {
  const largest = [...weights].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MAX_WEIGHTS);
  const terms = largest.map(({ feature, weight }) => `${figure(weight, 6)} ${feature}`);
  const left = weights.length - largest.length;
  return [...terms, ...(left > 0 ? [`… ${left} more`] : []), figure(intercept, 6)].join(" + ").replaceAll("+ -", "− ");
}

// Internal

const MAX_WEIGHTS = 8;

function ranksText(
  { count, hosts, rowsPerSecond, communicationSeconds }: NonNullable<Run["ranks"]>,
  fit: number | null,
) {
  const where = hosts === null ? "here" : `on ${hosts.map(({ name, slots }) => `${name}:${slots}`).join(", ")}`;
  if (rowsPerSecond === null || communicationSeconds === null) return `${count} ${where}`;
  const share = fit === null || fit === 0 ? "" : ` (${Math.round((100 * communicationSeconds) / fit)}% of the fit)`;
  const speed = `${figure(rowsPerSecond, 3)} rows/s`;
  return `${count} ${where}, ${speed}, ${duration(communicationSeconds)} in communication${share}`;
}

type ClassChart = Extract<RunChart, { kind: "classification" }>;

function withSpread(
  value: number,
  { deviations, interval }: Pick<Run, "deviations" | "interval">,
  name: string,
): string {
  const deviation = deviations?.[name];
  if (deviation !== undefined) return `${figure(value, 6)} ± ${figure(deviation, 5)}`;
  if (interval?.metric !== name) return figure(value, 6);
  const { confidence, low, high } = interval;
  return `${figure(value, 6)} (${Math.round(confidence * 100)} %: ${figure(low, 5)} to ${figure(high, 5)})`;
}

function mistaken(row: readonly number[], actual: number, perClass: ClassChart["perClass"]): string {
  const count = Math.max(0, ...row.filter((_, predicted) => predicted !== actual));
  if (count === 0) return "–";
  const predicted = row.findIndex((other, k) => k !== actual && other === count);
  return `${perClass[predicted].class} (${count})`;
}

function statusText(status: Run["status"], { colours }: Session): string {
  if (status === "succeeded") return colours.green(status);
  return status === "failed" ? colours.red(status) : status;
}

function splitText({ split }: Run): string {
  if (split.kind === "none") return "none: metrics of the training rows";
  if (split.kind === "folds") {
    const { folds, groups, time, repeats = 1 } = split;
    const how = groups
      ? ` by groups of ${groups}`
      : time
        ? ` in order of ${time}`
        : repeats > 1
          ? `, ${repeats} times`
          : "";
    return `${folds} folds${how}: mean ± standard deviation; the model is of all rows`;
  }
  return `${split.testFraction * 100}% held out`;
}
