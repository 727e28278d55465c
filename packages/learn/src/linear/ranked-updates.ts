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
  readonly #weights: Pointer;
  readonly #velocity: Float64Array;
  /** Gradient, loss and rows of an update. */
  readonly #sums: Pointer;
  /** What the kernel writes: gradient and loss, then its work space. */
  readonly #part: Pointer;
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
    this.#weights = zerosF64(runtime, memory, this.#width);
    this.#velocity = new Float64Array(this.#width);
    this.#span = this.#width + 2 + scratchLength(data.outputs);
    this.#sums = zerosF64(runtime, memory, this.#width + 2);
    this.#part = zerosF64(runtime, memory, this.#span);
    this.#order = orderOf(runtime, memory, { data, batch: Math.ceil(data.x.rows / this.#rounds), random });
    this.#pass = batch === null ? new GradientPass(runtime, memory, data) : undefined;
  }

  async run(settings: EpochSettings): Promise<number> {
    const { share, data } = this.#options;
    if (this.#pass !== undefined) return (await this.#step(settings, () => this.#all())) / share.total;
    const rows = new BlockReader(this.#order.blocks());
    const until = (round: number) => Math.floor((round * data.x.rows) / this.#rounds);
    let loss = 0;
    for (let round = 0; round < this.#rounds; round++) {
      // Shares that differ by one row at most, so that no update of an epoch has fewer rows than the others.
      const wanted = until(round + 1) - until(round);
      loss += await this.#step(settings, () => {
        this.#runtime.f64(this.#sums, this.#width + 2).fill(0);
        for (const piece of rows.take(wanted)) this.#add(piece);
      });
    }
    return loss / share.total;
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

  #add({ block, begin, rows }: Piece): void {
    const { kind, outputs, x } = this.#options.data;
    const row = block.x + begin * x.stride * 4;
    const target = block.y + begin * (kind === "softmax" ? 4 : 8);
    const head = [row, x.stride, target, this.#weights, ...(kind === "softmax" ? [outputs] : [])];
    this.#runtime.call(KERNELS[kind], ...head, this.#part, this.#span, rows, 0, rows);
    const part = this.#runtime.f64(this.#part, this.#width + 1);
    const sums = this.#runtime.f64(this.#sums, this.#width + 2);
    for (let j = 0; j <= this.#width; j++) sums[j] += part[j];
    sums[this.#width + 1] += rows;
  }
}

// Internal

/** Rows of a block that belong to one update. */
interface Piece {
  readonly block: RowBlock;
  readonly begin: number;
  readonly rows: number;
}

/** Reads blocks in pieces of any size; a piece lies where it is until the next is asked for. */
class BlockReader {
  readonly #blocks: Iterator<RowBlock>;
  #block: RowBlock = { x: 0, y: 0, rows: 0 };
  #at = 0;

  constructor(blocks: Iterable<RowBlock>) {
    this.#blocks = blocks[Symbol.iterator]();
  }

  *take(wanted: number): Generator<Piece> {
    for (let left = wanted; left > 0; ) {
      if (this.#at === this.#block.rows) {
        const next = this.#blocks.next();
        if (next.done === true) return;
        this.#block = next.value;
        this.#at = 0;
      }
      const rows = Math.min(left, this.#block.rows - this.#at);
      yield { block: this.#block, begin: this.#at, rows };
      this.#at += rows;
      left -= rows;
    }
  }
}
