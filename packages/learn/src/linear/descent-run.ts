// The epochs of one gradient descent: reports each, stops when the loss no longer falls, and says why when it grows.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import type { FitContext, FittedState } from "../base/component.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { DescentParams } from "./descent-params.ts";
import type { EpochUpdates } from "./descent-updates.ts";
import { DivergenceError } from "./divergence-error.ts";
import type { DescentProblem } from "./gradient-descent.ts";
import { GradientPass, type LossData } from "./gradient-pass.ts";
import { stepLimit } from "./learning-rate.ts";
import { isAdaptive } from "./optimizer.ts";
import { epochRate, type ScheduleOptions, updatePower } from "./schedule.ts";
import { KERNEL_LOSSES } from "./score-losses.ts";
import { ScorePass } from "./score-pass.ts";

export interface DescentSetup {
  readonly problem: DescentProblem;
  readonly params: DescentParams;
  readonly schedule: ScheduleOptions;
  readonly runtime: KernelRuntime;
  readonly memory: Allocations;
  readonly train: LossData;
  /** Rows for early stopping. */
  readonly held: LossData | undefined;
  readonly updates: EpochUpdates;
  /** Where several processes descend together. */
  readonly group?: DescentGroup;
}

/** What single losses become those of all ranks by. */
export interface DescentGroup {
  /** Held-out rows of all ranks. */
  readonly heldRows: number;
  /** Replaces numbers by their sums over all ranks. */
  sum(values: Float64Array): Promise<void>;
}

export interface DescentHistory {
  /** Mean loss of each epoch, every row's taken before the update it led to. */
  readonly loss: readonly number[];
  /** Mean loss of the held-out rows after each epoch; empty without early stopping. */
  readonly validationLoss: readonly number[];
  readonly weights: Float64Array;
  readonly stopped: "epochs" | "tolerance" | "validation";
}

/** A loss this many times the one of zero weights is on its way to infinity. */
const DIVERGED = 1e3;
/** At the end, a loss above that of zero weights by this factor is no fit either; noise of small steps stays below. */
const WORSE_THAN_NOTHING = 2;
const OWNER = "the checkpoint of a gradient descent";
const METHODS = { batch: "batch gradient descent", sgd: "SGD", minibatch: "mini-batch gradient descent" } as const;

export class DescentRun {
  readonly #setup: DescentSetup;
  readonly #watch: GradientPass | ScorePass | undefined;
  readonly #loss: number[] = [];
  readonly #validationLoss: number[] = [];
  #best: Float64Array;
  #lowest = Number.POSITIVE_INFINITY;
  #withoutGain = 0;

  constructor(setup: DescentSetup) {
    const { held, runtime, memory, updates, problem } = setup;
    this.#setup = setup;
    if (held !== undefined) {
      const { loss, weights } = problem;
      this.#watch =
        loss === undefined && weights === undefined
          ? new GradientPass(runtime, memory, held)
          : new ScorePass(runtime, held, loss ?? KERNEL_LOSSES[held.kind]);
    }
    this.#best = updates.weights().slice();
  }

