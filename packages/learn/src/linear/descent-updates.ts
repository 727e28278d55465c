// One epoch of weight updates by each method. The weights live in kernel memory between epochs.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { Random } from "../base/random.ts";
import { zerosF64 } from "../matrix/dense-rows.ts";
import { GradientPass, type LossData, scratchLength } from "./gradient-pass.ts";

export interface EpochSettings {
  readonly rate: number;
  /** Within the epoch the rate is further divided by t^power at update t. */
  readonly power: number;
  readonly l2: number;
  readonly momentum: number;
}

export interface EpochUpdates {
  /** Goes once over all rows and gives back their mean loss, each taken before the update it led to. */
  run(settings: EpochSettings): number;
  /** The weights so far: outputs x stride. */
  weights(): Float64Array;
}

/** Loss kinds as the kernels number them. */
const CODES = { squared: 0, logistic: 1, softmax: 2 } as const;
/** Rows gathered at once in random order: enough to overlap cache misses, few enough for the first-level cache. */
const GATHERED_ROWS = 64;
/** Rows per call otherwise: the compiler's better code is taken at the next call, so there must be a next one soon. */
const ROWS_PER_CALL = 8192;

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
  readonly #order: { readonly random: Random; readonly indices: Pointer } | undefined;
  readonly #gatheredX: Pointer;
  readonly #gatheredY: Pointer;
  readonly #block: number;
  #updates = 0;

  /** With `random` each epoch takes the rows in a new order, otherwise as they lie. */
  constructor(
    runtime: KernelRuntime,
    memory: Allocations,
    { data, batch, random }: { data: LossData; batch: number; random: Random | undefined },
  ) {
    const { rows, stride } = data.x;
    this.#runtime = runtime;
    this.#data = data;
    this.#batch = Math.min(batch, rows);
    this.#width = data.outputs * stride;
    this.#weights = zerosF64(runtime, memory, this.#width);
    this.#gradient = zerosF64(runtime, memory, this.#width);
    this.#velocity = zerosF64(runtime, memory, this.#width);
    this.#scratch = zerosF64(runtime, memory, scratchLength(data.outputs));
    // Whole batches per block.
    const wanted = random === undefined ? ROWS_PER_CALL : GATHERED_ROWS;
    this.#block = Math.ceil(wanted / this.#batch) * this.#batch;
    this.#gatheredX = random === undefined ? 0 : memory.alloc(this.#block * stride * 4);
    this.#gatheredY = random === undefined ? 0 : memory.alloc(this.#block * 8);
    if (random !== undefined) {
      const indices = memory.alloc(rows * 4);
      runtime.u32(indices, rows).set(Uint32Array.from({ length: rows }, (_, i) => i));
      this.#order = { random, indices };
    }
  }

  run(settings: EpochSettings): number {
    const { x, y, kind } = this.#data;
    const bytes = kind === "softmax" ? 4 : 8;
    if (this.#order !== undefined) this.#order.random.shuffle(this.#runtime.u32(this.#order.indices, x.rows));
    let loss = 0;
    for (let begin = 0; begin < x.rows; begin += this.#block) {
      const end = Math.min(x.rows, begin + this.#block);
      if (this.#order === undefined) {
        loss += this.#descend(x.pointer + begin * x.stride * 4, y + begin * bytes, end - begin, settings);
      } else {
        const { indices } = this.#order;
        const gathered = [this.#gatheredX, this.#gatheredY];
        this.#runtime.call("gatherRows", x.pointer, x.stride, y, bytes, indices, ...gathered, begin, end);
        loss += this.#descend(this.#gatheredX, this.#gatheredY, end - begin, settings);
      }
    }
    return loss / x.rows;
  }

  weights(): Float64Array {
    return this.#runtime.f64(this.#weights, this.#width);
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
