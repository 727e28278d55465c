// Gradient descent from data to weights: settles what the parameters leave open, holds rows out when asked to, and
// hands over to a run of epochs.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import type { FitContext, Json } from "../base/component.ts";
import { Random } from "../base/random.ts";
import { packRows, strideOf } from "../matrix/dense-rows.ts";
import { weightsToModel } from "../matrix/linear-model.ts";
import { type DescentParams, epochsOf } from "./descent-params.ts";
import { type DescentHistory, DescentRun } from "./descent-run.ts";
import { BatchUpdates, type EpochUpdates, StochasticUpdates } from "./descent-updates.ts";
import type { LossData, LossKind } from "./gradient-pass.ts";
import { adaptiveRate, batchOf, stableRate } from "./learning-rate.ts";
import { isAdaptive } from "./optimizer.ts";
import { areKernelUpdates, PlainUpdates } from "./plain-updates.ts";
import { areLaidShuffled } from "./row-order.ts";
import type { ScheduleOptions } from "./schedule.ts";
import type { ScoreLoss } from "./score-losses.ts";

export interface DescentProblem {
  readonly kind: LossKind;
  /** Rows of weights. */
  readonly outputs: number;
  readonly columns: readonly Float64Array[];
  /** A loss that kernels have not; `kind` then says how the target lies in memory. */
  readonly loss?: ScoreLoss;
  /** How far scores reach: the unit of an adaptive optimiser's steps. Default 1. */
  readonly spread?: number;
  /** Called when a column holds a number that is not a finite float32; throws. */
  readonly refuse: () => never;
  /** Numbers, signs (-1, 1) or class codes. */
  readonly target: Float64Array | Int32Array;
  /** How much each row counts; absent: all alike. */
  readonly weights?: Float64Array;
  /** The largest squared length of a row, where `columns` are a sample of more. */
  readonly longest?: number;
  /** The mean loss where all weights are 0. */
  readonly startLoss: number;
  /** Reported losses are the mean loss times this: 2 makes the squared loss a mean squared error. */
  readonly lossScale: number;
}

export interface DescentResult {
  /** outputs x columns. */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  /** Learning rate, epochs, why it stopped, and the losses of all epochs. */
  readonly details: Readonly<Record<string, Json>>;
}

/** Minimises the mean loss plus l1 |w| + l2 / 2 |w|^2. Throws DivergenceError; rejects when `context.report` does. */
export async function descend(
  problem: DescentProblem,
  params: DescentParams,
  context: FitContext,
): Promise<DescentResult> {
  const { runtime } = context;
  return await runtime.scope(async (memory) => {
    const random = new Random(context.seed);
    const { train, held } = lay(problem, { params, random, runtime, memory });
    const schedule = settle(problem, params, runtime);
    const updates = updatesOf(problem, { params, random, runtime, memory }, { train, seed: context.seed });
    const run = new DescentRun({ problem, params, schedule, runtime, memory, train, held, updates });
    const history = await run.toEnd(context);
    return { ...weightsToModel(history.weights, train.x), details: detailsOf(history, schedule) };
  });
}

// Internal

function updatesOf(
  { loss, weights }: DescentProblem,
  { params, random, runtime, memory }: Means,
  { train, seed }: { train: LossData; seed: number },
): EpochUpdates {
  const batch = batchOf(params, train.x.rows);
  const order = { data: train, batch, random: params.shuffle ? random : undefined };
  if (weights !== undefined || !areKernelUpdates(loss, params)) {
    const rows = params.method === "batch" ? null : batch;
    return new PlainUpdates(runtime, memory, { ...order, batch: rows, loss, params, seed });
  }
  return params.method === "batch"
    ? new BatchUpdates(runtime, memory, train)
    : new StochasticUpdates(runtime, memory, order);
}

/** What rows are laid with. */
export interface Means {
  readonly params: DescentParams;
  readonly random: Random;
  readonly runtime: KernelRuntime;
  readonly memory: Allocations;
}

/** Brings the rows into kernel memory: those to learn from, and those held out for early stopping. */
function lay(problem: DescentProblem, means: Means): { train: LossData; held: LossData | undefined } {
  const { params, random } = means;
  const rows = problem.target.length;
  if (!params.earlyStopping || rows < 2) return { train: layRows(problem, means), held: undefined };
  const order = random.permutation(rows);
  const count = Math.min(rows - 1, Math.max(1, Math.round(rows * params.validationFraction)));
  return {
    train: layRows(problem, means, order.slice(count).sort()),
    held: layRows(problem, means, order.slice(0, count).sort()),
  };
}

/** Brings rows into kernel memory: those `picked`, by default all. */
export function layRows(problem: DescentProblem, means: Means, picked?: Uint32Array): LossData {
  const { kind, outputs, refuse } = problem;
  const { runtime, memory, params, random } = means;
  const intercept = params.fitIntercept;
  const pick = (values: Float64Array) =>
    picked === undefined ? values : Float64Array.from(picked, (index) => values[index]);
  const columns = problem.columns.map(pick);
  const rows = picked?.length ?? problem.target.length;
  const isShuffled =
    params.method !== "batch" &&
    params.shuffle &&
    areLaidShuffled(rows, strideOf(columns.length + (problem.weights === undefined ? 0 : 1), intercept));
  const places = isShuffled ? random.permutation(rows) : undefined;
  const weights = problem.weights === undefined ? undefined : scaledToMean1(pick(problem.weights));
  const laid = weights === undefined ? columns : [...columns, weights];
  const x = packRows(runtime, memory, { columns: laid, rows, intercept, places, refuse });
  const values = picked === undefined ? problem.target : Array.from(picked, (index) => problem.target[index]);
  const y = memory.alloc(rows * (kind === "softmax" ? 4 : 8));
  const target = kind === "softmax" ? runtime.i32(y, rows) : runtime.f64(y, rows);
  if (places === undefined) target.set(values);
  else for (let i = 0; i < rows; i++) target[places[i]] = values[i];
  if (weights === undefined) return { kind, outputs, x, y };
  return { kind, outputs, x: { ...x, columns: columns.length }, y, weightColumn: columns.length };
}

/** So that sums over rows divided by their number are weighted means. */
function scaledToMean1(weights: Float64Array): Float64Array {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i];
  // Held-out rows may all count for nothing; then they count alike.
  return weights.map((weight) => (sum > 0 ? (weight * weights.length) / sum : 1));
}

/** What the parameters leave open, settled by the rows. */
export function settle(
  { columns, target, weights, longest, kind, loss, spread = 1 }: DescentProblem,
  params: DescentParams,
  runtime: KernelRuntime,
): ScheduleOptions {
  const isBatch = params.method === "batch";
  const { power, decay, decayEvery } = params;
  const findRate = () =>
    isAdaptive(params)
      ? adaptiveRate(columns, spread)
      : stableRate(runtime, params, { columns, weights, longest, rows: target.length, kind: loss?.curvature ?? kind });
  return {
    schedule: params.schedule !== "auto" ? params.schedule : isBatch ? "constant" : "cosine",
    learningRate: params.learningRate ?? findRate(),
    epochs: epochsOf(params),
    power,
    decay,
    decayEvery,
  };
}

/** What is worth keeping of a descent besides the weights. */
export function detailsOf(history: DescentHistory, { learningRate }: ScheduleOptions): Record<string, Json> {
  const { loss, validationLoss, stopped } = history;
  const losses: Record<string, Json> = { loss };
  if (validationLoss.length > 0) losses.validationLoss = validationLoss;
  return { learningRate, epochs: loss.length, stopped, history: losses };
}
