// One epoch of weight updates by each method. The weights live in kernel memory between epochs.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { Random } from "../base/random.ts";
import { zerosF64 } from "../matrix/dense-rows.ts";
import { GradientPass, type LossData, scratchLength } from "./gradient-pass.ts";
import { orderOf, type RowOrder } from "./row-order.ts";

export interface EpochSettings {
  readonly rate: number;
  /** Within the epoch the rate is further divided by t^power at update t. */
  readonly power: number;
  readonly l2: number;
  readonly momentum: number;
}

/** Where a descent stands: all that it needs to go on. */
export interface DescentPosition {
  /** outputs x stride; `velocity` is so much for each thing that the optimiser remembers. */
  readonly weights: Float64Array;
  readonly velocity: Float64Array;
  /** Updates made. */
  readonly updates: number;
}

export interface EpochUpdates {
  /** Goes once over all rows and gives back their mean loss, each taken before the update it led to. */
  run(settings: EpochSettings): number | Promise<number>;
  /** Leaves out the draws of so many epochs, which an earlier attempt has done. */
  skip(epochs: number): void;
  /** The weights so far: outputs x stride. */
  weights(): Float64Array;
  /** A copy of where it stands. */
  position(): DescentPosition;
  /** Goes on from there. */
  restore(position: DescentPosition): void;
}

/** Loss kinds as the kernels number them. */
const CODES = { squared: 0, logistic: 1, softmax: 2 } as const;
/** All rows, one update. */
export class BatchUpdates implements EpochUpdates {
  readonly #pass: GradientPass;
  readonly #data: LossData;
  readonly #weights: Float64Array;
  readonly #velocity: Float64Array;
  readonly #gradient: Float64Array;
  #updates = 0;

  constructor(runtime: KernelRuntime, memory: Allocations, data: LossData) {
    this.#pass = new GradientPass(runtime, memory, data);
    this.#data = data;
    this.#weights = new Float64Array(this.#pass.width);
    this.#velocity = new Float64Array(this.#pass.width);
    this.#gradient = new Float64Array(this.#pass.width);
  }

  run({ rate, power, l2, momentum }: EpochSettings): number {
    const { rows, stride, intercept } = this.#data.x;
    const loss = this.#pass.run(this.#weights, this.#gradient);
    this.#updates++;
    const step = power === 0 ? rate : rate / this.#updates ** power;
    for (let j = 0; j < this.#weights.length; j++) {
      const penalty = j % stride === intercept ? 0 : l2 * this.#weights[j];
      this.#velocity[j] = momentum * this.#velocity[j] - step * (this.#gradient[j] / rows + penalty);
      this.#weights[j] += this.#velocity[j];
    }
    return loss / rows;
  }

  weights(): Float64Array {
    return this.#weights;
  }

  position(): DescentPosition {
    return { weights: this.#weights.slice(), velocity: this.#velocity.slice(), updates: this.#updates };
  }

  skip(): void {}

  restore({ weights, velocity, updates }: DescentPosition): void {
    this.#weights.set(weights);
    this.#velocity.set(velocity);
    this.#updates = updates;
  }
}

/** One row, or a batch of rows, per update. */
export class StochasticUpdates implements EpochUpdates {
  readonly #runtime: KernelRuntime;
  readonly #data: LossData;
  readonly #batch: number;
  readonly #width: number;
  readonly #weights: Pointer;
  readonly #gradient: Pointer;
  readonly #velocity: Pointer;
  readonly #scratch: Pointer;
  readonly #order: RowOrder;
  #updates = 0;

  /** With `random` each epoch takes the rows in a new order, otherwise as they lie. */
  constructor(
    runtime: KernelRuntime,
    memory: Allocations,
    { data, batch, random }: { data: LossData; batch: number; random: Random | undefined },
  ) {
    this.#runtime = runtime;
    this.#data = data;
    this.#batch = Math.min(batch, data.x.rows);
    this.#width = data.outputs * data.x.stride;
    this.#weights = zerosF64(runtime, memory, this.#width);
    this.#gradient = zerosF64(runtime, memory, this.#width);
    this.#velocity = zerosF64(runtime, memory, this.#width);
    this.#scratch = zerosF64(runtime, memory, scratchLength(data.outputs));
    this.#order = orderOf(runtime, memory, { data, batch: this.#batch, random });
  }

  run(settings: EpochSettings): number {
    let loss = 0;
    this.#order.forEachBlock((x, y, rows) => {
      loss += this.#descend(x, y, rows, settings);
    });
    return loss / this.#data.x.rows;
  }

  weights(): Float64Array {
    return this.#runtime.f64(this.#weights, this.#width);
  }

  position(): DescentPosition {
    const velocity = this.#runtime.f64(this.#velocity, this.#width).slice();
    return { weights: this.weights().slice(), velocity, updates: this.#updates };
  }

  skip(epochs: number): void {
    this.#order.skip(epochs);
  }

  restore({ weights, velocity, updates }: DescentPosition): void {
    this.weights().set(weights);
    this.#runtime.f64(this.#velocity, this.#width).set(velocity);
    this.#updates = updates;
  }

  // Internal

  #descend(x: Pointer, y: Pointer, rows: number, { rate, power, l2, momentum }: EpochSettings): number {
    const { kind, outputs, x: matrix } = this.#data;
    const { stride, intercept } = matrix;
    const before = this.#updates;
    const common = [x, stride, intercept, y];
    this.#updates += Math.ceil(rows / this.#batch);
    if (this.#batch === 1 && momentum === 0 && kind !== "softmax") {
      const steps = [CODES[kind], rate, power, l2, before];
      return this.#runtime.call("descendRows", ...common, this.#weights, ...steps, 0, rows);
    }
    const vectors = [this.#weights, this.#gradient, this.#velocity, this.#scratch];
    const steps = [CODES[kind], outputs, this.#batch, rate, power, l2, momentum, before];
    return this.#runtime.call("descendBatches", ...common, ...vectors, ...steps, 0, rows);
  }
}
