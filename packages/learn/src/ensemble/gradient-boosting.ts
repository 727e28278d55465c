// Gradient boosting on histograms, with native categories and missing values.
import { refuseClassWeight, weightsByClass } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { RowParts } from "../base/row-parts.ts";
import { rowWeights } from "../base/row-weights.ts";
import type { Table, Target } from "../base/table.ts";
import { checkFeatures, classTarget, numberTarget } from "../tree/inputs.ts";
import { outputCount, TreeEstimator } from "../tree/tree-model.ts";
import { countedRows, reorder, watchedToo } from "./boost-layout.ts";
import { countClasses, logisticLoss, softmaxLoss } from "./boost-loss.ts";
import { type BoostParams, boostClassifierParams, type boostParams, boostRegressorParams } from "./boost-params.ts";
import { type ContinueOptions, continueBoosting } from "./continue-boosting.ts";
import { boost, boostParts, firstPart, type PartsContext } from "./fit-boosting.ts";
import { classLoss, regressionLoss } from "./fit-loss.ts";
import { monotoneDirections } from "./monotone.ts";
import { checkValues, leafQuantileOf, tweediePower } from "./regression-loss.ts";

const SOURCE =
  "Friedman 2001, Greedy Function Approximation; histograms and second-order gains of Chen & Guestrin 2016 and Ke et al. " +
  "2017; categories are ordered by gradient statistics after Fisher 1958.";

const regressorSpec: EstimatorSpec<typeof boostRegressorParams> = {
  name: "GradientBoostingRegressor",
  doc: "A sum of small trees, each grown on what the trees before it left over: means, medians, quantiles, counts.",
  source: SOURCE,
  task: "regression",
  input: "table",
  onRanks: true,
  weights: "exact",
  params: boostRegressorParams,
};

const classifierSpec: EstimatorSpec<typeof boostClassifierParams> = {
  name: "GradientBoostingClassifier",
  doc: "A sum of small trees that raises the likelihood of the classes: logistic for two, softmax for more.",
  source: SOURCE,
  task: "classification",
  input: "table",
  onRanks: true,
  weights: "exact",
  params: boostClassifierParams,
};

abstract class GradientBoosting<T extends typeof boostParams> extends TreeEstimator<T> {
  override passes(): number {
    return 1;
  }

  override validate(): void {
    super.validate();
    const { maxLeaves, maxDepth } = this.params as BoostParams;
    if (maxLeaves === null && maxDepth === null) {
      const problem = `\`maxLeaves\` and \`maxDepth\` of ${this.spec.name} cannot both be null; give one of them`;
      throw new ParamError("maxLeaves", problem);
    }
  }
}

/** Boosted trees for numbers. */
export class GradientBoostingRegressor extends GradientBoosting<typeof boostRegressorParams> {
  readonly spec = regressorSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const owner = this.spec.name;
    const { params } = this;
    checkFeatures(owner, table);
    const monotone = this.#directions(table);
    checkValues(owner, numberTarget(owner, target, table.rows).values, params);
    const weights = rowWeights(context, table.rows, this.spec);
    const rows = countedRows({ table, target, weights, owner, params });
    const { values } = numberTarget(owner, rows.target, rows.table.rows);
    const combination = tweediePower(params) === undefined ? "sum" : "exponential";
    const given = { ...rows, classes: null, params, context, monotone, combination } as const;
    this.model = await boost(given, (placed, laid, weights) => {
      const ordered = reorder(watchedToo(values, placed, context), laid.order);
      return regressionLoss(placed, ordered, { params, laid, weights });
    });
    return this;
  }

  override async fitParts(rows: RowParts, context: PartsContext): Promise<this> {
    this.validate();
    const owner = this.spec.name;
    const { params } = this;
    const monotone = this.#directions((await firstPart(rows, owner)).table);
    const values = new Float64Array(rows.rows);
    const combination = tweediePower(params) === undefined ? "sum" : "exponential";
    const given = { rows, owner, classes: null, params, context, monotone, combination } as const;
    this.model = await boostParts(given, {
      take: (target, count, placeOf) => {
        const part = numberTarget(owner, target, count).values;
        checkValues(owner, part, params);
        for (let row = 0; row < count; row++) values[placeOf(row)] = part[row];
      },
      makeLoss: (placed, laid) => regressionLoss(placed, values, { params, laid }),
    });
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { params } = this;
    const owner = this.spec.name;
    checkFeatures(owner, table);
    const { values } = numberTarget(owner, target, table.rows);
    checkValues(owner, values, params);
    const weights = rowWeights(context, table.rows, this.spec);
    const monotone = this.#directions(table);
    const laid = { order: undefined, trainRows: table.rows, ranks: undefined };
    const makeLoss: ContinueOptions["makeLoss"] = (placed) => regressionLoss(placed, values, { params, laid, weights });
    this.model = await continueBoosting(this.model, { table, params, context, owner, weights, monotone, makeLoss });
    return this;
  }

  #directions(table: Table): Int8Array | undefined {
    const directions = monotoneDirections(this.spec.name, this.params, table);
    const { loss } = this.params;
    if (directions !== undefined && leafQuantileOf(this.params) !== undefined) {
      const problem = `\`increasing\` and \`decreasing\` of ${this.spec.name} do not go with the loss "${loss}"`;
      throw new ParamError("increasing", `${problem}, whose leaf values do not follow from gradients`);
    }
    return directions;
  }
}

