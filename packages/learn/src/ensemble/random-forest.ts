// Random forests: trees on bootstrap samples, each split choosing among a random share of the columns.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { Table, Target } from "../base/table.ts";
import { fitClassifier, fitRegressor } from "../tree/fit-trees.ts";
import { TreeEstimator } from "../tree/tree-model.ts";
import { criterion, growLimits, maxFeaturesDoc, treeParams } from "../tree/tree-params.ts";

const forestParams = {
  nEstimators: {
    type: "int",
    default: 100,
    min: 1,
    max: 100_000,
    search: { min: 50, max: 500, log: true },
    doc: "Number of trees.",
  },
  ...treeParams,
  bootstrap: {
    type: "boolean",
    default: true,
    doc: "Whether each tree learns from as many rows drawn with replacement, or from all rows.",
  },
} as const;

const maxFeatures = {
  type: "float",
  min: 0,
  exclusiveMin: true,
  max: 1,
  search: { min: 0.2, max: 1 },
} as const;

const regressorParams = {
  ...forestParams,
  maxFeatures: { ...maxFeatures, default: 1, doc: `${maxFeaturesDoc}; 1: all.` },
} as const;

const classifierParams = {
  ...forestParams,
  criterion,
  maxFeatures: {
    ...maxFeatures,
    default: null,
    nullable: true,
    doc: `${maxFeaturesDoc}; null: the square root of their number.`,
  },
} as const;

const SOURCE =
  "Breiman 2001, Random Forests; on at most 255 bins per column, with native categories and missing values.";

const regressorSpec: EstimatorSpec<typeof regressorParams> = {
  name: "RandomForestRegressor",
  doc: "The mean of many deep regression trees, each grown on a random sample of the rows.",
  source: SOURCE,
  task: "regression",
  input: "table",
  params: regressorParams,
};

const classifierSpec: EstimatorSpec<typeof classifierParams> = {
  name: "RandomForestClassifier",
  doc: "The mean class shares of many deep trees, each grown on a random sample of the rows and columns.",
  source: SOURCE,
  task: "classification",
  input: "table",
  params: classifierParams,
};

/** A forest of regression trees. */
export class RandomForestRegressor extends TreeEstimator<typeof regressorParams> {
  readonly spec = regressorSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { nEstimators: trees, bootstrap, maxBins, maxFeatures } = this.params;
    const grow = { ...growLimits(this.params), maxFeatures, entropy: false };
    this.model = await fitRegressor(this.spec.name, table, target, { trees, bootstrap, maxBins, grow, context });
    return this;
  }
}

/** A forest of classification trees. */
export class RandomForestClassifier extends TreeEstimator<typeof classifierParams> {
  readonly spec = classifierSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { nEstimators: trees, bootstrap, maxBins } = this.params;
    const maxFeatures = this.params.maxFeatures ?? Math.floor(Math.sqrt(table.columns.length)) / table.columns.length;
    const grow = { ...growLimits(this.params), maxFeatures, entropy: this.params.criterion === "entropy" };
    this.model = await fitClassifier(this.spec.name, table, target, { trees, bootstrap, maxBins, grow, context });
    return this;
  }
}
