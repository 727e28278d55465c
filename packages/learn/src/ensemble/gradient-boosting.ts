// Gradient boosting on histograms, with native categories and missing values.
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamsOf } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { type RowShare, shareRows } from "../base/row-share.ts";
import { stackTables } from "../base/stack-tables.ts";
import type { Table, Target } from "../base/table.ts";
import { Binning } from "../tree/binning.ts";
import { checkFeatures, classTarget, numberTarget } from "../tree/inputs.ts";
import { outputCount, TreeEstimator, type TreeModel } from "../tree/tree-model.ts";
import { countClasses, type Loss, logisticLoss, moments, softmaxLoss, squaredLoss } from "./boost-loss.ts";
import { type BoostMemory, placeBoost } from "./boost-memory.ts";
import { boostParams } from "./boost-params.ts";
import { type BoostRanks, layRanks, momentsTogether } from "./boost-ranks.ts";
import { Booster } from "./booster.ts";
import { type ContinueOptions, continueBoosting } from "./continue-boosting.ts";

type BoostParams = ParamsOf<typeof boostParams>;

const SOURCE =
  "Friedman 2001, Greedy Function Approximation; histograms and second-order gains of Chen & Guestrin 2016 and Ke et al. " +
  "2017; categories are ordered by gradient statistics after Fisher 1958.";

const regressorSpec: EstimatorSpec<typeof boostParams> = {
  name: "GradientBoostingRegressor",
  doc: "A sum of small trees, each grown on what the trees before it left over, for squared error.",
  source: SOURCE,
  task: "regression",
  input: "table",
  onRanks: true,
  params: boostParams,
};

const classifierSpec: EstimatorSpec<typeof boostParams> = {
  name: "GradientBoostingClassifier",
  doc: "A sum of small trees that raises the likelihood of the classes: logistic for two, softmax for more.",
  source: SOURCE,
  task: "classification",
  input: "table",
  onRanks: true,
  params: boostParams,
};

abstract class GradientBoosting extends TreeEstimator<typeof boostParams> {
  override passes(): number {
    return 1;
  }

  override validate(): void {
    super.validate();
    if (this.params.maxLeaves === null && this.params.maxDepth === null) {
      const problem = `\`maxLeaves\` and \`maxDepth\` of ${this.spec.name} cannot both be null; give one of them`;
      throw new ParamError("maxLeaves", problem);
    }
  }
}

/** Boosted trees for numbers. */
export class GradientBoostingRegressor extends GradientBoosting {
  readonly spec = regressorSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    checkFeatures(this.spec.name, table);
    const { values } = numberTarget(this.spec.name, target, table.rows);
    const given = { table, classes: null, params: this.params, context };
    this.model = await boost(given, async (space, { order, trainRows, ranks }) => {
      const ordered = reorder(watchedToo(values, space, context), order);
      const trained = ordered.subarray(0, trainRows);
      return squaredLoss(
        space,
        ordered,
        ranks === undefined ? moments(trained) : await momentsTogether(ranks, trained),
      );
    });
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { params } = this;
    const owner = this.spec.name;
    checkFeatures(owner, table);
    const { values } = numberTarget(owner, target, table.rows);
    const makeLoss: ContinueOptions["makeLoss"] = (space) => squaredLoss(space, values, moments(values));
    this.model = await continueBoosting(this.model, { table, params, context, owner, makeLoss });
    return this;
  }
}

/** Boosted trees for classes. */
export class GradientBoostingClassifier extends GradientBoosting {
  readonly spec = classifierSpec;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    checkFeatures(this.spec.name, table);
    const { codes, classes } = classTarget(this.spec.name, target, table.rows);
    this.model = await boost({ table, classes, params: this.params, context }, async (space, laid) => {
      const ordered = reorder(watchedToo(codes, space, context), laid.order);
      const counts = countClasses(ordered.subarray(0, laid.trainRows), classes.length);
      await laid.ranks?.communicator.allReduce(counts);
      return outputCount(classes) === 1 ? logisticLoss(space, ordered, counts) : softmaxLoss(space, ordered, counts);
    });
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { params, model } = this;
    const owner = this.spec.name;
    const classes = model.classes ?? [];
    checkFeatures(owner, table);
    const { codes } = knownClasses(classTarget(owner, target, table.rows), classes, owner);
    const counts = countClasses(codes, classes.length);
    const makeLoss: ContinueOptions["makeLoss"] = (space) =>
      outputCount(classes) === 1 ? logisticLoss(space, codes, counts) : softmaxLoss(space, codes, counts);
    this.model = await continueBoosting(model, { table, params, context, owner, makeLoss });
    return this;
  }
}

// Internal

interface BoostInput {
  readonly table: Table;
  readonly classes: readonly string[] | null;
  readonly params: BoostParams;
  readonly context: FitContext;
}

/** How the rows of a fit lie in memory, and whose they are. */
interface Laid {
  readonly order: Uint32Array | undefined;
  readonly trainRows: number;
  readonly ranks: BoostRanks | undefined;
}

type LossMaker = (
  space: Pick<BoostMemory, "runtime" | "memory" | "rows"> & { readonly pairs: number },
  laid: Laid,
) => Promise<Loss>;

async function boost({ table, classes, params, context }: BoostInput, makeLoss: LossMaker): Promise<TreeModel> {
  const { runtime, seed, communicator } = context;
  const share = communicator === undefined ? undefined : await shareRows(communicator, table.rows);
  const binning =
    share === undefined
      ? Binning.fit(runtime, table, params.maxBins, seed)
      : await Binning.fitTogether(runtime, table, { share, maxBins: params.maxBins, seed });
  const laid = share === undefined ? holdOut(table.rows, params, seed) : holdOutTogether(share, params, seed);
  const { order, trainRows, ranks } = laid;
  const watched = order === undefined && ranks === undefined ? context.watched : undefined;
  const rows = watched === undefined ? table : stackTables(table, watched.table);
  return runtime.scope(async (memory) => {
    const placed = placeBoost(runtime, memory, { binning, table: rows, order, trainRows }, params);
    const space = { runtime, memory, rows: rows.rows, pairs: placed.gradients };
    const loss = await makeLoss(space, laid);
    const options = {
      ...params,
      rounds: params.nEstimators,
      maxLeaves: params.maxLeaves ?? Number.POSITIVE_INFINITY,
      maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
      patience: order !== undefined ? params.patience : null,
      ranks,
    };
    const booster = new Booster(placed, loss, options, seed);
    const trees = await booster.run((progress) => context.report(progress), context.checkpoint);
    return { binning, trees, combination: "sum", base: loss.base, classes };
  });
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
