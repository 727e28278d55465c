// Support vector machines with the RBF kernel, one class against one.
import {
  Estimator,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readStrings, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { fittedColumns, numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { compileScores, learnPairs, type PairMachines, type PairTask } from "./pair-machines.ts";
import { rbfScores } from "./rbf-scores.ts";
import { dealFolds, fitTemperature, toShares } from "./temperature.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Most weight of a single row; larger values bend the border around more rows.",
    search: { min: 1e-2, max: 1e3, log: true },
  },
  gamma: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    exclusiveMin: true,
    doc: "Rows at distance r are similar by e^(-gamma r²); null: 1 / (columns × variance of all values).",
    search: { min: 1e-4, max: 10, log: true },
  },
  tolerance: {
    type: "float",
    default: 1e-3,
    min: 0,
    exclusiveMin: true,
    doc: "Largest violation of optimality that is left.",
  },
  maxIterations: { type: "int", default: 10_000_000, min: 1, doc: "Most steps for each pair of classes." },
  cacheMegabytes: { type: "int", default: 200, min: 1, max: 3000, doc: "Memory for rows of the kernel's matrix." },
  calibrationFolds: {
    type: "int",
    default: 3,
    min: 0,
    max: 100,
    doc: "Folds whose held-out scores set the scale of the probabilities; below 2 the training rows do, too surely.",
  },
} as const satisfies ParamTable;

/** One number is fitted to the scores of so many rows at most: scoring a row takes as long as all its support vectors. */
const CALIBRATION_ROWS = 2000;

interface Fitted extends PairMachines {
  readonly schema: readonly ColumnSchema[];
  readonly classes: readonly string[];
  /** Factor on the scores before the softmax. */
  readonly factor: number;
}

/** Separates classes by their similarity to support vectors; time grows with the square of the rows. Scale the columns. */
export class SVC extends Estimator<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "SVC",
    doc: "Support vector machine with the RBF kernel; for up to some ten thousand rows.",
    source:
      "Fan, Chen & Lin 2005 (LIBSVM's SMO), one against one; probabilities by temperature scaling (Guo et al. 2017)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
  };
  #model: Fitted | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const columns = numericColumns(table, this.spec.name);
    const { calibrationFolds, cacheMegabytes } = this.params;
    const folds = calibrationFolds < 2 || codes.length < 2 * calibrationFolds ? 0 : calibrationFolds;
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const gamma = this.params.gamma ?? scaleGamma(columns);
    const task: Omit<PairTask, "rows"> = {
      ...this.params,
      columns,
      codes,
      classes: classes.length,
      gamma,
      cacheBytes: cacheMegabytes * 2 ** 20,
      refuse,
    };
    const steps = { done: 0, total: (folds + 1) * ((classes.length * (classes.length - 1)) / 2) };
    const learn = (rows: Int32Array) =>
      learnPairs({ ...task, rows }, context.runtime, () =>
        context.report({ step: ++steps.done, total: steps.total, unit: "pair" }),
      );
    const everyRow = Int32Array.from(codes, (_, row) => row);
    const fold = dealFolds(codes, Math.max(1, folds), context.seed);
    const asked = new Random(context.seed).shuffle(everyRow.slice()).subarray(0, CALIBRATION_ROWS);
    const parts: { rows: Int32Array; scores: Float64Array }[] = [];
    const score = (machines: PairMachines, rows: Int32Array) =>
      parts.push({ rows, scores: rbfScores(context.runtime, machines, { columns, rows }) });
    for (let f = 0; f < folds; f++) {
      const machines = await learn(everyRow.filter((row) => fold[row] !== f));
      score(
        machines,
        asked.filter((row) => fold[row] === f),
      );
    }
    const machines = await learn(everyRow);
    if (folds === 0) score(machines, asked);
    const factor = fitTemperature({
      scores: Float64Array.from(parts.flatMap(({ scores }) => [...scores])),
      codes: Int32Array.from(
        parts.flatMap(({ rows }) => [...rows]),
        (row) => codes[row],
      ),
      classes: classes.length,
    });
    this.#model = { ...machines, schema: tableSchema(table), classes, factor };
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, classes, factor } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const probabilities = new Float64Array(table.rows * classes.length);
    const row = new Float64Array(columns.length);
    const out = new Float64Array(classes.length);
    const score = compileScores(this.#fitted);
    for (let i = 0; i < table.rows; i++) {
      for (let j = 0; j < row.length; j++) row[j] = columns[j][i];
      score(row, out);
      toShares(out, factor);
      probabilities.set(out, i * classes.length);
    }
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const { classes, factor } = this.#fitted;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    const scores = new Float64Array(classes.length);
    const score = compileScores(this.#fitted);
    return (frame, out) => {
      for (let j = 0; j < row.length; j++) row[j] = frame[slots[j]];
      score(row, scores);
      toShares(scores, factor);
      for (let k = 0; k < scores.length; k++) out[k] = scores[k];
    };
  }

  getState(): FittedState {
    const { schema, classes, vectors, betas, biases, gamma, factor, converged } = this.#fitted;
    const count = vectors.length / schema.length;
    return {
      tensors: {
        vectors: tensor(vectors, [count, schema.length]),
        betas: tensor(betas, [biases.length, count]),
        biases: tensor(biases),
      },
      meta: { columns: schemaToJson(schema), classes, gamma, factor, converged, count },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const classes = readStrings(state, "classes", owner);
    const [gamma, factor, count] = ["gamma", "factor", "count"].map((name) => Number(readMeta(state, name, owner)));
    if (!Number.isInteger(count) || count < 0 || !Number.isFinite(gamma) || !Number.isFinite(factor)) {
      throw new ShapeError(`"count", "gamma" and "factor" in the state of ${owner} must be numbers`);
    }
    const pairs = (classes.length * (classes.length - 1)) / 2;
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    this.#model = {
      schema,
      classes,
      gamma,
      factor,
      converged: readMeta(state, "converged", owner) === true,
      vectors: read("vectors", count * schema.length),
      betas: read("betas", pairs * count),
      biases: read("biases", pairs),
    };
  }

  get #fitted(): Fitted {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** 1 / (columns × variance of all values), as scikit-learn's `scale`; 1 for values that do not vary. */
function scaleGamma(columns: readonly Float64Array[]): number {
  let [count, sum] = [0, 0];
  for (const values of columns) {
    count += values.length;
    for (let i = 0; i < values.length; i++) sum += values[i];
  }
  const mean = sum / count;
  let squares = 0;
  for (const values of columns) for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return squares > 0 ? count / (columns.length * squares) : 1;
}
