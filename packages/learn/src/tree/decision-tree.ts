// Single decision trees. Text is refused; numbers, dates, categories and missing values are taken as they are.
import { CLASS_WEIGHT } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { Table, Target } from "../base/table.ts";
import { type ForestOptions, fitClassifier, fitRegressor } from "./fit-trees.ts";
import { TreeEstimator } from "./tree-model.ts";
import { criterion, growLimits, maxFeaturesDoc, numberCriterion, pruningParams, treeParams } from "./tree-params.ts";

const maxFeatures = {
  type: "float",
  default: 1,
  min: 0,
  exclusiveMin: true,
  max: 1,
  search: { min: 0.2, max: 1 },
  doc: `${maxFeaturesDoc}; 1: all.`,
} as const;

const regressorParams = { ...treeParams, ...pruningParams, criterion: numberCriterion, maxFeatures } as const;
const classifierParams = {
  ...treeParams,
  ...pruningParams,
  criterion,
  maxFeatures,
  classWeight: CLASS_WEIGHT,
} as const;

const SOURCE =
  "Breiman, Friedman, Olshen & Stone 1984, Classification and Regression Trees; on at most 255 bins per column; the " +
  "categories of a column are grouped after Fisher 1958, with three classes or more after Coppersmith et al. 1999.";

const regressorSpec: EstimatorSpec<typeof regressorParams> = {
  name: "DecisionTreeRegressor",
  doc: "One tree of yes-or-no questions that predicts the mean, or the median, of the training rows in a leaf.",
  source: SOURCE,
  task: "regression",
  input: "table",
  weights: "exact",
  params: regressorParams,
};

const classifierSpec: EstimatorSpec<typeof classifierParams> = {
  name: "DecisionTreeClassifier",
  doc: "One tree of yes-or-no questions that predicts the shares of the classes among the training rows in a leaf.",
  source: SOURCE,
  task: "classification",
  input: "table",
  weights: "exact",
  params: classifierParams,
};

/** One regression tree. */
export class DecisionTreeRegressor extends TreeEstimator<typeof regressorParams> {
  readonly spec = regressorSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    this.model = await fitRegressor(this.spec, table, target, {
      ...singleTree(this.params, context),
      grow: { ...growLimits(this.params), maxFeatures: this.params.maxFeatures },
    });
    return this;
  }
}

/** One classification tree. */
export class DecisionTreeClassifier extends TreeEstimator<typeof classifierParams> {
  readonly spec = classifierSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    this.model = await fitClassifier(this.spec, table, target, {
      ...singleTree(this.params, context),
      classWeight: this.params.classWeight,
      grow: { ...growLimits(this.params), maxFeatures: this.params.maxFeatures },
    });
    return this;
  }
}

// Internal

type Own = Pick<ForestOptions, "maxBins" | "criterion" | "minImpurityDecrease" | "ccpAlpha">;

function singleTree(params: Own, context: FitContext): Omit<ForestOptions, "grow"> {
  const { maxBins, criterion, minImpurityDecrease, ccpAlpha } = params;
  return { trees: 1, bootstrap: false, maxBins, criterion, minImpurityDecrease, ccpAlpha, context };
}
