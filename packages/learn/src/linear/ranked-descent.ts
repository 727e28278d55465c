// Gradient descent by several processes, each on its own rows. The learning rate, the rows held out and the number of
// updates are those of one process; what differs is which rows meet in a batch.
import type { FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { gatherRows, type RowShare, shareRows } from "../base/row-share.ts";
import { weightsToModel } from "../matrix/linear-model.ts";
import { type DescentParams, epochsOf } from "./descent-params.ts";
import { DescentRun } from "./descent-run.ts";
import { type DescentProblem, type DescentResult, descend, detailsOf, layRows, settle } from "./gradient-descent.ts";
import type { LossData } from "./gradient-pass.ts";
import { longestRow, SAMPLE_ROWS } from "./learning-rate.ts";
import { areKernelUpdates } from "./plain-updates.ts";
import { RankedUpdates } from "./ranked-updates.ts";
import type { ScheduleOptions } from "./schedule.ts";

/** `descend` with the rows of all ranks; every rank ends with the same weights. Throws ParamError for `sgd` on ranks. */
export async function descendTogether(
  problem: DescentProblem,
  params: DescentParams,
  context: FitContext,
): Promise<DescentResult> {
  const { communicator } = context;
  if (communicator === undefined || communicator.size === 1) return await descend(problem, params, context);
  return await descendOnRanks(problem, params, { ...context, communicator });
}

// Internal

async function descendOnRanks(
  given: DescentProblem,
  params: DescentParams,
  context: FitContext & Required<Pick<FitContext, "communicator">>,
): Promise<DescentResult> {
  if (!areKernelUpdates(given.loss, params)) {
    const cure = "train on one rank, or leave these parameters at their defaults";
    const what = "losses, optimizers and penalties other than squared or logistic, momentum and l2";
    throw new ParamError(given.loss === undefined ? "optimizer" : "loss", `ranks cannot share ${what}; ${cure}`);
  }
  if (params.method === "sgd") {
    const cure = 'choose "minibatch" or "batch"';
    throw new ParamError("method", `\`method\` "sgd" updates after every row, which ranks cannot share; ${cure}`);
  }
  const { runtime, communicator } = context;
  const share = await shareRows(communicator, given.target.length);
  const problem = { ...given, startLoss: await meanOf(share, given.startLoss) };
  const schedule = await settleTogether(problem, { params, share, context });
  return await runtime.scope(async (memory) => {
    const random = new Random(context.seed);
    const held = heldRows(share, params, random);
    // Shuffles are each rank's own; only the rows held out come from the common stream.
    const own = new Random(context.seed + 1 + communicator.rank);
    const lay = (rows: Uint32Array | undefined): LossData =>
      layRows(problem, { params, random: own, runtime, memory }, rows);
    const train = lay(held?.train);
    const trainShare = held === undefined ? share : await shareRows(communicator, train.x.rows);
    const updates = new RankedUpdates(runtime, memory, {
      data: train,
      share: trainShare,
      batch: params.method === "batch" ? null : Math.min(params.batchSize, trainShare.total),
      random: params.shuffle ? own : undefined,
    });
    const group = { heldRows: share.total - trainShare.total, sum: (v: Float64Array) => communicator.allReduce(v) };
    const watched = held === undefined ? undefined : lay(held.held);
    const run = new DescentRun({ problem, params, schedule, runtime, memory, train, held: watched, updates, group });
    const history = await run.toEnd(context);
    return { ...weightsToModel(history.weights, train.x), details: detailsOf(history, schedule) };
  });
}

async function meanOf({ communicator, rows, total }: RowShare, own: number): Promise<number> {
  const sum = Float64Array.of(own * rows);
  await communicator.allReduce(sum);
  return sum[0] / total;
}

/** The schedule of one process: its rate comes from the same sample of all rows. */
async function settleTogether(
  problem: DescentProblem,
  { params, share, context }: { params: DescentParams; share: RowShare; context: FitContext },
): Promise<ScheduleOptions> {
  const { runtime } = context;
  const count = params.learningRate === null ? Math.ceil(share.total / Math.ceil(share.total / SAMPLE_ROWS)) : 0;
  const every = Math.ceil(share.total / SAMPLE_ROWS);
  const wanted = Uint32Array.from({ length: count }, (_, i) => i * every);
  const columns = count === 0 ? problem.columns : await gatherRows(share, problem.columns, wanted);
  const longest = every > 1 && count > 0 ? await longestOfAll(share, problem.columns) : undefined;
  const sample = { ...problem, columns, longest, target: new Float64Array(Math.max(1, count)) };
  const schedule = settle(sample, params, runtime);
  return { ...schedule, epochs: epochsOf(params) };
}

/** The largest squared length of any rank's rows: each writes its own to a place of its own, and all are added up. */
async function longestOfAll({ communicator }: RowShare, columns: readonly Float64Array[]): Promise<number> {
  const own = new Float64Array(communicator.size);
  own[communicator.rank] = longestRow(columns);
  await communicator.allReduce(own);
  return own.reduce((longest, length) => Math.max(longest, length), 0);
}

/** This rank's part of the rows that one process would hold out, and of those it would learn from. */
function heldRows(
  { first, rows, total }: RowShare,
  params: DescentParams,
  random: Random,
): { train: Uint32Array; held: Uint32Array } | undefined {
  if (!params.earlyStopping || total < 2) return undefined;
  const order = random.permutation(total);
  const count = Math.min(total - 1, Math.max(1, Math.round(total * params.validationFraction)));
  const ownOf = (all: Uint32Array) => all.filter((row) => row >= first && row < first + rows).map((row) => row - first);
  return { train: ownOf(order.slice(count).sort()), held: ownOf(order.slice(0, count).sort()) };
}
