// Linear support vector machines, one class against the rest.
import type { Allocations } from "@massif/kernels";
import { CLASS_WEIGHT, classFactors, timesFactors } from "../base/class-weights.ts";
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
import { rowWeights } from "../base/row-weights.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readStrings, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { type DenseRows, packRows } from "../matrix/dense-rows.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { fittedColumns, numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { alikeRows, takeColumns } from "./alike-rows.ts";
import { DualDescent } from "./dual-descent.ts";
import { type HyperplaneSolver, scoreRows } from "./hyperplane.ts";
import { PrimalNewton } from "./primal-newton.ts";
import { calibrationRows, dealFolds, fitTemperature, toShares } from "./temperature.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Weight of the rows on the wrong side of the margin against the squared coefficients.",
    search: { min: 1e-3, max: 1e3, log: true },
  },
  loss: {
    type: "choice",
    choices: ["squaredHinge", "hinge"],
    default: "squaredHinge",
    doc: "What a row within the margin costs: its distance squared, or its distance.",
  },
  fitIntercept: {
    type: "boolean",
    default: true,
    doc: "Whether to learn an intercept, which is penalised as a coefficient is.",
  },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    exclusiveMin: true,
    doc: "Stops when the gradient has fallen to this share, or those of all rows lie within so much of one another.",
  },
  maxIterations: { type: "int", default: 1000, min: 1, doc: "Most passes over the rows." },
  classWeight: CLASS_WEIGHT,
  calibrationFolds: {
    type: "int",
    default: 3,
    min: 0,
    max: 100,
    doc: "Folds whose held-out scores set the scale of the probabilities; below 2 the training rows do, too surely.",
  },
} as const satisfies ParamTable;

interface Margins {
  readonly schema: readonly ColumnSchema[];
  readonly classes: readonly string[];
  /** One row of weights per score, row-major: one score for two classes, that of the second. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  /** Factor on the scores before the softmax. */
  readonly factor: number;
  readonly converged: boolean;
}

