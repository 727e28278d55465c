// The way of a logistic regression to its minimum: from a sample's minimum where a sample tells enough, in single precision
// as far as that goes, then in double. Every stage can be gone on with from a checkpoint.
import type { Allocations } from "@massif/kernels";
import type { FitContext, FittedState } from "../base/component.ts";
import type { RowShare } from "../base/row-share.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { LossData } from "./gradient-pass.ts";
import {
  evaluate,
  type LbfgsOptions,
  type LbfgsPosition,
  type LbfgsResult,
  largest,
  NO_PAIRS,
  type Objective,
  type Point,
  resume,
} from "./lbfgs.ts";
import { penalisedMean } from "./penalised-mean.ts";
import { type SampleStart, startFromSample } from "./sample-start.ts";

export interface LogLossProblem {
  readonly data: LossData;
  readonly penalty: number;
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Where `data` are the rows of one rank. */
  readonly share?: RowShare;
  /** The sum of the rows' weights, where they have any. */
  readonly total?: number;
}

/** Leaves room for what single precision may err, a tenth of the tolerance. */
const SINGLE_TOLERANCE = 0.9;
/** Relative: sums of float32 losses, rounded up from what is seen on random data (about 1e-9). */
const SINGLE_VALUE_ERROR = 1e-7;
const OWNER = "the checkpoint of a logistic regression";

/** Minimises; reports and offers a checkpoint after every iteration. */
export async function minimiseLogLoss(
  problem: LogLossProblem,
  memory: Allocations,
  context: FitContext,
): Promise<LbfgsResult> {
  const { data, penalty, share, total, tolerance, maxIterations } = problem;
  const { runtime } = context;
  const double = penalisedMean(runtime, memory, { data, penalty, share, total });
  const saved = await context.checkpoint?.load();
  const sample = data.weightColumn === undefined ? await startFromSample(runtime, problem) : undefined;
  const isSingle = sample?.isSingleEnough === true;
  const single = isSingle ? penalisedMean(runtime, memory, { data: { ...data, isSingle }, penalty, share }) : undefined;
  let at = saved === undefined ? await begin({ problem, sample, double, single }) : read(saved);
  const options = optionsOf(problem, sample, context);
  if (at.stage === "single" && single !== undefined) {
    const result = await resume(single, at.position, options("single"));
    if (largest(result.gradient) <= tolerance || result.iterations === maxIterations) return result;
    // Where single precision could do no more, double precision takes over.
    at = { stage: "sampled", position: startAt(await evaluate(double, result.x.slice()), result.iterations) };
  }
  return await resume(double, at.position, options(at.stage));
}

// Internal

/** `plain`: without a sample. `single`, `sampled`: in single or double precision, led by a sample. */
type Stage = "plain" | "single" | "sampled";

interface Place {
  readonly stage: Stage;
  readonly position: LbfgsPosition;
}

interface Beginning {
  readonly problem: LogLossProblem;
  readonly sample: SampleStart | undefined;
  readonly double: Objective;
  readonly single: Objective | undefined;
}

async function begin({ problem: { data }, sample, double, single }: Beginning): Promise<Place> {
  if (sample !== undefined) {
    const start = await evaluate(single ?? double, sample.start);
    // A sample that misleads, as where it holds one class only, is worse than no weights at all.
    if (start.value <= Math.log(Math.max(2, data.outputs))) {
      return { stage: single === undefined ? "sampled" : "single", position: startAt(start, 0) };
    }
  }
  const zero = new Float64Array(data.outputs * data.x.stride);
  return { stage: "plain", position: startAt(await evaluate(double, zero), 0) };
}

function startAt(point: Point, iteration: number): LbfgsPosition {
  return { point, iteration, curvature: NO_PAIRS };
}

function optionsOf(
  { tolerance, maxIterations }: LogLossProblem,
  sample: SampleStart | undefined,
  { report, checkpoint }: FitContext,
): (stage: Stage) => LbfgsOptions {
  return (stage) => {
    const onIteration: LbfgsOptions["onIteration"] = async (step, loss, position) => {
      await report({ step, total: maxIterations, unit: "iteration", loss });
      await checkpoint?.save(() => write({ stage, position: position() }));
    };
    const options = { tolerance, maxIterations, onIteration };
    if (stage === "plain") return options;
    const led = { ...options, precondition: sample?.precondition };
    if (stage === "sampled") return led;
    return { ...led, tolerance: SINGLE_TOLERANCE * tolerance, valueError: SINGLE_VALUE_ERROR };
  };
}

function write({ stage, position: { point, iteration, curvature } }: Place): FittedState {
  return {
    tensors: {
      x: tensor(point.x),
      gradient: tensor(point.gradient),
      value: tensor(Float64Array.of(point.value)),
      steps: tensor(curvature.steps),
      changes: tensor(curvature.changes),
      products: tensor(curvature.products),
    },
    meta: { stage, iteration, preconditioned: curvature.preconditioned },
  };
}

function read(state: FittedState): Place {
  const numbers = (name: string) => readTensor(state, name, { owner: OWNER, type: Float64Array });
  const curvature = {
    steps: numbers("steps"),
    changes: numbers("changes"),
    products: numbers("products"),
    preconditioned: readMeta(state, "preconditioned", OWNER) === true,
  };
  const point = { x: numbers("x"), gradient: numbers("gradient"), value: numbers("value")[0] };
  const iteration = Number(readMeta(state, "iteration", OWNER));
  return { stage: readMeta(state, "stage", OWNER) as Stage, position: { point, iteration, curvature } };
}