  /** Runs until an epoch limit, a lack of progress, divergence (DivergenceError) or a rejected report. */
  async toEnd(context: FitContext): Promise<DescentHistory> {
    const { schedule } = this.#setup;
    let stopped: DescentHistory["stopped"] = "epochs";
    const saved = await context.checkpoint?.load();
    if (saved !== undefined) this.#restore(saved);
    for (let epoch = this.#loss.length; epoch < schedule.epochs; epoch++) {
      await this.#runEpoch(epoch);
      const loss = this.#loss[epoch];
      if (this.#hasDiverged(loss)) {
        // Told all the same where it is a number: a picture shows how the run left.
        if (Number.isFinite(loss)) {
          await context.report({ step: epoch + 1, total: schedule.epochs, unit: "epoch", loss });
        }
        throw this.#diverged(epoch + 1);
      }
      const validation = this.#watch === undefined ? {} : { validationLoss: this.#validationLoss[epoch] };
      await context.report({ step: epoch + 1, total: schedule.epochs, unit: "epoch", loss, ...validation });
      if (this.#watch === undefined ? this.#isFlat() : this.#withoutGain >= this.#patience) {
        stopped = this.#watch === undefined ? "tolerance" : "validation";
        break;
      }
      await context.checkpoint?.save(() => this.#state());
    }
    const weights = this.#watch === undefined ? this.#setup.updates.weights().slice() : this.#best;
    this.#checkEnd(weights);
    return { loss: this.#loss, validationLoss: this.#validationLoss, weights, stopped };
  }

  // Internal

  /**
   * Whether the loss of the last epochs has not fallen against that of as many before. The largest of each is compared:
   * with momentum, single epochs swing low and come back. A cosine schedule decides the end itself, since its loss only
   * settles as the rate goes to 0.
   */
  #isFlat(): boolean {
    const { schedule, params } = this.#setup;
    if (schedule.schedule === "cosine" || params.tolerance === null) return false;
    const window = this.#patience;
    if (this.#loss.length < 2 * window) return false;
    const recent = Math.max(...this.#loss.slice(-window));
    const before = Math.max(...this.#loss.slice(-2 * window, -window));
    // A full batch has no noise: a loss that rises there is on its way out, which is for the divergence check to say.
    if (params.method === "batch" && recent > before * (1 + params.tolerance)) return false;
    return recent >= before * (1 - params.tolerance);
  }

  /** A full batch with momentum overshoots and comes back within about 1 / (1 - momentum) epochs, one update each. */
  get #patience(): number {
    const { method, momentum, patience } = this.#setup.params;
    return method === "batch" ? Math.ceil(patience / (1 - momentum)) : patience;
  }

  async #runEpoch(epoch: number): Promise<void> {
    const { schedule, params, updates, problem, held, group } = this.#setup;
    const { l2, momentum } = params;
    const mean = await updates.run({ rate: epochRate(schedule, epoch), power: updatePower(schedule), l2, momentum });
    this.#loss.push(mean * problem.lossScale);
    if (this.#watch === undefined || held === undefined) return;
    const weights = updates.weights();
    const sum = Float64Array.of(this.#watch.run(weights, new Float64Array(this.#watch.width)));
    await group?.sum(sum);
    const validation = sum[0] / (group?.heldRows ?? held.x.rows);
    this.#validationLoss.push(validation * problem.lossScale);
    const isLowest = validation < this.#lowest;
    this.#withoutGain = isLowest ? 0 : this.#withoutGain + 1;
    if (!isLowest) return;
    this.#lowest = validation;
    this.#best = weights.slice();
  }

  #state(): FittedState {
    const { weights, velocity, updates } = this.#setup.updates.position();
    return {
      tensors: {
        weights: tensor(weights),
        velocity: tensor(velocity),
        best: tensor(this.#best.slice()),
        loss: tensor(Float64Array.from(this.#loss)),
        validationLoss: tensor(Float64Array.from(this.#validationLoss)),
      },
      meta: { updates, withoutGain: this.#withoutGain },
    };
  }

  #restore(state: FittedState): void {
    const { updates } = this.#setup;
    const { length } = this.#best;
    const read = (name: string, length?: number) =>
      readTensor(state, name, { owner: OWNER, type: Float64Array, length });
    const count = (name: string) => Number(readMeta(state, name, OWNER));
    updates.restore({
      weights: read("weights", length),
      velocity: read("velocity", updates.position().velocity.length),
      updates: count("updates"),
    });
    this.#best = read("best", length);
    this.#loss.push(...read("loss"));
    this.#validationLoss.push(...read("validationLoss"));
    this.#withoutGain = count("withoutGain");
    const { lossScale } = this.#setup.problem;
    this.#lowest = Math.min(...this.#validationLoss) / lossScale;
    updates.skip(this.#loss.length);
  }

  /** Also true for NaN. */
  #hasDiverged(loss: number): boolean {
    const { startLoss, lossScale } = this.#setup.problem;
    return !(loss <= DIVERGED * startLoss * lossScale);
  }

  /** A run that ended before it blew up, but with weights worse than none, has diverged all the same. */
  #checkEnd(weights: Float64Array): void {
    const { problem } = this.#setup;
    const last = this.#loss[this.#loss.length - 1];
    const isFit = weights.every(Number.isFinite) && last <= WORSE_THAN_NOTHING * problem.startLoss * problem.lossScale;
    if (!isFit) throw this.#diverged(this.#loss.length);
  }

  #diverged(epoch: number): DivergenceError {
    const { params, schedule, runtime, memory, train, problem } = this.#setup;
    const kind = problem.loss?.curvature ?? train.kind;
    const { curvature, limit } = stepLimit(runtime, params, { x: train.x, kind, memory });
    const { learningRate } = schedule;
    const optimizer = `${METHODS[params.method]}${accentOf(params)}`;
    return new DivergenceError({ optimizer, learningRate, curvature, limit, epoch, isAdaptive: isAdaptive(params) });
  }
}

// Internal

/** What an error adds to the method's name. */
function accentOf({ optimizer, momentum }: DescentParams): string {
  if (optimizer === "momentum") return momentum > 0 ? " with momentum" : "";
  return ` with ${optimizer === "nesterov" ? "Nesterov's momentum" : optimizer}`;
}
