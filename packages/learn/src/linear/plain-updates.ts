// Epochs of gradient descent for the losses, optimisers and penalties that the kernels have not: one thread, plain code.
// With averaging the model is the mean of the weights after every update (Polyak & Juditsky 1992), which the moving
// weights do not follow; gradient noise is that of Neelakantan et al. 2015.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { Random } from "../base/random.ts";
import type { DescentParams } from "./descent-params.ts";
import type { DescentPosition, EpochSettings, EpochUpdates } from "./descent-updates.ts";
import type { LossData } from "./gradient-pass.ts";
import { Optimizer, slotsOf } from "./optimizer.ts";
import { orderOf, type RowOrder } from "./row-order.ts";
import { KERNEL_LOSSES, type ScoreLoss } from "./score-losses.ts";
import { ScorePass } from "./score-pass.ts";

export interface PlainOptions {
  readonly data: LossData;
  readonly loss: ScoreLoss | undefined;
  readonly params: DescentParams;
  /** Rows per update; null: all. */
  readonly batch: number | null;
  /** Draws the order of the rows. */
  readonly random: Random | undefined;
  /** Of the gradient noise. */
  readonly seed: number;
}

/** The variance of gradient noise falls with this power of the updates. */
const NOISE_POWER = 0.55;

/** Whether kernels make these updates. */
export function areKernelUpdates(loss: ScoreLoss | undefined, params: DescentParams): boolean {
  const { optimizer, averaging, gradientNoise, l1 } = params;
  return loss === undefined && optimizer === "momentum" && !averaging && gradientNoise === 0 && l1 === 0;
}

/** Numbers that a descent keeps beside the model, per weight: the optimiser's, and the moving weights when averaging. */
export function memorySlots(params: DescentParams): number {
  return slotsOf(params) + (params.averaging ? 1 : 0);
}

export class PlainUpdates implements EpochUpdates {
  readonly #options: PlainOptions;
  readonly #pass: ScorePass;
  readonly #order: RowOrder | undefined;
  readonly #memory: Float64Array;
  readonly #optimizer: Optimizer;
  readonly #weights: Float64Array;
  readonly #average: Float64Array | undefined;
  readonly #ahead: Float64Array;
  readonly #gradient: Float64Array;
  #updates = 0;

  constructor(runtime: KernelRuntime, memory: Allocations, options: PlainOptions) {
    const { data, loss, params, batch, random } = options;
    this.#options = options;
    this.#pass = new ScorePass(runtime, data, loss ?? KERNEL_LOSSES[data.kind]);
    this.#order = batch === null ? undefined : orderOf(runtime, memory, { data, batch, random });
    const { width } = this.#pass;
    this.#memory = new Float64Array(width * slotsOf(params));
    this.#optimizer = new Optimizer(params, this.#memory);
    this.#weights = new Float64Array(width);
    this.#average = params.averaging ? new Float64Array(width) : undefined;
    this.#ahead = new Float64Array(width);
    this.#gradient = new Float64Array(width);
  }

  run(settings: EpochSettings): number {
    const noise = this.#noise();
    const blocks = this.#order?.blocks() ?? [this.#pass.block];
    let loss = 0;
    for (const block of blocks) {
      const batch = this.#options.batch ?? block.rows;
      for (let begin = 0; begin < block.rows; begin += batch) {
        const end = Math.min(block.rows, begin + batch);
        const weights = this.point(settings);
        loss += this.#pass.runRows(block, { begin, end }, { weights, gradient: this.#gradient });
        this.#move(this.#gradient, end - begin, settings, noise);
      }
    }
    return loss / this.#options.data.x.rows;
  }

  /** Where the next update's gradient is to be taken. */
  point({ momentum }: EpochSettings): Float64Array {
    return this.#optimizer.lookAhead(this.#weights, momentum, this.#ahead);
  }

  /** One update by a gradient summed over `rows` rows, taken at `point`. */
  update(gradient: Float64Array, rows: number, settings: EpochSettings): void {
    this.#move(gradient, rows, settings, this.#noise());
  }

  weights(): Float64Array {
    return this.#average ?? this.#weights;
  }

  position(): DescentPosition {
    const moving = this.#average === undefined ? [] : this.#weights;
    return {
      weights: this.weights().slice(),
      velocity: Float64Array.from([...this.#memory, ...moving]),
      updates: this.#updates,
    };
  }

  restore({ weights, velocity, updates }: DescentPosition): void {
    this.#memory.set(velocity.subarray(0, this.#memory.length));
    this.#average?.set(weights);
    this.#weights.set(this.#average === undefined ? weights : velocity.subarray(this.#memory.length));
    this.#updates = updates;
  }

  skip(epochs: number): void {
    this.#order?.skip(epochs);
  }

  // Internal

  /** A stream of its own for each epoch, so that a resumed one draws the same. */
  #noise(): Random | undefined {
    const { params, seed } = this.#options;
    return params.gradientNoise === 0
      ? undefined
      : new Random((seed % 2 ** 32) + 2 ** 32 * ((this.#updates + 1) % 2 ** 20));
  }

  #move(gradient: Float64Array, rows: number, { rate, power, l2, momentum }: EpochSettings, noise?: Random): void {
    const { stride, intercept, columns } = this.#options.data.x;
    const { gradientNoise } = this.#options.params;
    const at = this.point({ rate, power, l2, momentum });
    this.#updates++;
    const settings = { rate: power === 0 ? rate : rate / this.#updates ** power, l2, momentum, update: this.#updates };
    const deviation = Math.sqrt(gradientNoise / this.#updates ** NOISE_POWER);
    for (let j = 0; j < gradient.length; j++) {
      const column = j % stride;
      const isFree = column === intercept;
      // Beyond the columns there is only padding.
      if (column >= columns && !isFree) continue;
      const g = gradient[j] / rows + (noise === undefined ? 0 : deviation * noise.normal());
      this.#optimizer.step(this.#weights, j, { g, at: at[j], isFree }, settings);
    }
    const average = this.#average;
    if (average === undefined) return;
    for (let j = 0; j < average.length; j++) average[j] += (this.#weights[j] - average[j]) / this.#updates;
  }
}
