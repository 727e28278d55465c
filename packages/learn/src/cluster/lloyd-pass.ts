// One step of Lloyd's algorithm over rows in kernel memory, by all threads and all ranks: rows are cut into chunks
// whatever the number of threads, each chunk has its own sums, and these are added in chunk order.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { Communicator } from "../base/communicator.ts";
import type { DenseRows } from "../matrix/dense-rows.ts";

const MAX_CHUNKS = 64;
const MIN_GRAIN = 256;
/** f64 that the chunks' sums may take together. */
const MAX_PARTIALS = 2 ** 23;

/** The sums of the rows nearest to each centre. */
export interface LloydSums {
  /** clusters × features. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Sum over the rows of |c|²/2 − x·c for their centre c: half the inertia without the rows' own squares. */
  readonly score: number;
}

export class LloydPass {
  readonly #runtime: KernelRuntime;
  readonly #communicator: Communicator;
  readonly #rows: DenseRows;
  readonly #clusters: number;
  readonly #centres: Pointer;
  readonly #panels: Pointer;
  readonly #halves: Pointer;
  readonly #partials: Pointer;
  readonly #total: Pointer;
  readonly #span: number;
  readonly #grain: number;
  readonly #chunks: number;

  constructor(
    { runtime, communicator }: { runtime: KernelRuntime; communicator: Communicator },
    memory: Allocations,
    { rows, clusters }: { rows: DenseRows; clusters: number },
  ) {
    this.#runtime = runtime;
    this.#communicator = communicator;
    this.#rows = rows;
    this.#clusters = clusters;
    const panels = Math.ceil(clusters / 8);
    this.#span = 2 * Math.ceil((clusters * (rows.stride + 1) + 1) / 2);
    const chunks = Math.max(1, Math.min(MAX_CHUNKS, Math.floor(MAX_PARTIALS / this.#span)));
    this.#grain = Math.max(MIN_GRAIN, Math.ceil(rows.rows / chunks));
    this.#chunks = Math.ceil(rows.rows / this.#grain);
    this.#centres = memory.alloc(clusters * rows.stride * 4);
    this.#panels = memory.alloc(panels * 8 * rows.columns * 4);
    this.#halves = memory.alloc(panels * 8 * 4);
    this.#partials = memory.alloc(Math.max(1, this.#chunks) * this.#span * 8);
    this.#total = memory.alloc(this.#span * 8);
  }

  /** Sums of the rows of all ranks by their nearest of `centres` (clusters × features). */
  async run(centres: Float64Array): Promise<LloydSums> {
    const [runtime, { columns, stride }, clusters] = [this.#runtime, this.#rows, this.#clusters];
    this.#layCentres(centres);
    const args = [this.#rows.pointer, stride, this.#panels, this.#halves, columns, clusters, this.#partials];
    runtime.parallel("clusterPass", [...args, this.#span, this.#grain], this.#rows.rows, this.#grain);
    runtime.call("sumPartials", this.#partials, this.#span, this.#chunks, this.#total, 0, this.#span);
    const total = runtime.f64(this.#total, this.#span);
    await this.#communicator.allReduce(total);
    const sums = new Float64Array(clusters * columns);
    for (let k = 0; k < clusters; k++) sums.set(total.subarray(k * stride, k * stride + columns), k * columns);
    const counts = total.slice(clusters * stride, clusters * (stride + 1));
    return { sums, counts, score: total[clusters * (stride + 1)] };
  }

  #layCentres(centres: Float64Array): void {
    const [runtime, { columns, stride }, clusters] = [this.#runtime, this.#rows, this.#clusters];
    const rows = runtime.f32(this.#centres, clusters * stride).fill(0);
    for (let k = 0; k < clusters; k++) rows.set(centres.subarray(k * columns, (k + 1) * columns), k * stride);
    const places = Math.ceil(clusters / 8) * 8;
    runtime.call("packPanels", this.#centres, stride, columns, clusters, this.#panels, this.#halves, 0, places);
  }
}
