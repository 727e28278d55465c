// What single trees, forests and boosters have in common once they are fitted: codes, trees, and how the sum of their leaf
// values becomes a prediction. How the trees were grown is not known here.
import { defaultRuntime } from "@massif/kernels";
import { Estimator, type FittedState, type RowPredict, type Slot } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { alignTable } from "../base/schema.ts";
import { readMeta, readStrings, readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table } from "../base/table.ts";
import { Binning } from "./binning.ts";
import { addTrees, compileTrees } from "./predict-trees.ts";
import { type TreeSet, treesFromState, treesToState } from "./tree-set.ts";

/**
 * From sums to predictions. `mean`: the mean over trees is the number, or the probability of the second of two classes, or
 * one probability per class. `sum`: the sum is the number, or the log-odds of the second class, or one score per class.
 * `exponential`: the number is e to the sum.
 */
export type Combination = "mean" | "sum" | "exponential";

export interface TreeModel {
  readonly binning: Binning;
  readonly trees: TreeSet;
  readonly combination: Combination;
  /** Where the sums start: one number per output. */
  readonly base: Float64Array;
  /** The classes of a classifier; null for numbers. */
  readonly classes: readonly string[] | null;
  /** A forest's quality on the rows that its trees left out, by metric; absent when it was not asked for. */
  readonly outOfBag?: Readonly<Record<string, number>>;
}

/** Numbers that the trees give per row: one, or one per class when there are more than two. */
export function outputCount(classes: readonly string[] | null): number {
  return classes === null || classes.length <= 2 ? 1 : classes.length;
}

/** An estimator whose learned state is a TreeModel; subclasses grow it. */
export abstract class TreeEstimator<T extends ParamTable> extends Estimator<T> {
  #model: TreeModel | undefined;

