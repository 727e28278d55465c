// Updates of weights by several processes: each brings the gradient of its own share of a batch, and all make the same
// step from their sum. The sum is taken where it lies in kernel memory.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { Random } from "../base/random.ts";
import type { RowShare } from "../base/row-share.ts";
import { zerosF64 } from "../matrix/dense-rows.ts";
import type { DescentPosition, EpochSettings, EpochUpdates } from "./descent-updates.ts";
import { GradientPass, type LossData, scratchLength } from "./gradient-pass.ts";
import { orderOf, type RowBlock, type RowOrder } from "./row-order.ts";

export interface RankedOptions {
  readonly data: LossData;
  /** Where this rank's `data` are among all. */
  readonly share: RowShare;
  /** Rows of all ranks per update; null: all rows. */
  readonly batch: number | null;
  readonly random: Random | undefined;
}

const KERNELS = { squared: "squaredPass", logistic: "logisticPass", softmax: "softmaxPass" } as const;

/** The rows of an update are as many as in one process, and a share of every rank's. */
export class RankedUpdates implements EpochUpdates {
  readonly #runtime: KernelRuntime;
  readonly #options: RankedOptions;
  readonly #width: number;
  /** Updates per epoch. */
  readonly #rounds: number;
  /** Of this rank's rows per update; the last updates of an epoch may find none left. */
  readonly #own: number;
  readonly #weights: Pointer;
  readonly #velocity: Float64Array;
  /** Gradient, loss and rows of an update, then the kernel's work space. */
  readonly #sums: Pointer;
  readonly #span: number;
  readonly #order: RowOrder;
  readonly #pass: GradientPass | undefined;
  #updates = 0;

  constructor(runtime: KernelRuntime, memory: Allocations, options: RankedOptions) {
    const { data, share, batch, random } = options;
    this.#runtime = runtime;
    this.#options = options;
    this.#width = data.outputs * data.x.stride;
    this.#rounds = batch === null ? 1 : Math.ceil(share.total / batch);
    this.#own = Math.ceil(data.x.rows / this.#rounds);
    this.#weights = zerosF64(runtime, memory, this.#width);
    this.#velocity = new Float64Array(this.#width);
    this.#span = this.#width + 2 + scratchLength(data.outputs);
    this.#sums = zerosF64(runtime, memory, this.#span);
    this.#order = orderOf(runtime, memory, { data, batch: this.#own, random });
    this.#pass = batch === null ? new GradientPass(runtime, memory, data) : undefined;
  }

  async run(settings: EpochSettings): Promise<number> {
    let loss = 0;
    let rounds = 0;
    if (this.#pass !== undefined) return (await this.#step(settings, () => this.#all())) / this.#options.share.total;
    for (const block of this.#order.blocks()) {
      for (let begin = 0; begin < block.rows; begin += this.#own) {
        const rows = Math.min(this.#own, block.rows - begin);
        loss += await this.#step(settings, () => this.#some(block, begin, rows));
        rounds++;
      }
    }
    for (; rounds < this.#rounds; rounds++) loss += await this.#step(settings, () => this.#none());
    return loss / this.#options.share.total;
  }

  weights(): Float64Array {
    return this.#runtime.f64(this.#weights, this.#width);
  }

  skip(epochs: number): void {
    this.#order.skip(epochs);
  }

  position(): DescentPosition {
    return { weights: this.weights().slice(), velocity: this.#velocity.slice(), updates: this.#updates };
  }

  restore({ weights, velocity, updates }: DescentPosition): void {
    this.weights().set(weights);
    this.#velocity.set(velocity);
    this.#updates = updates;
  }

  // Internal

  /** One update; `fill` writes this rank's part. Gives the rows' summed loss before the update. */
  async #step({ rate, power, l2, momentum }: EpochSettings, fill: () => void): Promise<number> {
    const { share, data } = this.#options;
    const { stride, intercept } = data.x;
    fill();
    const sums = this.#runtime.f64(this.#sums, this.#width + 2);
    await share.communicator.allReduce(sums);
    this.#updates++;
    const step = power === 0 ? rate : rate / this.#updates ** power;
    const weights = this.weights();
    const velocity = this.#velocity;
    const rows = sums[this.#width + 1];
    for (let j = 0; j < weights.length; j++) {
      const penalty = j % stride === intercept ? 0 : l2 * weights[j];
      velocity[j] = momentum * velocity[j] - step * (sums[j] / rows + penalty);
      weights[j] += velocity[j];
    }
    return sums[this.#width];
  }

  #all(): void {
    const sums = this.#runtime.f64(this.#sums, this.#width + 2);
    sums[this.#width] = this.#pass?.run(this.weights(), sums.subarray(0, this.#width)) ?? 0;
    sums[this.#width + 1] = this.#options.data.x.rows;
  }

  #some(block: RowBlock, begin: number, rows: number): void {
    const { kind, outputs, x } = this.#options.data;
    const row = block.x + begin * x.stride * 4;
    const target = block.y + begin * (kind === "softmax" ? 4 : 8);
    const head = [row, x.stride, target, this.#weights, ...(kind === "softmax" ? [outputs] : [])];
    this.#runtime.call(KERNELS[kind], ...head, this.#sums, this.#span, rows, 0, rows);
    this.#runtime.f64(this.#sums, this.#width + 2)[this.#width + 1] = rows;
  }

  #none(): void {
    this.#runtime.f64(this.#sums, this.#width + 2).fill(0);
  }
}
