// One step of Lloyd's algorithm over rows in kernel memory, by all threads and all ranks: rows are cut into chunks
// whatever the number of threads, each chunk has its own sums, and these are added in chunk order. The sums are kept from
// step to step, and rows have so few bits that this is exact: how they came about leaves no trace in them.
import { type Allocations, CLUSTER_CONTEXT, CLUSTER_SCRATCH, type KernelRuntime, type Pointer } from "@massif/kernels";
import type { Communicator } from "../base/communicator.ts";
import { copyF64, type DenseRows } from "../matrix/dense-rows.ts";

const MAX_CHUNKS = 64;
const MIN_GRAIN = 256;
/** f64 that the chunks' sums may take together. */
const MAX_PARTIALS = 2 ** 23;
/** Bits of a value: 2^30 such values sum up exactly in float64. */
const VALUE_BITS = 23;
const ROUND_GRAIN = 4096;
/** Half a unit in the last place of a float32. */
const HALF_ULP = 2 ** -24;
/** What is rounded to a float32 as a bound is first made so much larger. */
const RAISED = 1 + 2 ** -22;

/** The sums of the rows nearest to each centre. */
export interface LloydSums {
  /** clusters × features; rows times their weights. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Sum over the rows of |c|²/2 − x·c for their centre c: half the inertia without the rows' own squares. */
  readonly score: number;
}

export interface PassOptions {
  readonly rows: DenseRows;
  readonly clusters: number;
  readonly weights?: Float64Array;
  /** Whether to pass over rows whose centre cannot have changed; the sums are the same. */
  readonly bounded: boolean;
}

export class LloydPass {
  readonly #runtime: KernelRuntime;
  readonly #communicator: Communicator;
  readonly #options: PassOptions;
  readonly #centres: Pointer;
  readonly #panels: Pointer;
  readonly #halves: Pointer;
  readonly #moves: Pointer;
  readonly #assigned: Pointer;
  readonly #partials: Pointer;
  readonly #total: Pointer;
  readonly #context: Pointer;
  readonly #span: number;
  readonly #grain: number;
  readonly #chunks: number;
  /** The centres of the last pass as the kernel saw them; undefined before the first. */
  #before: Float32Array | undefined;

