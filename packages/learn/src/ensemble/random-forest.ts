// Random forests: trees on bootstrap samples, each split choosing among a random share of the columns.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import type { Table, Target } from "../base/table.ts";
import { fitClassifier, fitRegressor } from "../tree/fit-trees.ts";
import { TreeEstimator } from "../tree/tree-model.ts";
import { growLimits } from "../tree/tree-params.ts";
import { checkOutOfBag, forestClassifierParams, forestOptions, forestRegressorParams } from "./forest-params.ts";

const SOURCE =
  "Breiman 2001, Random Forests; on at most 255 bins per column, with native categories and missing values.";

const regressorSpec: EstimatorSpec<typeof forestRegressorParams> = {
  name: "RandomForestRegressor",
  doc: "The mean of many deep regression trees, each grown on a random sample of the rows.",
  source: SOURCE,
  task: "regression",
  input: "table",
  weights: "drawn",
  params: forestRegressorParams,
};

const classifierSpec: EstimatorSpec<typeof forestClassifierParams> = {
  name: "RandomForestClassifier",
  doc: "The mean class shares of many deep trees, each grown on a random sample of the rows and columns.",
  source: SOURCE,
  task: "classification",
  input: "table",
  weights: "drawn",
  params: forestClassifierParams,
};

/** A forest of regression trees. */
export class RandomForestRegressor extends TreeEstimator<typeof forestRegressorParams> {
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
    const grow = { ...growLimits(this.params), maxFeatures };
    this.model = await fitRegressor(this.spec, table, target, { ...forestOptions(this.params, context), grow });
    return this;
  }
}

/** A forest of classification trees. */
export class RandomForestClassifier extends TreeEstimator<typeof forestClassifierParams> {
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
    const grow = { ...growLimits(this.params), maxFeatures };
    this.model = await fitClassifier(this.spec, table, target, { ...forestOptions(this.params, context), grow });
    return this;
  }
}
