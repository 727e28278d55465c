// Gradient boosting on histograms, with native categories and missing values.
import type { Pointer } from "@massif/kernels";
import { refuseClassWeight, weightsByClass } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamsOf } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { numberedParts, type RowPart, type RowParts } from "../base/row-parts.ts";
import { type RowShare, shareRows } from "../base/row-share.ts";
import { rowWeights } from "../base/row-weights.ts";
import { stackTables } from "../base/stack-tables.ts";
import type { Table, Target } from "../base/table.ts";
import { takeRows, takeTarget } from "../base/take-rows.ts";
import { Binning } from "../tree/binning.ts";
import { fitBinningParts } from "../tree/binning-parts.ts";
import { checkFeatures, classTarget, numberTarget } from "../tree/inputs.ts";
import { outputCount, TreeEstimator, type TreeModel } from "../tree/tree-model.ts";
import { countClasses, type Loss, logisticLoss, moments, place, softmaxLoss, squaredLoss } from "./boost-loss.ts";
import { type BoostMemory, placeBoost, reserveBoost } from "./boost-memory.ts";
import { boostClassifierParams, type boostParams, boostRegressorParams } from "./boost-params.ts";
import { codeParts } from "./boost-parts.ts";
import { leafQuantiles } from "./boost-quantile.ts";
import { type BoostRanks, layRanks, momentsTogether } from "./boost-ranks.ts";
import { Booster } from "./booster.ts";
import { type ContinueOptions, continueBoosting } from "./continue-boosting.ts";
import { monotoneDirections } from "./monotone.ts";
import { checkValues, leafQuantileOf, pinballLoss, tweedieLoss, tweediePower } from "./regression-loss.ts";

type BoostParams = ParamsOf<typeof boostParams>;
type RegressorParams = ParamsOf<typeof boostRegressorParams>;

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

// Internal

/** The rows that a fit learns from: those with a weight. */
interface CountedRows {
  readonly table: Table;
  readonly target: Target;
  readonly weights: Float64Array | undefined;
}

interface GrowthInput<C> {
  readonly classes: readonly string[] | null;
  readonly params: BoostParams;
  readonly context: C;
  readonly monotone: Int8Array | undefined;
  readonly combination: "sum" | "exponential";
}

interface BoostInput extends CountedRows, GrowthInput<FitContext> {}

/** What a fit of parts is given. */
type PartsContext = Omit<FitContext, "weights" | "watched" | "communicator">;

interface PartsInput extends GrowthInput<PartsContext> {
  readonly rows: RowParts;
  readonly owner: string;
}

interface GrowInput extends GrowthInput<PartsContext> {
  readonly laid: Laid;
}

/** What becomes of the targets of parts. */
interface PartsTaker {
  readonly take: Parameters<typeof codeParts>[2];
  readonly makeLoss: LossMaker;
}

/** How the rows of a fit lie in memory, and whose they are. */
interface Laid {
  readonly order: Uint32Array | undefined;
  readonly trainRows: number;
  readonly ranks: BoostRanks | undefined;
}

/** `weights`: those of the training rows, as they lie in memory. */
type LossMaker = (placed: BoostMemory, laid: Laid, weights: Float64Array | undefined) => Promise<Loss>;

async function boost(input: BoostInput, makeLoss: LossMaker): Promise<TreeModel> {
  const { table, classes, params, context, monotone } = input;
  const { runtime, seed, communicator } = context;
  const share = communicator === undefined ? undefined : await shareRows(communicator, table.rows);
  const binning =
    share === undefined
      ? Binning.fit(runtime, table, { maxBins: params.maxBins, seed, weights: input.weights })
      : await Binning.fitTogether(runtime, table, { share, maxBins: params.maxBins, seed });
  const laid = share === undefined ? holdOut(table.rows, params, seed) : holdOutTogether(share, params, seed);
  const { order, trainRows, ranks } = laid;
  const watched = order === undefined && ranks === undefined ? context.watched : undefined;
  const rows = watched === undefined ? table : stackTables(table, watched.table);
  const weights = input.weights && reorder(onesBelow(input.weights, rows.rows), order);
  const laidRows = { binning, table: rows, order, trainRows, outputs: outputCount(classes), weights, monotone };
  return runtime.scope(async (memory) => {
    const placed = placeBoost(runtime, memory, laidRows, params);
    return growModel(placed, await makeLoss(placed, laid, weights?.subarray(0, trainRows)), { ...input, laid });
  });
}

/** `boost` of rows that are read in parts. */
async function boostParts(input: PartsInput, { take, makeLoss }: PartsTaker): Promise<TreeModel> {
  const { rows, owner, classes, params, context, monotone } = input;
  const { runtime, seed } = context;
  const { maxBins } = params;
  const check = (table: Table) => checkFeatures(owner, table);
  const binning = await fitBinningParts(runtime, rows, { maxBins, seed, owner, check });
  const laid = holdOut(rows.rows, params, seed);
  const { order, trainRows } = laid;
  const space = { binning, rows: rows.rows, trainRows, outputs: outputCount(classes), monotone, mayCopy: false };
  return runtime.scope(async (memory) => {
    const placed = reserveBoost(runtime, memory, space, params);
    await codeParts(placed, { rows, order, owner }, take);
    return growModel(placed, await makeLoss(placed, laid, undefined), { ...input, laid });
  });
}