  constructor(
    { runtime, communicator }: { runtime: KernelRuntime; communicator: Communicator },
    memory: Allocations,
    options: PassOptions,
  ) {
    const { rows, clusters, weights } = options;
    this.#runtime = runtime;
    this.#communicator = communicator;
    this.#options = options;
    const places = 8 * Math.ceil(clusters / 8);
    this.#span = 2 * Math.ceil((clusters * (rows.stride + 1)) / 2) + CLUSTER_SCRATCH;
    const chunks = Math.max(1, Math.min(MAX_CHUNKS, Math.floor(MAX_PARTIALS / this.#span)));
    this.#grain = Math.max(MIN_GRAIN, Math.ceil(rows.rows / chunks));
    this.#chunks = Math.ceil(rows.rows / this.#grain);
    this.#centres = memory.alloc(clusters * rows.stride * 4);
    this.#panels = memory.alloc(places * rows.columns * 4);
    this.#halves = memory.alloc(places * 4);
    this.#moves = memory.alloc(clusters * 4);
    this.#partials = memory.alloc(Math.max(1, this.#chunks) * this.#span * 8);
    this.#total = memory.alloc(this.#span * 8);
    this.#assigned = memory.alloc(rows.rows * 4);
    this.#context = memory.alloc(CLUSTER_CONTEXT.bytes);
    CLUSTER_CONTEXT.write(runtime, this.#context, {
      rows: rows.pointer,
      stride: rows.stride,
      centres: this.#centres,
      panels: this.#panels,
      halves: this.#halves,
      features: rows.columns,
      clusters,
      moves: this.#moves,
      assigned: this.#assigned,
      upper: memory.alloc(rows.rows * 4),
      lower: memory.alloc(rows.rows * 4),
      weights: weights === undefined ? 0 : copyF64(runtime, memory, weights),
      partials: this.#partials,
      span: this.#span,
      grain: this.#grain,
    });
  }

  /** Rows belong nowhere again, as before the first pass. */
  restart(): void {
    this.#before = undefined;
    this.#runtime.i32(this.#assigned, this.#options.rows.rows).fill(-1);
    this.#runtime.f64(this.#partials, Math.max(1, this.#chunks) * this.#span).fill(0);
  }

  /** Sums of the rows of all ranks by their nearest of `centres` (clusters × features). */
  async run(centres: Float64Array): Promise<LloydSums> {
    const runtime = this.#runtime;
    const { rows, clusters } = this.#options;
    const { columns, stride } = rows;
    this.#layCentres(centres);
    runtime.parallel("clusterPass", [this.#context], rows.rows, this.#grain);
    const used = clusters * (stride + 1);
    runtime.call("sumPartials", this.#partials, this.#span, this.#chunks, this.#total, 0, used);
    const total = runtime.f64(this.#total, used);
    await this.#communicator.allReduce(total);
    const sums = new Float64Array(clusters * columns);
    for (let k = 0; k < clusters; k++) sums.set(total.subarray(k * stride, k * stride + columns), k * columns);
    const counts = total.slice(clusters * stride, used);
    return { sums, counts, score: scoreOf(centres, sums, counts) };
  }

  /** The centre of each row in the last pass. */
  get assigned(): Int32Array {
    return this.#runtime.i32(this.#assigned, this.#options.rows.rows).slice();
  }

  #layCentres(centres: Float64Array): void {
    const runtime = this.#runtime;
    const { clusters, bounded, rows } = this.#options;
    const { columns, stride } = rows;
    const laid = runtime.f32(this.#centres, clusters * stride).fill(0);
    for (let k = 0; k < clusters; k++) laid.set(centres.subarray(k * columns, (k + 1) * columns), k * stride);
    const places = 8 * Math.ceil(clusters / 8);
    runtime.call("packPanels", this.#centres, stride, columns, clusters, this.#panels, this.#halves, 0, places);
    const isNext = bounded && this.#before !== undefined;
    const limits = { ...this.#limits(laid), ...(isNext ? this.#movesSince(laid) : {}), bounded: isNext ? 1 : 0 };
    CLUSTER_CONTEXT.write(runtime, this.#context, limits);
    this.#before = laid.slice();
  }

  /**
   * How far bounds must lie apart. A score |c|²/2 − x·c summed over d features is off by at most
   * e = (d + 2) · 2⁻²⁴ · |c| (|c|/2 + |x|), and |x| ≤ |c| + u; scores are in the order of their distances for certain
   * when (l² − u²) / 2 > 2e. (d + 8) instead of (d + 2) covers the rounding of this comparison as well.
   */
  #limits(laid: Float32Array) {
    const { rows, clusters } = this.#options;
    const { columns, stride } = rows;
    let squares = 0;
    for (let k = 0; k < clusters; k++) squares = Math.max(squares, squaredLength(laid, k * stride, stride));
    squares *= RAISED;
    const unit = (columns + 8) * HALF_ULP;
    return {
      squares,
      constant: 4 * unit * 1.5 * squares * RAISED,
      slope: 4 * unit * Math.sqrt(squares) * RAISED,
      rounding: 2 * unit,
    };
  }

  #movesSince(laid: Float32Array) {
    const { rows, clusters } = this.#options;
    const before = this.#before as Float32Array;
    const moves = this.#runtime.f32(this.#moves, clusters);
    let [largest, second, farthest] = [0, 0, 0];
    for (let k = 0; k < clusters; k++) {
      let sum = 0;
      for (let at = k * rows.stride; at < (k + 1) * rows.stride; at++) sum += (laid[at] - before[at]) ** 2;
      const move = Math.sqrt(sum) * RAISED;
      moves[k] = move;
      if (move > largest) [largest, second, farthest] = [move, largest, k];
      else if (move > second) second = move;
    }
    return { largest: largest * RAISED, second: second * RAISED, farthest };
  }
}

/** Rounds rows so that sums of them are exact; `largest` are the columns' largest sizes on all ranks. */
export function roundRows(runtime: KernelRuntime, rows: DenseRows, largest: ArrayLike<number>): void {
  if (rows.rows === 0) return;
  runtime.scope((memory) => {
    const [quanta, inverses] = [memory.alloc(rows.stride * 4), memory.alloc(rows.stride * 4)];
    const [up, down] = [runtime.f32(quanta, rows.stride).fill(1), runtime.f32(inverses, rows.stride).fill(1)];
    for (let j = 0; j < rows.columns; j++) {
      // Within these bounds both a quantum and its inverse are ordinary float32.
      const exponent = Math.max(-126, Math.min(126, Math.ceil(Math.log2(largest[j])) - VALUE_BITS));
      if (largest[j] === 0) continue;
      up[j] = 2 ** exponent;
      down[j] = 2 ** -exponent;
    }
    runtime.parallel("roundRows", [rows.pointer, rows.stride, quanta, inverses], rows.rows, ROUND_GRAIN);
  });
}

// Internal

function scoreOf(centres: Float64Array, sums: Float64Array, counts: Float64Array): number {
  const features = centres.length / counts.length;
  let score = 0;
  for (let k = 0; k < counts.length; k++) {
    let [squares, products] = [0, 0];
    for (let at = k * features; at < (k + 1) * features; at++) {
      squares += centres[at] * centres[at];
      products += centres[at] * sums[at];
    }
    score += 0.5 * counts[k] * squares - products;
  }
  return score;
}

function squaredLength(values: Float32Array, begin: number, length: number): number {
  let sum = 0;
  for (let at = begin; at < begin + length; at++) sum += values[at] * values[at];
  return sum;
}