  protected get model(): TreeModel {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  protected set model(model: TreeModel) {
    this.#model = model;
  }

  /** The fitted trees, for explanations and exports. Throws NotFittedError. */
  get fitted(): TreeModel {
    return this.model;
  }

  /**
   * Share of each column in what the splits gained (mean decrease in impurity), in the order of the columns; all 0 when
   * nothing was split. Undefined for a model that was stored without it. Throws NotFittedError.
   */
  get featureImportances(): Float64Array | undefined {
    const gains = this.model.trees.traces?.gains;
    const total = gains?.reduce((sum, gain) => sum + gain, 0) ?? 0;
    return gains?.map((gain) => (total > 0 ? gain / total : 0));
  }

  predict(table: Table): Prediction {
    const { binning, trees, base } = this.model;
    const aligned = alignTable(binning.schema, table, this.spec.name);
    const outputs = base.length;
    const sums = new Float64Array(table.rows * outputs);
    for (let i = 0; i < sums.length; i++) sums[i] = base[i % outputs];
    addTrees(defaultRuntime(), { binning, trees, outputs }, aligned, sums);
    return finishRows(this.model, sums, table.rows);
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const { binning, trees, base } = this.model;
    const walk = compileTrees({ binning, trees, outputs: base.length }, inputs);
    const finish = finisher(this.model);
    const sums = new Float64Array(base.length);
    return (frame, out) => {
      for (let k = 0; k < sums.length; k++) sums[k] = base[k];
      walk(frame, sums);
      finish(sums, out);
    };
  }

  getState(): FittedState {
    const { binning, trees, combination, base, classes, outOfBag } = this.model;
    const codes = binning.toState();
    return {
      tensors: { ...codes.tensors, ...treesToState(trees), base: tensor(base) },
      meta: {
        ...codes.meta,
        combination,
        classes,
        traced: trees.traces !== null,
        ...(outOfBag === undefined ? {} : { outOfBag }),
      },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const binning = Binning.fromState(state, owner);
    const combination = readMeta(state, "combination", owner);
    const classes = this.spec.task === "regression" ? null : readStrings(state, "classes", owner);
    if (combination !== "mean" && combination !== "sum" && (combination !== "exponential" || classes !== null)) {
      const wanted = `"mean", "sum"${classes === null ? ' or "exponential"' : ""}`;
      throw new ShapeError(`"combination" in the state of ${owner} must be one of ${wanted}`);
    }
    if (classes?.length === 0) throw new ShapeError(`the state of ${owner} has no classes`);
    const outputs = outputCount(classes);
    const base = readTensor(state, "base", { owner, type: Float64Array, length: outputs });
    const codeCounts = Uint32Array.from(binning.features, (_, f) => binning.codeCount(f));
    const traced = Object.hasOwn(state.meta, "traced") && state.meta.traced === true;
    const width = combination === "mean" ? outputs : 1;
    const trees = treesFromState(state, { width, codeCounts, traced }, owner);
    const outOfBag = readOutOfBag(state, owner);
    this.#model = { binning, trees, combination, base, classes, ...(outOfBag === undefined ? {} : { outOfBag }) };
  }
}

// Internal

function readOutOfBag({ meta }: FittedState, owner: string): Readonly<Record<string, number>> | undefined {
  if (!Object.hasOwn(meta, "outOfBag")) return undefined;
  const { outOfBag } = meta;
  if (typeof outOfBag === "object" && outOfBag !== null && !Array.isArray(outOfBag)) {
    const entries = Object.entries(outOfBag);
    if (entries.every(([, value]) => typeof value === "number")) return outOfBag as Readonly<Record<string, number>>;
  }
  throw new ShapeError(`"outOfBag" in the state of ${owner} must be numbers by metric`);
}

/** From the sums of many rows to their predictions, row by row as in serving. */
function finishRows(model: TreeModel, sums: Float64Array, rows: number): Prediction {
  const { classes, base } = model;
  const finish = finisher(model);
  const width = classes?.length ?? 1;
  const rowSums = new Float64Array(base.length);
  const rowOut = new Float64Array(width);
  const out = new Float64Array(rows * width);
  const codes = new Int32Array(classes === null ? 0 : rows);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < rowSums.length; k++) rowSums[k] = sums[row * rowSums.length + k];
    finish(rowSums, rowOut);
    for (let k = 0; k < width; k++) out[row * width + k] = rowOut[k];
    if (classes !== null) codes[row] = largest(rowOut);
  }
  return classes === null ? { kind: "number", values: out } : { kind: "class", classes, codes, probabilities: out };
}

/** From a row's sums to its prediction. */
function finisher(model: TreeModel): (sums: Float64Array, out: Float64Array) => void {
  const { classes, combination, base, trees } = model;
  const treeCount = trees.nodeOffsets.length - 1;
  const mean = combination === "mean";
  if (combination === "exponential") {
    return (sums, out) => {
      out[0] = Math.exp(sums[0]);
    };
  }
  if (classes === null) {
    return (sums, out) => {
      out[0] = mean ? sums[0] / treeCount : sums[0];
    };
  }
  if (classes.length === 1) {
    return (_, out) => {
      out[0] = 1;
    };
  }
  if (base.length === 1) {
    return (sums, out) => {
      const second = mean ? sums[0] / treeCount : 1 / (1 + Math.exp(-sums[0]));
      out[0] = mean ? 1 - second : 1 / (1 + Math.exp(sums[0]));
      out[1] = second;
    };
  }
  if (!mean) return softmax;
  return (sums, out) => {
    for (let k = 0; k < sums.length; k++) out[k] = sums[k] / treeCount;
  };
}

function softmax(scores: Float64Array, out: Float64Array): void {
  let top = scores[0];
  for (let k = 1; k < scores.length; k++) top = Math.max(top, scores[k]);
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    out[k] = Math.exp(scores[k] - top);
    sum += out[k];
  }
  for (let k = 0; k < scores.length; k++) out[k] /= sum;
}

function largest(shares: Float64Array): number {
  let best = 0;
  for (let k = 1; k < shares.length; k++) if (shares[k] > shares[best]) best = k;
  return best;
}
