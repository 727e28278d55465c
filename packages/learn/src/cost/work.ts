// How much work a fit is, as a count of what its innermost loop does, and how much memory its data takes. The counts
// follow from the algorithms; what one of them costs on a machine is measured elsewhere. Not a bound: an estimate.
import type { Estimator } from "../base/component.ts";
import { constructComponent } from "../catalogue.ts";
import type { PipelineSpec } from "../compose/pipeline-spec.ts";

/** The data of a fit. */
export interface DataShape {
  /** Rows that train, and rows that the model is evaluated on. */
  readonly rows: number;
  readonly testRows: number;
  /** Columns read, the target included. */
  readonly columns: number;
  /** Columns that the estimator sees once the steps have run. */
  readonly features: number;
  /** Classes of the target; 0 for numbers. */
  readonly classes: number;
}

/** What fitting and evaluating once come to. */
export interface Work {
  /** Estimators of one family do the same inner loop, so that their measurements serve each other. */
  readonly family: string;
  /** Inner loops of the fit, if it runs all its steps. */
  readonly fit: number;
  /** Inner loops of predicting all rows of the evaluation. */
  readonly evaluate: number;
  /** It may stop before its last step when the loss no longer falls. */
  readonly stopsEarly: boolean;
  /** Bytes that the fit needs at its peak beyond those of an empty process. */
  readonly bytes: number;
}

/** The work of fitting `spec` to such data. */
export function workOf(spec: PipelineSpec, shape: DataShape): Work {
  const { type, params: given } = spec.estimator;
  const { params } = constructComponent(type, given) as Estimator;
  const values = params as Readonly<Record<string, unknown>>;
  const outputs = Math.max(1, shape.classes <= 2 ? 1 : shape.classes);
  const counts = (COUNTS[familyName(type)] ?? anyCounts)({ ...shape, outputs, values });
  const suffix = typeof values.method === "string" ? `/${values.method}` : "";
  return { stopsEarly: false, ...counts, family: `${type}${suffix}`, bytes: tableBytes(spec, shape) + counts.bytes };
}

/** Bytes of a table of so many rows through a pipeline: as read, as split, and as the last step makes it. */
export function tableBytes({ steps }: PipelineSpec, { rows, testRows, columns, features }: DataShape): number {
  // What was read is let go of while the split is made: on average half of it is still there.
  const read = 1.5 * NUMBER_BYTES * columns;
  const made = steps.length > 0 ? NUMBER_BYTES * features : 0;
  return (rows + testRows) * read + Math.max(rows, testRows) * made;
}

/**
 * Bytes that a fit in chunks keeps beyond the chunk and what its host keeps of every row: the codes and sums of boosting,
 * and the sample that its codes are chosen by; 0 for what learns from chunk after chunk.
 */
export function keptBytes(spec: PipelineSpec, { rows, features, classes }: DataShape): number {
  if (familyName(spec.estimator.type) !== "GradientBoosting") return 0;
  const outputs = classes <= 2 ? 1 : classes;
  // Groups of 8 bytes hold 4 to 8 features, depending on the threads.
  const codes = 8 * Math.ceil(features / CODED_TOGETHER);
  // Gradients, index and its work space, row numbers, target twice, place, scores, and what softmax adds.
  const perRow = codes + 8 + 12 + 16 + 8 + 8 * outputs + 8;
  return rows * perRow + Math.min(rows * NUMBER_BYTES * features, SAMPLE_BYTES);
}

// Internal

/** Features in 8 bytes on a machine of few cores. */
const CODED_TOGETHER = 7;
/** What the rows that cuts are chosen by take at most. */
const SAMPLE_BYTES = 32e6;

interface Sizes extends DataShape {
  /** Scores per row. */
  readonly outputs: number;
  readonly values: Readonly<Record<string, unknown>>;
}

type Counts = Pick<Work, "fit" | "evaluate" | "bytes"> & { readonly stopsEarly?: boolean };

const NUMBER_BYTES = 8;
/** What nobody sets is counted as this many steps of an iterative method. */
const USUAL_ITERATIONS = 30;
/** Codes of a histogram, each with two sums. */
const BINS = 255;

const COUNTS: Readonly<Record<string, (sizes: Sizes) => Counts>> = {
  GradientDescent: descentCounts,
  LogisticRegression: (sizes) => linearCounts(sizes, Math.min(USUAL_ITERATIONS, number(sizes, "maxIterations", 100))),
  LinearRegression: gramCounts,
  Ridge: gramCounts,
  KNeighbors: neighborCounts,
  DecisionTree: (sizes) => treeCounts(sizes, 1),
  ExtraTrees: (sizes) => treeCounts(sizes, number(sizes, "nEstimators", 100)),
  RandomForest: (sizes) => treeCounts(sizes, number(sizes, "nEstimators", 100)),
  GradientBoosting: boostCounts,
  MLP: networkCounts,
  Mean: flatCounts,
  Majority: flatCounts,
};

/** The estimator's name without its task. */
function familyName(type: string): string {
  const name = type.replace(/(Regressor|Classifier)$/, "");
  return COUNTS[type] === undefined ? name : type;
}

