// What the browser test runs in Node and in a page: fits, predictions and a model file, as plain data.
import {
  type ClassTarget,
  createRuntime,
  fitPipeline,
  GradientBoostingClassifier,
  LinearRegression,
  loadModel,
  type NumberTarget,
  type Prediction,
  saveModel,
  type Table,
} from "@massif/learn";

export interface Found {
  readonly line: readonly number[];
  readonly booster: readonly number[];
  readonly pipeline: readonly number[];
  readonly loaded: readonly number[];
  readonly sha256: string;
  readonly threads: number;
}

/** Fits three models to rows made by arithmetic alone, and says what they answer. */
export async function learn(): Promise<Found> {
  const runtime = createRuntime(typeof document === "undefined" ? { threads: 1 } : {});
  const context = { runtime, seed: 7, report: async () => undefined };
  const { table, numbers, classes } = data();
  const line = await new LinearRegression().fit(numeric(table), numbers, context);
  const booster = await new GradientBoostingClassifier({ nEstimators: 20 }).fit(table, classes, context);
  const steps = [{ type: "SimpleImputer" }, { type: "OneHotEncoder" }, { type: "StandardScaler" }];
  const spec = { steps, estimator: { type: "LogisticRegression" } };
  const pipeline = await fitPipeline(spec, { table, target: classes }, context);
  const { bytes, sha256 } = await saveModel(pipeline, { dataHash: "none", seed: 7, metrics: {} });
  const { pipeline: loaded } = await loadModel(bytes, { sha256 });
  const found = {
    line: figures(line.predict(numeric(table))),
    booster: figures(booster.predict(table)),
    pipeline: figures(pipeline.predict(table)),
    loaded: figures(loaded.predict(table)),
    sha256,
    threads: runtime.threads,
  };
  runtime.close();
  return found;
}

// Internal

declare const document: unknown;

const ROWS = 600;

function figures(prediction: Prediction): number[] {
  if (prediction.kind === "cluster") throw new Error("nothing here finds clusters");
  return Array.from(prediction.kind === "class" ? prediction.probabilities : prediction.values);
}

/** Fractions that repeat late: the same in every engine, which their Math.sin need not be. */
function fractions(step: number): Float64Array {
  return Float64Array.from({ length: ROWS }, (_, row) => (row * step) % 1);
}

function data(): { readonly table: Table; readonly numbers: NumberTarget; readonly classes: ClassTarget } {
  const [a, b] = [fractions(0.618033), fractions(0.414213)];
  const codes = Int32Array.from({ length: ROWS }, (_, row) => row % 3);
  const values = a.map((value, row) => 3 * value - b[row] + codes[row]);
  return {
    table: {
      rows: ROWS,
      columns: [
        { kind: "number", name: "a", values: a.map((value, row) => (row % 29 === 0 ? Number.NaN : value)) },
        { kind: "number", name: "b", values: b },
        { kind: "category", name: "c", codes, categories: ["x", "y", "z"] },
      ],
    },
    numbers: { kind: "number", name: "y", values },
    classes: {
      kind: "class",
      name: "k",
      codes: Int32Array.from(values, (v) => (v > 2 ? 1 : 0)),
      classes: ["no", "yes"],
    },
  };
}

/** The columns that a linear model can take as they are. */
function numeric(table: Table): Table {
  return { rows: table.rows, columns: table.columns.filter(({ name }) => name === "b") };
}