/** Separates classes by hyperplanes with the widest margin; scale the columns. */
export class LinearSVC extends Estimator<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LinearSVC",
    doc: "Linear support vector machine: separates each class from the rest with the widest margin.",
    source:
      "Hsieh et al. 2008 (dual coordinate descent); for the squared hinge of many rows Keerthi & DeCoste 2005 (Newton); " +
      "probabilities by temperature scaling (Guo et al. 2017)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    weights: "exact",
  };
  #model: Margins | undefined;

  /** One row of weights per score, row-major: one score for two classes. Throws NotFittedError. */
  get coefficients(): Float64Array {
    return this.#fitted.coefficients;
  }

  /** One per score. Throws NotFittedError. */
  get intercepts(): Float64Array {
    return this.#fitted.intercepts;
  }

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const known = classTarget(target, table.rows, this.spec.name);
    const { classes } = known;
    const all = numericColumns(table, this.spec.name);
    const { rows, weights: counts } = alikeRows([...all, known.codes], rowWeights(context, table.rows, this.spec));
    const columns = takeColumns(all, rows);
    const codes = rows.length === table.rows ? known.codes : Int32Array.from(rows, (row) => known.codes[row]);
    await context.runtime.scope(async (memory) => {
      const x = packRows(context.runtime, memory, {
        columns,
        rows: rows.length,
        intercept: this.params.fitIntercept,
        refuse: () => refuseNonFinite(table, this.spec.name),
      });
      const { weights, factor, converged } = await this.#learn({
        x,
        counts,
        limits: timesFactors(counts, codes, classFactors(this, { codes, classes }, counts)) ?? counts,
        codes,
        classes: classes.length,
        memory,
        context,
      });
      const outputs = weights.length / x.stride;
      const coefficients = new Float64Array(outputs * columns.length);
      for (let k = 0; k < outputs; k++) {
        coefficients.set(weights.subarray(k * x.stride, k * x.stride + columns.length), k * columns.length);
      }
      const intercepts = Float64Array.from({ length: outputs }, (_, k) =>
        x.intercept < 0 ? 0 : weights[k * x.stride + x.intercept],
      );
      this.#model = { schema: tableSchema(table), classes, coefficients, intercepts, factor, converged };
    });
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, classes } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const probabilities = new Float64Array(table.rows * classes.length);
    const row = new Float64Array(columns.length);
    const out = new Float64Array(classes.length);
    const predict = this.#compile();
    for (let i = 0; i < table.rows; i++) {
      for (let j = 0; j < row.length; j++) row[j] = columns[j][i];
      predict(row, out);
      probabilities.set(out, i * classes.length);
    }
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    const predict = this.#compile();
    const scores = new Float64Array(this.#fitted.classes.length);
    return (frame, out) => {
      for (let j = 0; j < row.length; j++) row[j] = frame[slots[j]];
      predict(row, scores);
      for (let k = 0; k < scores.length; k++) out[k] = scores[k];
    };
  }

  getState(): FittedState {
    const { schema, classes, coefficients, intercepts, factor, converged } = this.#fitted;
    return {
      tensors: {
        coefficients: tensor(coefficients, [intercepts.length, schema.length]),
        intercepts: tensor(intercepts),
      },
      meta: { columns: schemaToJson(schema), classes, factor, converged },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const classes = readStrings(state, "classes", owner);
    const factor = readMeta(state, "factor", owner);
    const converged = readMeta(state, "converged", owner);
    if (typeof factor !== "number" || typeof converged !== "boolean") {
      throw new ShapeError(`"factor" and "converged" in the state of ${owner} must be a number and a boolean`);
    }
    const outputs = classes.length === 2 ? 1 : classes.length;
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    const coefficients = read("coefficients", outputs * schema.length);
    this.#model = { schema, classes, coefficients, intercepts: read("intercepts", outputs), factor, converged };
  }

  // Internal

  get #fitted(): Margins {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  #compile(): (row: Float64Array, out: Float64Array) => void {
    const { coefficients, intercepts, factor } = this.#fitted;
    return (row, out) => {
      out[0] = 0;
      const first = out.length - intercepts.length;
      for (let k = 0; k < intercepts.length; k++) {
        let sum = intercepts[k];
        for (let j = 0; j < row.length; j++) sum += coefficients[k * row.length + j] * row[j];
        out[first + k] = sum;
      }
      toShares(out, factor);
    };
  }

  /** The hinge has no curvature, and with fewer rows than columns the dual has fewer unknowns. */
  #solver({ x, limits, memory, context }: Learning): HyperplaneSolver {
    const isPrimal = this.params.loss === "squaredHinge" && x.rows >= x.columns;
    const options = { x, counts: limits, ...this.params, seed: context.seed };
    return isPrimal
      ? new PrimalNewton(context.runtime, memory, options)
      : new DualDescent(context.runtime, memory, options);
  }

  /** The weights of each score from all rows, and the factor from rows held out in turn. */
  async #learn(task: Learning) {
    const { x, counts, codes, classes, context } = task;
    const { calibrationFolds } = this.params;
    const outputs = classes === 2 ? 1 : classes;
    const folds = calibrationFolds < 2 || codes.length < 2 * calibrationFolds ? 0 : calibrationFolds;
    const { runtime } = context;
    const solver = this.#solver(task);
    const fold = folds > 0 ? dealFolds(codes, folds, context.seed) : new Uint8Array(0);
    const everyRow = new Int32Array(codes.length);
    for (let row = 0; row < everyRow.length; row++) everyRow[row] = row;
    const asked = calibrationRows(codes.length);
    const scores = new Float64Array(asked.length * classes);
    const total = outputs * (folds + 1);
    let [step, converged] = [0, true];
    const separate = async (rows: Int32Array, k: number) => {
      const found = solver.run(rows, (row) => (codes[row] === (outputs === 1 ? 1 : k) ? 1 : -1));
      await context.report({ step: ++step, total, unit: "hyperplane" });
      return found;
    };
    for (let k = 0; k < outputs; k++) {
      const place = classes - outputs + k;
      for (let f = 0; f < folds; f++) {
        const { weights } = await separate(
          everyRow.filter((row) => fold[row] !== f),
          k,
        );
        scoreRows({ runtime, x, weights }, asked, (i, row, score) => {
          if (fold[row] === f) scores[i * classes + place] = score;
        });
      }
    }
    const weights = new Float64Array(outputs * x.stride);
    for (let k = 0; k < outputs; k++) {
      const found = await separate(everyRow, k);
      converged &&= found.converged;
      weights.set(found.weights, k * x.stride);
      if (folds > 0) continue;
      scoreRows({ runtime, x, weights: found.weights }, asked, (i, _, score) => {
        scores[i * classes + classes - outputs + k] = score;
      });
    }
    const own = Int32Array.from(asked, (row) => codes[row]);
    const weighed = Float64Array.from(asked, (row) => counts[row]);
    return { weights, converged, factor: fitTemperature({ scores, codes: own, classes, weights: weighed }) };
  }
}

// Internal

interface Learning {
  readonly x: DenseRows;
  /** How much each row counts. */
  readonly counts: Float64Array;
  /** How much it costs within the margin: that, as often as its class says. */
  readonly limits: Float64Array;
  readonly codes: Int32Array;
  readonly classes: number;
  readonly memory: Allocations;
  readonly context: FitContext;
}