/** Grows the trees on rows that lie in memory. */
async function growModel(placed: BoostMemory, loss: Loss, input: GrowInput): Promise<TreeModel> {
  const { classes, params, context, combination, monotone, laid } = input;
  const options = {
    ...params,
    rounds: params.nEstimators,
    maxLeaves: params.maxLeaves ?? Number.POSITIVE_INFINITY,
    maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
    patience: laid.order !== undefined ? params.patience : null,
    ranks: laid.ranks,
    monotone,
  };
  const booster = new Booster(placed, loss, options, context.seed);
  const trees = await booster.run((progress) => context.report(progress), context.checkpoint);
  return { binning: placed.binning, trees, combination, base: loss.base, classes };
}

/** The first part that has rows. Throws ShapeError and ParamError where trees cannot learn from it. */
async function firstPart(rows: RowParts, owner: string): Promise<RowPart> {
  for await (const part of numberedParts(rows)) {
    checkFeatures(owner, part.table);
    return part;
  }
  throw new ShapeError(`${owner} needs at least one row to learn from`);
}

/** The loss of classes on rows that lie in memory, of which the first `trainRows` train. */
async function classLoss(
  placed: BoostMemory,
  codes: Int32Array,
  { classes, laid, weights }: { classes: readonly string[]; laid: Laid; weights?: Float64Array },
): Promise<Loss> {
  const counts = countClasses(codes.subarray(0, laid.trainRows), classes.length, weights);
  await laid.ranks?.communicator.allReduce(counts);
  return outputCount(classes) === 1 ? logisticLoss(placed, codes, counts) : softmaxLoss(placed, codes, counts);
}

/** The loss of the parameters on rows that lie in memory, of which the first `trainRows` train. */
async function regressionLoss(
  placed: BoostMemory,
  values: Float64Array,
  { params, laid: { ranks, trainRows }, weights }: { params: RegressorParams; laid: Laid; weights?: Float64Array },
): Promise<Loss> {
  const quantile = leafQuantileOf(params);
  if (quantile !== undefined) {
    const targets = place(placed, values);
    const base = await startQuantile(placed, targets, { quantile, ranks });
    return pinballLoss(placed, targets, { quantile, base, absolute: params.loss === "absolute" });
  }
  const trained = values.subarray(0, trainRows);
  const centre = ranks === undefined ? moments(trained, weights) : await momentsTogether(ranks, trained);
  const power = tweediePower(params);
  return power === undefined ? squaredLoss(placed, values, centre) : tweedieLoss(placed, values, { power, ...centre });
}

/** The quantile of all training rows' targets. */
async function startQuantile(
  placed: BoostMemory,
  targets: Pointer,
  { quantile, ranks }: { quantile: number; ranks: BoostRanks | undefined },
): Promise<number> {
  const { runtime, memory, index, rows, trainRows } = placed;
  const scores = memory.alloc(rows * 8);
  runtime.f64(scores, rows).fill(0);
  const numbers = runtime.u32(index, trainRows);
  for (let row = 0; row < trainRows; row++) numbers[row] = row;
  const all = [{ begin: 0, end: trainRows, copy: 0 }];
  const [base] = await leafQuantiles(placed, all, { targets, scores, quantile }, ranks?.communicator);
  memory.free(scores);
  return base;
}

/** The rows that have a weight. Throws ParamError when the weights are too small to split any row off. */
function countedRows({
  table,
  target,
  weights,
  owner,
  params,
}: CountedRows & { owner: string; params: BoostParams }): CountedRows {
  if (weights === undefined) return { table, target, weights };
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const least = 2 * params.minSamplesLeaf;
  if (total < least && table.rows >= least) {
    const problem = `the weights sum to ${total}, but \`minSamplesLeaf\` of ${owner} wants ${least / 2} on each side`;
    throw new ParamError("weights", `${problem} of a split; scale them so that their mean is 1, or lower it`);
  }
  if (!weights.includes(0)) return { table, target, weights };
  const rows = Uint32Array.from(weights.keys()).filter((row) => weights[row] > 0);
  return {
    table: takeRows(table, rows),
    target: takeTarget(target, rows),
    weights: weights.filter((weight) => weight > 0),
  };
}

/** The weights, and 1 for each further row. */
function onesBelow(weights: Float64Array, rows: number): Float64Array {
  if (weights.length === rows) return weights;
  const all = new Float64Array(rows).fill(1);
  all.set(weights);
  return all;
}

/** With early stopping, a random order of the rows whose last ones validate; at least one row must train. */
function holdOut(rows: number, params: BoostParams, seed: number): Laid {
  if (!params.earlyStopping || rows < 2) return { order: undefined, trainRows: rows, ranks: undefined };
  const held = Math.min(rows - 1, Math.max(1, Math.round(rows * params.validationFraction)));
  return { order: new Random(seed).permutation(rows), trainRows: rows - held, ranks: undefined };
}

/** `holdOut` of all ranks' rows, as this rank sees it. */
function holdOutTogether(share: RowShare, params: BoostParams, seed: number): Laid {
  const heldShare = params.earlyStopping ? params.validationFraction : null;
  const { ranks, order } = layRanks(share, { heldShare, seed });
  return { order, trainRows: ranks.places.length, ranks };
}

/** The target of all rows in memory: where there are more of these than of `values`, the watched ones follow. */
function watchedToo<A extends Float64Array | Int32Array>(
  values: A,
  { rows }: Pick<BoostMemory, "rows">,
  { watched }: FitContext,
): A {
  if (watched === undefined || rows === values.length) return values;
  const { target } = watched;
  const all = new (values.constructor as new (length: number) => A)(rows);
  all.set(values);
  all.set(target.kind === "class" ? target.codes : target.values, values.length);
  return all;
}

function reorder<A extends Float64Array | Int32Array>(values: A, order: Uint32Array | undefined): A {
  if (order === undefined) return values;
  const ordered = values.slice() as A;
  for (let i = 0; i < ordered.length; i++) ordered[i] = values[order[i]];
  return ordered;
}
