// Gradient boosting on histograms, with native categories and missing values.
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamsOf } from "../base/params.ts";
import { Random } from "../base/random.ts";
import type { Table, Target } from "../base/table.ts";
import { Binning } from "../tree/binning.ts";
import { checkFeatures, classTarget, numberTarget } from "../tree/inputs.ts";
import { outputCount, TreeEstimator, type TreeModel } from "../tree/tree-model.ts";
import { type Loss, logisticLoss, softmaxLoss, squaredLoss } from "./boost-loss.ts";
import { type BoostMemory, placeBoost } from "./boost-memory.ts";
import { boostParams } from "./boost-params.ts";
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
  params: boostParams,
};

const classifierSpec: EstimatorSpec<typeof boostParams> = {
  name: "GradientBoostingClassifier",
  doc: "A sum of small trees that raises the likelihood of the classes: logistic for two, softmax for more.",
  source: SOURCE,
  task: "classification",
  input: "table",
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
    this.model = await boost({ table, classes: null, params: this.params, context }, (space, order, trainRows) =>
      squaredLoss(space, reorder(values, order), trainRows),
    );
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { params } = this;
    const owner = this.spec.name;
    checkFeatures(owner, table);
    const { values } = numberTarget(owner, target, table.rows);
    const makeLoss: ContinueOptions["makeLoss"] = (space) => squaredLoss(space, values, table.rows);
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
    this.model = await boost({ table, classes, params: this.params, context }, (space, order, trainRows) => {
      const ordered = reorder(codes, order);
      const outputs = outputCount(classes);
      return outputs === 1 ? logisticLoss(space, ordered, trainRows) : softmaxLoss(space, ordered, trainRows, outputs);
    });
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { params, model } = this;
    const owner = this.spec.name;
    const classes = model.classes ?? [];
    checkFeatures(owner, table);
    const { codes } = knownClasses(classTarget(owner, target, table.rows), classes, owner);
    const outputs = outputCount(classes);
    const makeLoss: ContinueOptions["makeLoss"] = (space) =>
      outputs === 1 ? logisticLoss(space, codes, table.rows) : softmaxLoss(space, codes, table.rows, outputs);
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

type LossMaker = (
  space: Pick<BoostMemory, "runtime" | "memory" | "rows"> & { readonly pairs: number },
  order: Uint32Array | undefined,
  trainRows: number,
) => Loss;

async function boost({ table, classes, params, context }: BoostInput, makeLoss: LossMaker): Promise<TreeModel> {
  const { runtime, seed } = context;
  const binning = Binning.fit(runtime, table, params.maxBins, seed);
  const { order, trainRows } = holdOut(table.rows, params, seed);
  return runtime.scope(async (memory) => {
    const placed = placeBoost(runtime, memory, { binning, table, order, trainRows }, params);
    const space = { runtime, memory, rows: table.rows, pairs: placed.gradients };
    const loss = makeLoss(space, order, trainRows);
    const options = {
      ...params,
      rounds: params.nEstimators,
      maxLeaves: params.maxLeaves ?? Number.POSITIVE_INFINITY,
      maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
      patience: trainRows < table.rows ? params.patience : null,
    };
    const trees = await new Booster(placed, loss, options, seed).run((progress) => context.report(progress));
    return { binning, trees, combination: "sum", base: loss.base, classes };
  });
}

/** With early stopping, a random order of the rows whose last ones validate; at least one row must train. */
function holdOut(rows: number, params: BoostParams, seed: number): { order?: Uint32Array; trainRows: number } {
  if (!params.earlyStopping || rows < 2) return { trainRows: rows };
  const held = Math.min(rows - 1, Math.max(1, Math.round(rows * params.validationFraction)));
  return { order: new Random(seed).permutation(rows), trainRows: rows - held };
}

function reorder<A extends Float64Array | Int32Array>(values: A, order: Uint32Array | undefined): A {
  if (order === undefined) return values;
  const ordered = values.slice() as A;
  for (let i = 0; i < ordered.length; i++) ordered[i] = values[order[i]];
  return ordered;
}
