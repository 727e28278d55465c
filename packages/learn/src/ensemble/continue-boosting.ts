// More trees for boosted trees that exist: they are grown on what the old ones leave over of further rows, in the old
// bins. New trees see only the new rows, so this follows the data where it goes; it does not equal a fit of all rows.
import type { PartialContext } from "../base/component.ts";
import type { ParamsOf } from "../base/params.ts";
import { alignTable } from "../base/schema.ts";
import type { Table } from "../base/table.ts";
import { addTrees } from "../tree/predict-trees.ts";
import type { TreeModel } from "../tree/tree-model.ts";
import type { TreeSet } from "../tree/tree-set.ts";
import type { Loss } from "./boost-loss.ts";
import { type BoostMemory, placeBoost } from "./boost-memory.ts";
import type { boostParams } from "./boost-params.ts";
import { Booster } from "./booster.ts";

/** What the rows are and how their loss is made. */
export interface ContinueOptions {
  readonly table: Table;
  readonly params: ParamsOf<typeof boostParams>;
  readonly context: PartialContext;
  /** The estimator's name. */
  readonly owner: string;
  /** Weights of the rows; absent: each counts once. */
  readonly weights: Float64Array | undefined;
  readonly monotone: Int8Array | undefined;
  makeLoss(placed: BoostMemory): Promise<Loss>;
}

/** The model with as many new rounds as the new rows' share of all rows asks for, at least one. */
export async function continueBoosting(model: TreeModel, options: ContinueOptions): Promise<TreeModel> {
  const { params, context, owner, weights, monotone, makeLoss } = options;
  const { runtime } = context;
  const { binning, base } = model;
  const table = alignTable(binning.schema, options.table, owner);
  const { rows } = table;
  const old = model.trees.nodeOffsets.length - 1;
  const trees = await runtime.scope(async (memory) => {
    const outputs = model.base.length;
    const laid = { binning, table, trainRows: rows, outputs, weights, monotone };
    const placed = placeBoost(runtime, memory, laid, params);
    const loss = await makeLoss(placed);
    setScores(model, { table, loss, placed });
    const booster = new Booster(
      placed,
      loss,
      {
        ...params,
        rounds: Math.max(1, Math.round(params.nEstimators * context.share)),
        maxLeaves: params.maxLeaves ?? Number.POSITIVE_INFINITY,
        maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
        patience: null,
        monotone,
      },
      // Other rows and columns are sampled than in the rounds before.
      context.seed + old,
    );
    return booster.run((progress) => context.report(progress));
  });
  return { ...model, base, trees: joinTrees(model.trees, trees) };
}

// Internal

/** Puts the scores where the old trees leave them. Some losses count from their own base, in their own scale. */
function setScores(model: TreeModel, { table, loss, placed }: { table: Table; loss: Loss; placed: BoostMemory }): void {
  const { runtime } = placed;
  const { binning, trees, base } = model;
  const outputs = base.length;
  const sums = new Float64Array(table.rows * outputs);
  for (let i = 0; i < sums.length; i++) sums[i] = base[i % outputs];
  addTrees(runtime, { binning, trees, outputs }, table, sums);
  for (let k = 0; k < outputs; k++) {
    const scores = runtime.f64(loss.scores(k), table.rows);
    const zero = loss.fromBase ? loss.base[k] : 0;
    for (let row = 0; row < table.rows; row++) scores[row] = (sums[row * outputs + k] - zero) / loss.scale;
  }
}

function joinTrees(first: TreeSet, second: TreeSet): TreeSet {
  const join = <A extends Uint32Array | Float32Array | Float64Array>(
    a: A,
    b: A,
    type: new (length: number) => A,
  ): A => {
    const whole = new type(a.length + b.length);
    whole.set(a);
    whole.set(b, a.length);
    return whole;
  };
  const offsets = (a: Uint32Array, b: Uint32Array) =>
    join(
      a,
      b.slice(1).map((at) => at + a[a.length - 1]),
      Uint32Array,
    );
  const traces =
    first.traces === null || second.traces === null
      ? null
      : {
          covers: join(first.traces.covers, second.traces.covers, Float32Array),
          gains: first.traces.gains.map((gain, column) => gain + (second.traces?.gains[column] ?? 0)),
        };
  return {
    traces,
    width: first.width,
    nodes: join(first.nodes, second.nodes, Uint32Array),
    values: join(first.values, second.values, Float64Array),
    nodeOffsets: offsets(first.nodeOffsets, second.nodeOffsets),
    leafOffsets: offsets(first.leafOffsets, second.leafOffsets),
  };
}
