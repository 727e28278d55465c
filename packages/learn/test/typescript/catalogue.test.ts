// Every estimator and transformer of the catalogue as a TypeScript module: it gives the same answers, or stands in a list.
import { createRuntime } from "@massif/kernels";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/base/component.ts";
import { ParamError } from "../../src/base/errors.ts";
import { tableSchema } from "../../src/base/schema.ts";
import type { Table } from "../../src/base/table.ts";
import { componentNames } from "../../src/catalogue.ts";
import { type FittedPipeline, fitPipeline } from "../../src/compose/pipeline.ts";
import type { StepSpec } from "../../src/compose/pipeline-spec.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { compilePredictor } from "../../src/model/predictor.ts";
import { exportTypeScript, type TypeScriptExport } from "../../src/typescript/export-typescript.ts";
import { goldenRows } from "../../src/typescript/golden-test.ts";
import { PARAMS, type Sample, samplesFor, VARIANTS } from "../catalogue-samples.ts";
import { classData } from "../mixed-data.ts";
import { type Compiled, compile } from "./compiled.ts";
import { outcome, rowsOf, shown } from "./rows.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

/** What has no source, and is refused by name. */
const REFUSED: readonly string[] = ["HashingVectorizer", "CountVectorizer", "TfidfVectorizer", "UMAP"];

/** Estimators whose sums over what they found are in another order here, so that the last bits differ. */
const REORDERED: readonly string[] = ["RadiusNeighborsRegressor", "RadiusNeighborsClassifier"];

const ROWS = 30;

interface Case {
  readonly name: string;
  readonly type: string;
  readonly sample: Sample;
  readonly steps: readonly StepSpec[];
  readonly estimator: { readonly type: string; readonly params: Readonly<Record<string, Json>> };
}

const STEP_PARAMS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  PCA: { components: 3 },
  TruncatedSVD: { components: 2 },
  KNNImputer: { weights: "distance" },
  UMAP: { epochs: 1 },
};

/** Transformers to which gaps are left. */
const FILLING: readonly string[] = ["SimpleImputer", "KNNImputer", "IterativeImputer", "MissingIndicator"];

const CASES = [...estimatorCases(), ...componentNames("transformer").map(transformerCase)];

describe("an exported module", { timeout: 240_000 }, () => {
  const pipelines = new Map<string, FittedPipeline>();
  const refused = new Map<string, unknown>();
  let compiled: Compiled;

  beforeAll(async () => {
    const exported = new Map<string, TypeScriptExport>();
    for (const { name, type, sample, steps, estimator } of CASES) {
      const pipeline = await fitPipeline({ steps, estimator }, sample as never, context);
      try {
        const example = rowsOf(sample.table, pipeline)[3];
        exported.set(name, exportTypeScript(pipeline, { file: `${name}.ts`, example }));
        pipelines.set(name, pipeline);
      } catch (error) {
        refused.set(type, error);
      }
    }
    compiled = compile(exported, { tests: false });
  }, 240_000);

  afterAll(() => compiled?.remove());

  test.each(CASES.filter(({ type }) => !REFUSED.includes(type)))("of $name answers as here", async (given) => {
    const { name, type, sample } = given;
    if (refused.has(type)) throw refused.get(type);
    const pipeline = pipelines.get(name) as FittedPipeline;
    const { predict } = compilePredictor(pipeline);
    const { predict: found } = await compiled.load(name);
    const rows = rowsOf(sample.table, pipeline).slice(0, ROWS);
    const round = REORDERED.includes(type) ? rounded : (answer: unknown) => answer;
    const asked = [...rows, ...goldenRows(pipeline.input, rows[0])];
    const wanted = asked.map((row) => outcome(() => shown(predict(row))));
    expect(wanted.filter(isAnswer).length).toBeGreaterThanOrEqual(rows.length);
    expect(round(asked.map((row) => outcome(() => found(row as object))))).toStrictEqual(round(wanted));
  });

  test("is refused by name where there is no source", () => {
    expect([...refused.keys()].sort()).toEqual([...REFUSED].sort());
    for (const error of refused.values()) expect(error).toBeInstanceOf(ParamError);
    expect(String(refused.get("UMAP"))).toContain("UMAP cannot be exported to TypeScript");
  });
});

// Internal

function estimatorCases(): Case[] {
  const plain = componentNames("estimator").map((type) => [type, PARAMS[type] ?? {}] as const);
  return [...plain, ...VARIANTS].flatMap(([type, params], i) =>
    samplesFor(type, { all: i < plain.length }).map((sample, k) => ({
      name: `${type}${i}${k === 0 ? "" : "Two"}`,
      type,
      sample,
      steps: recommendSteps(tableSchema(sample.table), type),
      estimator: { type, params },
    })),
  );
}

/** The transformer between steps that make a matrix of its output; dates and texts stand beside the penguins. */
function transformerCase(type: string): Case {
  const whole = classData("penguins", "species").whole;
  const fill = FILLING.includes(type) ? [] : [{ type: "SimpleImputer" }];
  const own = { type, ...(STEP_PARAMS[type] && { params: STEP_PARAMS[type] }) };
  return {
    name: type,
    type,
    sample: { ...whole, table: /Vectorizer/.test(type) ? withText(whole.table) : withDates(whole.table) },
    steps: [...fill, own, { type: "DateParts" }, { type: "SimpleImputer" }, { type: "OneHotEncoder" }],
    estimator: { type: "GaussianNB", params: {} },
  };
}

function withDates({ rows, columns }: Table): Table {
  const values = Float64Array.from({ length: rows }, (_, row) => Date.UTC(1990 + (row % 30), row % 12, row % 28));
  return { rows, columns: [...columns, { kind: "date", name: "seen", values }] };
}

function withText({ rows, columns }: Table): Table {
  const values = Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? "a good note" : "another note"));
  return { rows, columns: [...columns, { kind: "text", name: "note", values }] };
}

function isAnswer(outcome: unknown): boolean {
  return typeof outcome === "number" || !("error" in (outcome as object));
}

/** Numbers to 12 digits. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? part.toPrecision(12) : part));
}
