// What each input column of a fitted pipeline adds to its predictions: Shapley values of the estimator (trees: TreeSHAP;
// weighted sums: independent columns), summed over the columns that the steps made of one input column. That sum is the
// joint share of those columns, not the Shapley value of a game whose players are the inputs.
import { ParamError } from "../base/errors.ts";
import type { Table } from "../base/table.ts";
import type { FittedPipeline } from "../compose/pipeline.ts";
import { LinearClassifier, outputsOf } from "../linear/linear-classifier.ts";
import { unpackModel } from "../matrix/linear-model.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { TreeEstimator } from "../tree/tree-model.ts";
import { type ColumnOrigin, columnOrigins } from "./column-origins.ts";
import type { Contributions } from "./contributions.ts";
import { explainLinear } from "./linear-shap.ts";
import { trainingMeans } from "./training-means.ts";
import { explainTrees } from "./tree-shap.ts";

/** A column of an explanation: an input column of the pipeline, or what `step` made of several. */
export type ExplainedColumn = ColumnOrigin;

/** What each input column adds to what a pipeline says of each row. */
export interface PipelineContributions extends Omit<Contributions, "columns"> {
  readonly columns: readonly ExplainedColumn[];
  /** How: the trees' own training rows decide what is said of an unknown column, or columns are taken as independent. */
  readonly method: "trees" | "linear";
}

/**
 * The contributions of the input columns to every row of `table`; input columns that do not reach the estimator are left out. Throws
 * ParamError for an estimator that cannot be explained so (permutation importance tells what columns are worth to any),
 * and ShapeError for rows that are not the pipeline's.
 */
export function explainPipeline(pipeline: FittedPipeline, table: Table): PipelineContributions {
  const { columns, ...explained } = contributionsOf(pipeline, table);
  const origins = columnOrigins(pipeline);
  const grouped = [...new Set(columns.map((name) => origins.get(name) as ColumnOrigin))].sort(byInput(pipeline));
  const placeOf = new Map(grouped.map((origin, place) => [origin, place]));
  const place = Uint32Array.from(columns, (name) => placeOf.get(origins.get(name) as ColumnOrigin) as number);
  const groups = table.rows * explained.expected.length;
  const values = new Float64Array(groups * grouped.length);
  for (let group = 0; group < groups; group++) {
    const [from, to] = [group * columns.length, group * grouped.length];
    for (let j = 0; j < columns.length; j++) values[to + place[j]] += explained.values[from + j];
  }
  return { ...explained, columns: grouped, values };
}

// Internal

type OfEstimator = Contributions & Pick<PipelineContributions, "method">;

const EXPLAINED = "linear models, decision trees, forests and boosting";

function contributionsOf(pipeline: FittedPipeline, table: Table): OfEstimator {
  const { estimator, output } = pipeline;
  const { name } = estimator.spec;
  if (output.kind === "class" && output.classes.length < 2) {
    throw new ParamError("estimator", `the model knows one class only, "${output.classes[0]}": no column adds to it`);
  }
  if (estimator instanceof TreeEstimator) {
    return { ...explainTrees(estimator.fitted, pipeline.transform(table), name), method: "trees" };
  }
  if (estimator instanceof LinearRegressor || estimator instanceof LinearClassifier) {
    return { ...ofWeights(pipeline, table), method: "linear" };
  }
  const problem = `predictions of ${name} cannot be split among the columns; those of these can: ${EXPLAINED}`;
  throw new ParamError("estimator", `${problem}. \`permutationImportance\` of @massif/learn works for any model`);
}

function ofWeights(pipeline: FittedPipeline, table: Table): Contributions {
  const { estimator, output } = pipeline;
  const owner = estimator.spec.name;
  const state = estimator.getState();
  const classes = output.kind === "class" ? output.classes : null;
  const model = unpackModel(state, owner, classes === null ? 1 : outputsOf(classes.length));
  const known = trainingMeans(pipeline);
  const means = Float64Array.from(model.schema, ({ name }) => {
    const mean = known.get(name);
    if (mean !== undefined) return mean;
    const problem = `the model does not tell the training mean of "${name}", from which ${owner} is explained`;
    throw new ParamError("steps", `${problem}; train it with a StandardScaler as the last step`);
  });
  const outputs = classes === null || classes.length > 2 ? classes : [classes[1]];
  const unit = classes !== null ? "score" : state.meta.link === "log" ? "logarithm" : "number";
  return explainLinear(model, pipeline.transform(table), { means, outputs, unit, owner });
}

/** Input columns in the pipeline's order, then what steps made of several, as they come. */
function byInput({ input }: FittedPipeline): (a: ColumnOrigin, b: ColumnOrigin) => number {
  const order = new Map(input.map(({ name }, i) => [name, i]));
  const rank = ({ name, step }: ColumnOrigin) => (step === null ? (order.get(name) ?? input.length) : input.length);
  return (a, b) => rank(a) - rank(b);
}