/** Boosted trees for classes. */
export class GradientBoostingClassifier extends GradientBoosting<typeof boostClassifierParams> {
  readonly spec = classifierSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const owner = this.spec.name;
    const { params } = this;
    checkFeatures(owner, table);
    const known = classTarget(owner, target, table.rows);
    const { classes } = known;
    const monotone = this.#directions(table, classes);
    const weights = weightsByClass(context, known, this);
    const rows = countedRows({ table, target, weights, owner, params });
    const { codes } = classTarget(owner, rows.target, rows.table.rows);
    const given = { ...rows, classes, params, context, monotone, combination: "sum" } as const;
    this.model = await boost(given, (placed, laid, weights) => {
      const ordered = reorder(watchedToo(codes, placed, context), laid.order);
      return classLoss(placed, ordered, { classes, laid, weights });
    });
    return this;
  }

  override async fitParts(rows: RowParts, context: PartsContext): Promise<this> {
    this.validate();
    refuseClassWeight(this);
    const owner = this.spec.name;
    const { params } = this;
    const first = await firstPart(rows, owner);
    const { classes } = classTarget(owner, first.target, first.table.rows);
    const monotone = this.#directions(first.table, classes);
    const codes = new Int32Array(rows.rows);
    const given = { rows, owner, classes, params, context, monotone, combination: "sum" } as const;
    this.model = await boostParts(given, {
      take: (target, count, placeOf) => {
        const part = knownClasses(classTarget(owner, target, count), classes, owner).codes;
        for (let row = 0; row < count; row++) codes[placeOf(row)] = part[row];
      },
      makeLoss: (placed, laid) => classLoss(placed, codes, { classes, laid }),
    });
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    refuseClassWeight(this);
    const { params, model } = this;
    const owner = this.spec.name;
    const classes = model.classes ?? [];
    checkFeatures(owner, table);
    const { codes } = knownClasses(classTarget(owner, target, table.rows), classes, owner);
    const weights = rowWeights(context, table.rows, this.spec);
    const monotone = this.#directions(table, classes);
    const counts = countClasses(codes, classes.length, weights);
    const makeLoss: ContinueOptions["makeLoss"] = async (placed) =>
      outputCount(classes) === 1 ? logisticLoss(placed, codes, counts) : softmaxLoss(placed, codes, counts);
    this.model = await continueBoosting(model, { table, params, context, owner, weights, monotone, makeLoss });
    return this;
  }

  #directions(table: Table, classes: readonly string[]): Int8Array | undefined {
    const directions = monotoneDirections(this.spec.name, this.params, table);
    if (directions !== undefined && classes.length > 2) {
      const problem = `\`increasing\` and \`decreasing\` of ${this.spec.name} are for two classes, not ${classes.length}`;
      throw new ParamError("increasing", `${problem}; leave them out`);
    }
    return directions;
  }
}
