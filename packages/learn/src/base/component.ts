// The contract of everything that learns. The constructor only stores parameters; `fit` validates, ignores earlier fits
// and returns this; what was learned is separate (`state`) and serialisable; predicting never changes it.
import type { KernelRuntime } from "@massif/kernels";
import type { Checkpoint } from "./checkpoint.ts";
import type { Communicator } from "./communicator.ts";
import { NotFittedError } from "./errors.ts";
import { type ParamsOf, type ParamTable, type ParamValues, validateParams, withDefaults } from "./params.ts";
import type { RowParts } from "./row-parts.ts";
import type { ColumnKind, ColumnSchema, Prediction, Table, Target } from "./table.ts";

/** Every task; the first two learn to predict a target, the others learn from the columns alone. */
export const TASKS = ["regression", "classification", "clustering", "outliers"] as const;
/** What an estimator predicts: numbers, classes, or without a target the clusters of rows and how unusual a row is. */
export type Task = (typeof TASKS)[number];

/** Whether estimators of `task` learn to predict a target. */
export function hasTarget(task: Task): task is "regression" | "classification" {
  return task === "regression" || task === "classification";
}

/** The arrays that a state may hold and a model file can store. */
export type TensorData = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** Numbers with a shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What JSON can express. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What was learned: named tensors and JSON. Loading it runs no code. */
export interface FittedState {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly meta: Readonly<Record<string, Json>>;
}

/** How far a fit is. */
export interface Progress {
  /** Epochs, trees or folds done, and to do. */
  readonly step: number;
  readonly total: number;
  /** What a step is: "epoch", "tree", "iteration". */
  readonly unit: string;
  readonly loss?: number;
  readonly validationLoss?: number;
}

/** What a fit is given besides data: where to compute, the seed, and whom to tell. */
export interface FitContext {
  readonly runtime: KernelRuntime;
  /** Source of all randomness; the same seed, data and version give the same bits. */
  readonly seed: number;
  /** Awaited after every step, so that a host can show, store or stop; rejects to stop the fit. */
  report(progress: Progress): Promise<void>;
  /**
   * Rows to watch, from which nothing is learned: estimators that learn in steps tell their loss on these as
   * `validationLoss`, unless they hold out rows themselves.
   */
  readonly watched?: { readonly table: Table; readonly target: Target };
  /**
   * How much each row counts: as many as there are rows, none negative, not all zero. Absent: all alike. Only for
   * estimators that say `weights`; transformers never see them.
   */
  readonly weights?: Float64Array;
  /** The processes that fit this model together; absent: this one alone. */
  readonly communicator?: Communicator;
  /** Where the fit leaves what it needs to go on after its process died; absent: nowhere. */
  readonly checkpoint?: Checkpoint;
}

/** What a fit of a part of the rows is given: where the part stands among all that there are. */
export interface PartialContext extends FitContext {
  /** Passes over the rows, counted from 0, and how many there will be. */
  readonly pass: number;
  readonly passes: number;
  /** These rows are the last of their pass. */
  readonly endsPass: boolean;
  /** Share that the rows of a pass have in all rows the model learned from; 1: it learns from no others. */
  readonly share: number;
}

/** What a component says about itself, as data. */
export interface ComponentSpec<T extends ParamTable = ParamTable> {
  /** The class's name, as pipelines spell it. */
  readonly name: string;
  /** One sentence: what it is. */
  readonly doc: string;
  /** Paper or reference of the algorithm. */
  readonly source: string;
  readonly params: T;
}

/**
 * `table`: numbers, categories and missing values as they are. `matrix`: finite numbers only. `counts`: finite numbers
 * that are not negative.
 */
export type EstimatorInput = "table" | "matrix" | "counts";

/** What an estimator says about itself. */
export interface EstimatorSpec<T extends ParamTable = ParamTable> extends ComponentSpec<T> {
  readonly task: Task;
  /** What columns it takes. */
  readonly input: EstimatorInput;
  /** Whether several processes can fit it together, each on its own rows; absent: one process fits it. */
  readonly onRanks?: boolean;
  /**
   * Whether rows may have weights. `exact`: a row of weight 2 counts as two such rows, but for rounding; `drawn`: the same
   * is meant, but rows are drawn at random, so that repeating them draws others. Absent: all rows count alike.
   */
  readonly weights?: "exact" | "drawn";
  /** What numbers it takes as a target; absent: any. */
  readonly targets?: "nonnegative" | "positive";
}

/** What a transformer says about itself. */
export interface TransformerSpec<T extends ParamTable = ParamTable> extends ComponentSpec<T> {
  /** Kinds of columns it takes; a step that names no columns gets all columns of these kinds. */
  readonly accepts: readonly ColumnKind[];
  /** True when it learns from the target; its `fit` throws ParamError without one. */
  readonly needsTarget?: boolean;
  /** What numbers it learns from; absent: any. */
  readonly values?: "nonnegative";
  /** True when `fitTransform` gives each training row what the others show of it, for which all rows are needed at once. */
  readonly crossFits?: boolean;
}

