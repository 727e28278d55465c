// Every transformer of the catalogue, exported and run by ONNX Runtime: it gives the same numbers and the same gaps, or is
// refused by name and stands in the list here.
import { createRuntime } from "@massif/kernels";
import * as ort from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import type { Json, Transformer } from "../../src/base/component.ts";
import { ParamError } from "../../src/base/errors.ts";
import type { Column, NumberColumn, Table } from "../../src/base/table.ts";
import { componentNames, createTransformer } from "../../src/catalogue.ts";
import { exportStep } from "../../src/onnx/export-steps.ts";
import { OnnxGraph } from "../../src/onnx/graph.ts";
import { classData, regressionData } from "../mixed-data.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

/** What a row alone does not give by operators: iterations without a bound, texts and dates. */
const REFUSED: readonly string[] = [
  "NMF",
  "UMAP",
  "DateParts",
  "CountVectorizer",
  "TfidfVectorizer",
  "HashingVectorizer",
];

const VARIANTS: readonly (readonly [type: string, params: Readonly<Record<string, Json>>])[] = [
  ...componentNames("transformer")
    .filter((type) => !REFUSED.includes(type))
    .map((type) => [type, {}] as const),
  ["SimpleImputer", { numbers: "mean", indicator: true }],
  ["OneHotEncoder", { drop: "first", missing: "column" }],
  ["MinMaxScaler", { min: -1, max: 2, clip: true }],
  ["PCA", { whiten: true, components: 2 }],
  ["KBinsDiscretizer", { encode: "ordinal", strategy: "uniform" }],
  ["PolynomialFeatures", { degree: 3, includeBias: true }],
  ["PolynomialFeatures", { interactionOnly: true }],
  ["PowerTransformer", { method: "boxCox" }],
  ["QuantileTransformer", { output: "normal", quantiles: 50 }],
  ["Normalizer", { norm: "l1" }],
  ["Normalizer", { norm: "max" }],
  ["SplineTransformer", { degree: 1, knots: 9 }],
  ["SplineTransformer", { degree: 2, includeBias: false }],
  ["KNNImputer", { weights: "distance", neighbors: 3 }],
  ["MissingIndicator", { keep: false }],
  ["FeatureHasher", { features: 8, signed: false }],
];

describe.each(VARIANTS)("%s with %j", { timeout: 60_000 }, (type, params) => {
  test("gives in ONNX Runtime what it gives here, beyond the values of its fit too", async () => {
    let compared = 0;
    for (const { table, target } of samples(createTransformer(type, params))) {
      const transformer = await createTransformer(type, params).fit(table, target, context);
      for (const asked of [table, beyond(table)]) {
        const wanted = transformer.transform(asked).columns;
        const found = await run(transformer, asked);
        expect(found).toHaveLength(wanted.length);
        wanted.forEach((column, j) => {
          expect(largestDifference(found[j], numbersOf(column)), column.name).toBeLessThan(1e-9);
        });
        compared += wanted.length;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
});

test.each(REFUSED)("%s is refused by name", async (type) => {
  const texts: Column = { kind: "text", name: "note", values: ["one two", "two three", "three one", "two two"] };
  const dates: Column = { kind: "date", name: "day", values: Float64Array.from([0, 1e9, 2e9, 3e9]) };
  const numbers = Array.from({ length: 3 }, (_, j): Column => {
    return { kind: "number", name: `x${j}`, values: Float64Array.from([1, 4, 2, 7], (value) => value + j) };
  });
  const transformer = createTransformer(type, {});
  const columns = [texts, dates, ...numbers].filter(({ kind }) => transformer.spec.accepts.includes(kind));
  const table = { rows: 4, columns };
  await transformer.fit(table, undefined, context);
  const inputs = columns.map(({ name }) => ({ kind: "number", name, value: name }) as const);
  expect(() => exportStep(new OnnxGraph("refused"), transformer, inputs)).toThrow(ParamError);
  expect(() => exportStep(new OnnxGraph("refused"), transformer, inputs)).toThrow(
    `${type} cannot be exported to ONNX; train without this step`,
  );
});

// Internal

const prices = regressionData("diamonds", "price", 300).whole;
const species = classData("penguins", "species").whole;

/** Real columns of the kinds that it takes, with gaps where the data has them; those with gaps only where it may. */
function samples({ spec }: Transformer) {
  const kept = (table: Table): Table => ({
    rows: table.rows,
    columns: table.columns.filter((column) => spec.accepts.includes(column.kind) && mayTake(spec.name, column)),
  });
  return [prices, species].map(({ table, target }) => ({ table: kept(table), target }));
}

/** Values far outside those given, on both sides, and none at all; of categories each second one is missing. */
function beyond({ rows, columns }: Table): Table {
  const moved = (value: number, row: number) => [value * 3, -value, value - 1000, 0][row % 4];
  return {
    rows,
    columns: columns.map((column) => {
      if (column.kind === "number") return { ...column, values: column.values.map(moved) };
      if (column.kind !== "category") return column;
      return { ...column, codes: column.codes.map((code, row) => (row % 2 === 0 ? -1 : code)) };
    }),
  };
}

/** Selectors and hashers of targets that are classes see no gaps; NaN is no count. */
function mayTake(name: string, column: Column): boolean {
  if (column.kind !== "number") return true;
  if (name === "PowerTransformer" && column.values.some((value) => value <= 0)) return false;
  const needsAll = /Select|Elimination|Variance/.test(name);
  return !needsAll || !column.values.some(Number.isNaN);
}

/** The outputs of an exported transformer over the table's columns; a category goes in as its code. */
async function run(transformer: Transformer, table: Table): Promise<Float64Array[]> {
  const graph = new OnnxGraph(transformer.spec.name);
  const inputs = table.columns.map((column, j) => {
    const schema =
      column.kind === "category"
        ? ({ name: column.name, kind: "category", categories: column.categories } as const)
        : ({ name: column.name, kind: "number" } as const);
    return { ...schema, value: graph.input(`in ${j}`, "double", ["n", 1]) };
  });
  const outputs = exportStep(graph, transformer, inputs);
  // A flag of gaps where there are none.
  if (outputs.length === 0) return [];
  for (const [j, { value }] of outputs.entries()) {
    graph.node("Identity", [value], { names: [`out ${j}`] });
    graph.output(`out ${j}`, "double", ["n", 1]);
  }
  const session = await ort.InferenceSession.create(graph.finish());
  const feeds = table.columns.map((column, j) => {
    return [`in ${j}`, new ort.Tensor("float64", numbersOf(column), [table.rows, 1])] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return outputs.map((_, j) => results[`out ${j}`].data as Float64Array);
}

/** A category is its code, a gap NaN. */
function numbersOf(column: Column): Float64Array {
  if (column.kind === "category") return Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : code));
  return (column as NumberColumn).values;
}

/** Beside 1 or the value's own size; two gaps are alike, one alone is not. */
function largestDifference(found: Float64Array, wanted: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (Number.isNaN(found[i]) && Number.isNaN(wanted[i])) continue;
    const difference = Math.abs(found[i] - wanted[i]) / (1 + Math.abs(wanted[i]));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return found.length === wanted.length ? largest : Infinity;
}
