// Extremely randomised trees: of each column a split looks at one cut, drawn at random, and trees learn from all rows.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { Table, Target } from "../base/table.ts";
import { fitClassifier, fitRegressor } from "../tree/fit-trees.ts";
import { TreeEstimator } from "../tree/tree-model.ts";
import { growLimits } from "../tree/tree-params.ts";
import { checkOutOfBag, extraClassifierParams, extraRegressorParams, forestOptions } from "./forest-params.ts";

const SOURCE =
  "Geurts, Ernst & Wehenkel 2006, Extremely randomized trees; cuts are drawn between the middles of at most 255 bins per " +
  "column, categories in a random order; missing values go to the better side.";

const regressorSpec: EstimatorSpec<typeof extraRegressorParams> = {
  name: "ExtraTreesRegressor",
  doc: "The mean of many deep regression trees whose splits take the best of cuts drawn at random, one per column.",
  source: SOURCE,
  task: "regression",
  input: "table",
  weights: "drawn",
  params: extraRegressorParams,
};

const classifierSpec: EstimatorSpec<typeof extraClassifierParams> = {
  name: "ExtraTreesClassifier",
  doc: "The mean class shares of many deep trees whose splits take the best of cuts drawn at random, one per column.",
  source: SOURCE,
  task: "classification",
  input: "table",
  weights: "drawn",
  params: extraClassifierParams,
};

/** A forest of regression trees with random cuts. */
export class ExtraTreesRegressor extends TreeEstimator<typeof extraRegressorParams> {
  readonly spec = regressorSpec;

  override validate(): void {
    super.validate();
    checkOutOfBag(this.spec.name, this.params);
  }

  /** Quality on the rows that the trees left out, by metric; undefined without `oobScore`. Throws NotFittedError. */
  get outOfBag(): Readonly<Record<string, number>> | undefined {
    return this.model.outOfBag;
  }

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { maxFeatures } = this.params;
    const grow = { ...growLimits(this.params), maxFeatures, randomCuts: true };
    this.model = await fitRegressor(this.spec, table, target, { ...forestOptions(this.params, context), grow });
    return this;
  }
}

/** A forest of classification trees with random cuts. */
export class ExtraTreesClassifier extends TreeEstimator<typeof extraClassifierParams> {
  readonly spec = classifierSpec;

  override validate(): void {
    super.validate();
    checkOutOfBag(this.spec.name, this.params);
  }

  /** Quality on the rows that the trees left out, by metric; undefined without `oobScore`. Throws NotFittedError. */
  get outOfBag(): Readonly<Record<string, number>> | undefined {
    return this.model.outOfBag;
  }

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const maxFeatures = this.params.maxFeatures ?? Math.floor(Math.sqrt(table.columns.length)) / table.columns.length;
    const grow = {
      ...growLimits(this.params),
      maxFeatures,
      randomCuts: true,
    };
    this.model = await fitClassifier(this.spec, table, target, { ...forestOptions(this.params, context), grow });
    return this;
  }
}