/**
 * A column of a row frame: where it is, and what it holds. In a frame a category is its code (missing or unknown is
 * NaN) and a date is milliseconds. A text column's slot counts in `texts`, not in the frame.
 */
export type Slot = ColumnSchema & { readonly slot: number };

/** Writes its output slots from its input slots; allocates nothing (a transformer of text excepted). */
export type RowTransform = (frame: Float64Array, texts: readonly (string | null)[]) => void;

/**
 * Writes one value (regression), one probability per class (classification), the distance to each cluster (clustering) or
 * the anomaly score (outliers) into `out`; allocates nothing.
 */
export type RowPredict = (frame: Float64Array, out: Float64Array) => void;

/** What transformers and estimators share: parameters as data, learned state apart from them. */
export abstract class Component<T extends ParamTable = ParamTable> {
  abstract readonly spec: ComponentSpec<T>;
  readonly #given: Partial<ParamsOf<T>>;
  #params: ParamsOf<T> | undefined;

  constructor(params: Partial<ParamsOf<T>> = {}) {
    this.#given = params;
  }

  /** All parameters, defaults included. */
  get params(): ParamsOf<T> {
    this.#params ??= withDefaults(this.spec.params, this.#given);
    return this.#params;
  }

  /** Throws ParamError when a parameter is impossible; every `fit` calls it first. */
  validate(): void {
    validateParams(this.spec.name, this.spec.params, this.params as ParamValues);
  }

  protected notFitted(): NotFittedError {
    return new NotFittedError(`${this.spec.name} is not fitted yet; call fit first`);
  }

  /** The learned state. Throws NotFittedError before `fit`. */
  abstract getState(): FittedState;
  /** Takes over a state that `getState` gave; throws ShapeError when it is not one. */
  abstract setState(state: FittedState): void;
}

/** Columns to columns, fitted on the training rows and applied identically in serving. */
export abstract class Transformer<T extends ParamTable = ParamTable> extends Component<T> {
  abstract override readonly spec: TransformerSpec<T>;
  /** Throws ParamError for impossible parameters and ShapeError for columns it cannot take. */
  abstract fit(table: Table, target: Target | undefined, context: FitContext): Promise<this>;
  /** Finds its columns by name, in any order; throws NotFittedError and ShapeError. Gives the output columns only. */
  abstract transform(table: Table): Table;
  /**
   * Fits as `fit` does, and gives the output columns of the training rows. Present where these are not those of
   * `transform`, because a row must not show its own target, or where they come cheaper with the fit.
   */
  fitTransform?(table: Table, target: Target | undefined, context: FitContext): Promise<Table>;
  /** Schemas of the columns that `transform` gives, in order. */
  abstract outputs(): readonly ColumnSchema[];
  /** The fitted column that each of `outputs()` is made of, by name; absent where an output is made of several. */
  sources?(): readonly string[];
  /** The transformation of one row: from the slots of the fitted columns to those of `outputs()`, each in order. */
  abstract compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform;
}

/** Columns to predictions. */
export abstract class Estimator<T extends ParamTable = ParamTable> extends Component<T> {
  abstract override readonly spec: EstimatorSpec<T>;
  /** Throws ParamError for impossible parameters or a target of the wrong kind, ShapeError for data it cannot take. */
  abstract fit(table: Table, target: Target | undefined, context: FitContext): Promise<this>;
  /** Throws NotFittedError, and ShapeError when the columns are not those given to `fit`. */
  abstract predict(table: Table): Prediction;
  /** `inputs` are the slots of the columns given to `fit`, in that order. */
  abstract compileRow(inputs: readonly Slot[]): RowPredict;
  /**
   * Goes on from what it learned, by these rows alone; absent where all rows are needed at once. Throws NotFittedError,
   * ShapeError for other columns, ParamError for classes that it does not know.
   */
  partialFit?(table: Table, target: Target, context: PartialContext): Promise<this>;
  /**
   * Forgets earlier fits and settles by a sample of the rows what `partialFit` needs. Absent where chunks in turn would
   * not come to what all rows at once do.
   */
  beginPartial?(sample: Table, target: Target, context: FitContext): Promise<this>;
  /**
   * Fits to rows that are read in parts, of each of which a short form is kept in memory: the same model as `fit` to all
   * of them, without weights or rows to watch. Absent where every row is needed as it is. Throws what `fit` throws.
   */
  fitParts?(rows: RowParts, context: Omit<FitContext, "weights" | "watched" | "communicator">): Promise<this>;
  /** How many passes over the rows `partialFit` wants. */
  passes?(): number;
}

/** Columns to clusters, learned without a target. */
export abstract class Clusterer<T extends ParamTable = ParamTable> extends Estimator<T> {
  /** How many clusters it found; throws NotFittedError before `fit`. */
  abstract get clusters(): number;
}

/**
 * Columns to anomaly scores, learned without a target: predictions are numbers, the higher the more unusual the row, and
 * shifted so that a row is an outlier when its score is above 0.
 */
export abstract class OutlierDetector<T extends ParamTable = ParamTable> extends Estimator<T> {}
