// Support vector machines, one class against one.
import { CLASS_WEIGHT, classFactors } from "../base/class-weights.ts";
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
import { rowWeights } from "../base/row-weights.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readStrings } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { fittedColumns, numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { alikeRows } from "./alike-rows.ts";
import { KERNEL_PARAMS, kernelFunction } from "./kernel-function.ts";
import { learnPairs, type PairMachines, type PairTask, scoresOfValues } from "./pair-machines.ts";
import { SOLVER_PARAMS } from "./solver-params.ts";
import { compileValues, packVectors, unpackVectors, valuesOfRows } from "./support-vectors.ts";
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
  ...KERNEL_PARAMS,
  ...SOLVER_PARAMS,
  classWeight: CLASS_WEIGHT,
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
    doc: "Support vector machine with the kernels rbf, linear, poly and sigmoid; for up to some ten thousand rows.",
    source:
      "Fan, Chen & Lin 2005 (LIBSVM's SMO) in blocks (Joachims 1999), one against one; probabilities by temperature " +
      "scaling (Guo et al. 2017)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    weights: "exact",
  };
  #model: Fitted | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const known = classTarget(target, table.rows, this.spec.name);
    const all = numericColumns(table, this.spec.name);
    const { rows, weights } = alikeRows([...all, known.codes], rowWeights(context, table.rows, this.spec));
    const columns = all.map((values) => Float64Array.from(rows, (row) => values[row]));
    const codes = Int32Array.from(rows, (row) => known.codes[row]);
    const classes = known.classes.length;
    const byClass = classFactors(this, { codes, classes: known.classes }, weights);
    const task: Omit<PairTask, "rows"> = {
      ...this.params,
      columns,
      codes,
      classes,
      kernel: kernelFunction(this.params, columns, weights),
      limits: weights.map((weight, i) => this.params.c * weight * (byClass?.[codes[i]] ?? 1)),
      refuse: () => refuseNonFinite(table, this.spec.name),
    };
    const { machines, factor } = await this.#learn(task, weights, context);
    const { own: _, ...rest } = machines;
    this.#model = { ...rest, schema: tableSchema(table), classes: known.classes, factor };
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, classes, factor, biases } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const values = valuesOfRows(this.#fitted, { columns, count: table.rows });
    const probabilities = new Float64Array(table.rows * classes.length);
    const write = scoresOfValues(biases.length);
    for (let i = 0; i < table.rows; i++) {
      const shares = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
      write(values.subarray(i * biases.length, (i + 1) * biases.length), shares);
      toShares(shares, factor);
    }
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const { classes, factor, biases } = this.#fitted;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    const values = new Float64Array(biases.length);
    const scores = new Float64Array(classes.length);
    const [fill, write] = [compileValues(this.#fitted), scoresOfValues(biases.length)];
    return (frame, out) => {
      for (let j = 0; j < row.length; j++) row[j] = frame[slots[j]];
      fill(row, values);
      write(values, scores);
      toShares(scores, factor);
      for (let k = 0; k < scores.length; k++) out[k] = scores[k];
    };
  }

  getState(): FittedState {
    const { schema, classes, factor, converged } = this.#fitted;
    const { tensors, meta } = packVectors(this.#fitted);
    return { tensors, meta: { ...meta, columns: schemaToJson(schema), classes, factor, converged } };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const classes = readStrings(state, "classes", owner);
    const factor = readMeta(state, "factor", owner);
    if (typeof factor !== "number" || !Number.isFinite(factor)) {
      throw new ShapeError(`"factor" in the state of ${owner} must be a number`);
    }
    const machines = (classes.length * (classes.length - 1)) / 2;
    const vectors = unpackVectors(state, owner, { features: schema.length, machines });
    this.#model = { ...vectors, schema, classes, factor, converged: readMeta(state, "converged", owner) === true };
  }

  // Internal

  get #fitted(): Fitted {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  /** The machines of all rows, and the factor from rows held out in turn. */
  async #learn(task: Omit<PairTask, "rows">, weights: Float64Array, { runtime, seed, report }: FitContext) {
    const { columns, codes, classes } = task;
    const { calibrationFolds } = this.params;
    const folds = calibrationFolds < 2 || codes.length < 2 * calibrationFolds ? 0 : calibrationFolds;
    const steps = { done: 0, total: (folds + 1) * ((classes * (classes - 1)) / 2) };
    const learn = (rows: Int32Array) =>
      learnPairs({ ...task, rows }, runtime, () => report({ step: ++steps.done, total: steps.total, unit: "pair" }));
    const everyRow = Int32Array.from(codes, (_, row) => row);
    const fold = dealFolds(codes, Math.max(1, folds), seed);
    const asked = new Random(seed).shuffle(everyRow.slice()).subarray(0, CALIBRATION_ROWS);
    const held = new Float64Array(asked.length * classes);
    const score = (machines: PairMachines, places: Int32Array) => {
      const rows = places.map((place) => asked[place]);
      const values = valuesOfRows(machines, { columns, count: codes.length, rows }, runtime);
      const pairs = machines.biases.length;
      const write = scoresOfValues(pairs);
      places.forEach((place, i) => {
        write(values.subarray(i * pairs, (i + 1) * pairs), held.subarray(place * classes, (place + 1) * classes));
      });
    };
    const places = Int32Array.from(asked.keys());
    for (let f = 0; f < folds; f++) {
      const machines = await learn(everyRow.filter((row) => fold[row] !== f));
      score(
        machines,
        places.filter((place) => fold[asked[place]] === f),
      );
    }
    const machines = await learn(everyRow);
    // A machine knows its values at its own rows.
    const { own } = machines;
    if (folds === 0 && own === undefined) score(machines, places);
    else if (folds === 0) for (const place of places) held[2 * place] = own?.[asked[place]] ?? 0;
    const factor = fitTemperature({
      scores: held,
      codes: asked.map((row) => codes[row]),
      classes,
      weights: Float64Array.from(asked, (row) => weights[row]),
    });
    return { machines, factor };
  }
}