function descentCounts(sizes: Sizes): Counts {
  const { values } = sizes;
  const batch = values.method === "batch";
  const epochs = number(sizes, "epochs", batch ? 500 : 50);
  const cosine = values.schedule === "cosine" || (values.schedule === "auto" && !batch);
  const stopsEarly = values.earlyStopping === true || (!cosine && values.tolerance !== null);
  const counts = linearCounts(sizes, epochs);
  // Without a learning rate, one is found by power iteration on a sample of the rows.
  const sought =
    values.learningRate === null ? linearCounts({ ...sizes, rows: Math.min(sizes.rows, 16_384) }, 40).fit : 0;
  return { ...counts, fit: counts.fit + sought, stopsEarly };
}

/** Passes over all rows, each a product of every row with the weights. */
function linearCounts({ rows, testRows, features, outputs }: Sizes, passes: number): Counts {
  const stride = 4 * Math.ceil((features + 1) / 4);
  const bytes = rows * (4 * stride + NUMBER_BYTES) + testRows * NUMBER_BYTES * (outputs + 1);
  return { fit: passes * rows * stride * outputs, evaluate: testRows * features * outputs, bytes };
}

/** The products of all pairs of columns, and the solution. */
function gramCounts({ rows, testRows, features }: Sizes): Counts {
  const width = features + 1;
  return {
    fit: (rows * width * width) / 2 + width ** 3 / 3,
    evaluate: testRows * features,
    bytes: rows * NUMBER_BYTES * width + testRows * NUMBER_BYTES,
  };
}

/** A fit sorts the rows into a tree, or only keeps them; every prediction searches. */
function neighborCounts(sizes: Sizes): Counts {
  const { rows, testRows, features } = sizes;
  const depth = Math.log2(Math.max(2, rows));
  // Beyond some ten dimensions a tree spares little: the search looks at a share of all rows.
  const looked = Math.min(rows, 30 * depth + rows * Math.min(1, (features / 12) ** 4));
  return {
    fit: rows * depth + rows * features,
    evaluate: testRows * features * (looked + number(sizes, "k", 5)),
    bytes: rows * (NUMBER_BYTES * features + 16),
  };
}

function treeCounts(sizes: Sizes, trees: number): Counts {
  const { rows, testRows, features, outputs } = sizes;
  const depth = Math.min(number(sizes, "maxDepth", 64), Math.log2(Math.max(2, rows)));
  return {
    fit: rows * features + trees * rows * Math.sqrt(features) * depth,
    evaluate: testRows * trees * depth,
    bytes: rows * (features + 40) + trees * rows * 4 + testRows * NUMBER_BYTES * outputs,
  };
}

/** Histograms of all rows at each level of a tree, and of every leaf whatever its rows. */
function boostCounts(sizes: Sizes): Counts {
  const { rows, testRows, features, outputs, values } = sizes;
  const leaves = Math.min(number(sizes, "maxLeaves", 31), 2 ** number(sizes, "maxDepth", 16));
  const trees = number(sizes, "nEstimators", 100) * outputs;
  const perRow = features * Math.log2(Math.max(2, leaves)) * number(sizes, "subsample", 1);
  const groups = 8 * Math.ceil(features / 8);
  return {
    fit: trees * (rows * perRow + leaves * features * BINS) + rows * features,
    evaluate: testRows * trees * Math.log2(Math.max(2, leaves)),
    bytes: rows * (3 * groups + 60 + NUMBER_BYTES * outputs) + testRows * NUMBER_BYTES * outputs * 2,
    stopsEarly: values.earlyStopping === true,
  };
}

/** Every weight is used three times for a row: forwards, and backwards for its own gradient and for the layer before. */
function networkCounts(sizes: Sizes): Counts {
  const { rows, testRows, features, outputs } = sizes;
  const units = number(sizes, "units", 100);
  const weights = units * (features + outputs + (number(sizes, "hiddenLayers", 1) - 1) * units);
  return {
    fit: number(sizes, "epochs", 200) * rows * 3 * weights,
    evaluate: testRows * weights,
    bytes: rows * NUMBER_BYTES * (features + outputs) + testRows * NUMBER_BYTES * outputs,
    stopsEarly: true,
  };
}

function flatCounts({ rows, testRows }: Sizes): Counts {
  return { fit: rows, evaluate: testRows, bytes: testRows * NUMBER_BYTES };
}

/** For what has no count of its own: passes over all cells, as many as its parameters tell. */
function anyCounts(sizes: Sizes): Counts {
  const { rows, testRows, features } = sizes;
  const steps = ["nEstimators", "epochs", "maxIterations", "iterations"].map((name) => number(sizes, name, 1));
  const passes = Math.max(...steps);
  return {
    ...linearCounts(sizes, passes),
    fit: passes * rows * features,
    evaluate: testRows * features,
    stopsEarly: passes > 1,
  };
}

function number({ values }: Sizes, name: string, otherwise: number): number {
  const value = values[name];
  return typeof value === "number" ? value : otherwise;
}
