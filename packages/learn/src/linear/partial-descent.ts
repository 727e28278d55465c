// Gradient descent over rows that come in parts: each part continues from the position of the last. Mini-batches take
// their steps within a part; a full batch adds up the gradients of a pass's parts and steps at its end, as it would
// with all rows at hand. Not here: early stopping and `tolerance`, which look at all rows at once.
import type { Allocations } from "@massif/kernels";
import type { FitContext, FittedState, PartialContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { strideOf } from "../matrix/dense-rows.ts";
import type { DescentParams } from "./descent-params.ts";
import { type DescentPosition, StochasticUpdates } from "./descent-updates.ts";
import { DivergenceError } from "./divergence-error.ts";
import { type DescentProblem, type DescentResult, layRows, settle } from "./gradient-descent.ts";
import { GradientPass, type LossData } from "./gradient-pass.ts";
import { batchOf, stepLimit } from "./learning-rate.ts";
import { isAdaptive } from "./optimizer.ts";
import { areKernelUpdates, memorySlots, PlainUpdates } from "./plain-updates.ts";
import { epochRate, type ScheduleOptions, updatePower } from "./schedule.ts";
import { KERNEL_LOSSES, type ScoreLoss } from "./score-losses.ts";
import { ScorePass } from "./score-pass.ts";

/** The parts of one model's passes: begins with nothing, or goes on from a state. */
export class PartialDescent {
  #sums = emptySums();

  /** Weights of zero and what a sample of the rows settles: the learning rate. */
  begin(problem: DescentProblem, params: DescentParams, context: FitContext): DescentResult {
    this.#sums = emptySums();
    const { learningRate } = settle(problem, params, context.runtime);
    const width = problem.outputs * strideOf(problem.columns.length, params.fitIntercept);
    const velocity = new Float64Array(width * memorySlots(params));
    const position = { weights: new Float64Array(width), velocity, updates: 0 };
    return resultAt(position, { problem, params, learningRate });
  }

  /** Learns from one part. Throws DivergenceError; rejects when `context.report` does. */
  async part(
    problem: DescentProblem,
    { params, state, context }: { params: DescentParams; state: FittedState; context: PartialContext },
  ): Promise<DescentResult> {
    const schedule = settle(
      problem,
      { ...params, learningRate: rateOf(state) ?? params.learningRate },
      context.runtime,
    );
    const position = positionOf(state, params);
    const moved = await descendPart(problem, { params, schedule, position, sums: this.#sums, context });
    return resultAt(moved, { problem, params, learningRate: schedule.learningRate });
  }
}

/** Throws ParamError where the parameters need all rows at once. */
export function checkPartial(owner: string, { earlyStopping }: DescentParams, { weights }: FitContext): void {
  if (weights !== undefined) {
    throw new ParamError("weights", `${owner} weighs rows only where it has all at once; leave the weights out`);
  }
  if (!earlyStopping) return;
  const problem = `\`earlyStopping\` of ${owner} holds out rows of all there are; set it to false to learn in parts`;
  throw new ParamError("earlyStopping", problem);
}

// Internal

interface PassSums {
  loss: number;
  rows: number;
  /** Of a full batch: the gradient of the parts so far. */
  gradient: Float64Array | undefined;
}

interface PartOptions {
  readonly params: DescentParams;
  readonly schedule: ScheduleOptions;
  readonly position: DescentPosition;
  /** Changed in place. */
  readonly sums: PassSums;
  readonly context: PartialContext;
}

function emptySums(): PassSums {
  return { loss: 0, rows: 0, gradient: undefined };
}

async function descendPart(problem: DescentProblem, options: PartOptions): Promise<DescentPosition> {
  const { params, context, position, sums, schedule } = options;
  const { runtime, pass, passes, endsPass, share } = context;
  const next = runtime.scope((memory) => {
    // Each part of each pass has an order of its own, whatever was drawn before it.
    const random = new Random(context.seed + position.updates + pass);
    const data = layRows(problem, { params, random, runtime, memory });
    const rate = epochRate({ ...schedule, learningRate: schedule.learningRate * share, epochs: passes }, pass);
    const settings = { rate, power: updatePower(schedule), l2: params.l2, momentum: params.momentum };
    const moved =
      params.method === "batch"
        ? batchPart({ ...options, settings }, data, { loss: problem.loss, memory })
        : stochasticPart({ ...options, settings }, data, { random, memory, loss: problem.loss });
    const limit = DIVERGED * problem.startLoss;
    const worst = endsPass && pass === passes - 1 ? WORSE_THAN_NOTHING * problem.startLoss : limit;
    const loss = sums.loss / sums.rows;
    if (!(loss <= (sums.rows < MIN_ROWS ? limit : worst)) || !moved.weights.every(Number.isFinite)) {
      const optimizer = params.method === "batch" ? "batch gradient descent" : "mini-batch gradient descent";
      const kind = problem.loss?.curvature ?? data.kind;
      const { curvature, limit } = stepLimit(runtime, params, { x: data.x, kind, memory });
      const told = { optimizer, learningRate: rate, curvature, limit, epoch: pass + 1 };
      throw new DivergenceError({ ...told, isAdaptive: isAdaptive(params) });
    }
    return moved;
  });
  if (endsPass) {
    const loss = (sums.loss / sums.rows) * problem.lossScale;
    await context.report({ step: pass + 1, total: passes, unit: "epoch", loss });
    Object.assign(sums, emptySums());
  }
  return next;
}

/** The position that a model and the details of its fit stand for; without a velocity it starts at rest. */
function positionOf({ tensors, meta }: FittedState, params: DescentParams): DescentPosition {
  const coefficients = tensors.coefficients.data;
  const intercepts = tensors.intercepts.data;
  const columns = coefficients.length / intercepts.length;
  const stride = strideOf(columns, params.fitIntercept);
  const weights = new Float64Array(intercepts.length * stride);
  for (let k = 0; k < intercepts.length; k++) {
    weights.set(coefficients.subarray(k * columns, (k + 1) * columns), k * stride);
    if (params.fitIntercept) weights[k * stride + columns] = intercepts[k];
  }
  const { velocity, updates } = meta;
  const length = weights.length * memorySlots(params);
  const kept = Array.isArray(velocity) && velocity.length === length && velocity.every(Number.isFinite);
  const atRest = new Float64Array(length);
  // Averages begin where the model is.
  if (params.averaging) atRest.set(weights, length - weights.length);
  return {
    weights,
    velocity: kept ? Float64Array.from(velocity as readonly number[]) : atRest,
    updates: typeof updates === "number" && updates >= 0 ? updates : 0,
  };
}

function rateOf({ meta }: FittedState): number | undefined {
  const { learningRate } = meta;
  return typeof learningRate === "number" && learningRate > 0 ? learningRate : undefined;
}

/** The model at a position, and what its state keeps of the position besides. */
function resultAt(
  { weights, velocity, updates }: DescentPosition,
  { problem, params, learningRate }: { problem: DescentProblem; params: DescentParams; learningRate: number },
): DescentResult {
  const { fitIntercept } = params;
  const columns = problem.columns.length;
  const stride = strideOf(columns, fitIntercept);
  const outputs = weights.length / stride;
  const coefficients = new Float64Array(outputs * columns);
  const intercepts = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    coefficients.set(weights.subarray(k * stride, k * stride + columns), k * columns);
    if (fitIntercept) intercepts[k] = weights[k * stride + columns];
  }
  return { coefficients, intercepts, details: { learningRate, velocity: [...velocity], updates } };
}

/** As in a fit of all rows: a loss so many times that of zero weights is on its way to infinity … */
const DIVERGED = 1e3;
/** … and at the end one this much above it is no fit. */
const WORSE_THAN_NOTHING = 2;
/** Of fewer rows the mean loss says little. */
const MIN_ROWS = 1000;

interface Moving extends PartOptions {
  readonly settings: { readonly rate: number; readonly power: number; readonly l2: number; readonly momentum: number };
}

function stochasticPart(
  { params, position, sums, context, settings }: Moving,
  data: LossData,
  { random, memory, loss }: { random: Random; memory: Allocations; loss: ScoreLoss | undefined },
): DescentPosition {
  const order = { data, batch: batchOf(params, data.x.rows), random: params.shuffle ? random : undefined };
  const updates = areKernelUpdates(loss, params)
    ? new StochasticUpdates(context.runtime, memory, order)
    : new PlainUpdates(context.runtime, memory, { ...order, loss, params, seed: context.seed });
  updates.restore(position);
  sums.loss += updates.run(settings) * data.x.rows;
  sums.rows += data.x.rows;
  return updates.position();
}

function batchPart(
  moving: Moving,
  data: LossData,
  { loss, memory }: { loss: ScoreLoss | undefined; memory: Allocations },
): DescentPosition {
  const { params, position, sums, context, settings } = moving;
  if (!areKernelUpdates(loss, params)) return plainBatchPart(moving, data, { loss, memory });
  const { weights, velocity } = position;
  const pass = new GradientPass(context.runtime, memory, data);
  const gradient = new Float64Array(pass.width);
  sums.loss += pass.run(weights, gradient);
  sums.rows += data.x.rows;
  sums.gradient ??= new Float64Array(pass.width);
  for (let j = 0; j < gradient.length; j++) sums.gradient[j] += gradient[j];
  if (!context.endsPass) return position;
  const { rate, power, l2, momentum } = settings;
  const { stride, intercept } = data.x;
  const updates = position.updates + 1;
  const step = power === 0 ? rate : rate / updates ** power;
  const moved = { weights: weights.slice(), velocity: velocity.slice(), updates };
  for (let j = 0; j < weights.length; j++) {
    const penalty = j % stride === intercept ? 0 : l2 * weights[j];
    moved.velocity[j] = momentum * velocity[j] - step * (sums.gradient[j] / sums.rows + penalty);
    moved.weights[j] += moved.velocity[j];
  }
  return moved;
}

function plainBatchPart(
  { params, position, sums, context, settings }: Moving,
  data: LossData,
  { loss, memory }: { loss: ScoreLoss | undefined; memory: Allocations },
): DescentPosition {
  const options = { data, loss, params, batch: null, random: undefined, seed: context.seed };
  const updates = new PlainUpdates(context.runtime, memory, options);
  updates.restore(position);
  const pass = new ScorePass(context.runtime, data, loss ?? KERNEL_LOSSES[data.kind]);
  const gradient = new Float64Array(pass.width);
  sums.loss += pass.run(updates.point(settings), gradient);
  sums.rows += data.x.rows;
  sums.gradient ??= new Float64Array(pass.width);
  for (let j = 0; j < gradient.length; j++) sums.gradient[j] += gradient[j];
  if (!context.endsPass) return position;
  updates.update(sums.gradient, sums.rows, settings);
  return updates.position();
}
