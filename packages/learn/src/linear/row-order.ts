// The order in which an epoch takes the rows. Random access to rows in main memory costs several times what computing
// on them does, so large data is laid in a random order once, and epochs then shuffle blocks of it.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { Random } from "../base/random.ts";
import type { LossData } from "./gradient-pass.ts";

/** Takes `rows` rows and targets that lie one after another. */
export type BlockVisitor = (x: Pointer, y: Pointer, rows: number) => void;

/** Rows and targets that lie one after another, until the next block is asked for. */
export interface RowBlock {
  readonly x: Pointer;
  readonly y: Pointer;
  readonly rows: number;
}

export interface RowOrder {
  /** Visits all rows once, block by block; every block but one has whole batches. */
  forEachBlock(visit: BlockVisitor): void;
  /** `forEachBlock` for a visitor that has to wait between blocks. */
  blocks(): Iterable<RowBlock>;
  /** Leaves out so many passes: what comes then is what would have come after them. */
  skip(passes: number): void;
}

interface OrderOptions {
  readonly data: LossData;
  readonly batch: number;
  /** None for the order in which the rows lie. */
  readonly random: Random | undefined;
}

/** Rows per call: the compiler's better code is taken at the next call, so there must be a next one soon. */
const SEQUENTIAL_ROWS = 8192;
/** Small enough that their order is random enough, large enough that calls cost nothing. */
const BLOCK_ROWS = 256;
/** Rows gathered at once: enough to overlap cache misses, few enough for the first-level cache. */
const GATHERED_ROWS = 64;
/** Rows that fit the caches are shuffled one by one in every epoch. */
const CACHED_BYTES = 2 ** 22;

/** Whether so many rows are to be laid in a random order, so that `orderOf` need only shuffle their blocks. */
export function areLaidShuffled(rows: number, stride: number): boolean {
  return rows * stride * 4 > CACHED_BYTES;
}

/** The order for these rows, which lie in a random one where `areLaidShuffled` and there is `random`. */
export function orderOf(runtime: KernelRuntime, memory: Allocations, options: OrderOptions): RowOrder {
  const { random, data, batch } = options;
  if (random === undefined) return new BlockOrder(data, wholeBatches(SEQUENTIAL_ROWS, batch), undefined);
  if (areLaidShuffled(data.x.rows, data.x.stride)) {
    return new BlockOrder(data, wholeBatches(BLOCK_ROWS, batch), random);
  }
  return new ShuffledRows(runtime, memory, { data, batch, random });
}

// Internal

/** Contiguous blocks, in a random order when there is `random`. */
class BlockOrder implements RowOrder {
  readonly #data: LossData;
  readonly #size: number;
  readonly #blocks: Uint32Array;
  readonly #random: Random | undefined;

  constructor(data: LossData, size: number, random: Random | undefined) {
    this.#data = data;
    this.#size = size;
    this.#blocks = Uint32Array.from({ length: Math.ceil(data.x.rows / size) }, (_, block) => block);
    this.#random = random;
  }

  forEachBlock(visit: BlockVisitor): void {
    for (const { x, y, rows } of this.blocks()) visit(x, y, rows);
  }

  *blocks(): Generator<RowBlock> {
    const { x, y } = this.#data;
    this.#random?.shuffle(this.#blocks);
    for (const block of this.#blocks) {
      const begin = block * this.#size;
      const rows = Math.min(this.#size, x.rows - begin);
      yield { x: x.pointer + begin * x.stride * 4, y: y + begin * targetBytes(this.#data), rows };
    }
  }

  skip(passes: number): void {
    for (let pass = 0; pass < passes; pass++) this.#random?.shuffle(this.#blocks);
  }
}

/** All rows in a new order every time, gathered into a small buffer. */
class ShuffledRows implements RowOrder {
  readonly #runtime: KernelRuntime;
  readonly #data: LossData;
  readonly #random: Random;
  readonly #order: Pointer;
  readonly #size: number;
  readonly #x: Pointer;
  readonly #y: Pointer;

  constructor(runtime: KernelRuntime, memory: Allocations, { data, batch, random }: OrderOptions & { random: Random }) {
    const { rows, stride } = data.x;
    this.#runtime = runtime;
    this.#data = data;
    this.#random = random;
    this.#size = wholeBatches(GATHERED_ROWS, batch);
    this.#order = memory.alloc(rows * 4);
    runtime.u32(this.#order, rows).set(Uint32Array.from({ length: rows }, (_, row) => row));
    this.#x = memory.alloc(this.#size * stride * 4);
    this.#y = memory.alloc(this.#size * 8);
  }

  forEachBlock(visit: BlockVisitor): void {
    for (const { x, y, rows } of this.blocks()) visit(x, y, rows);
  }

  *blocks(): Generator<RowBlock> {
    const { x, y } = this.#data;
    this.#random.shuffle(this.#runtime.u32(this.#order, x.rows));
    const from = [x.pointer, x.stride, y, targetBytes(this.#data), this.#order, this.#x, this.#y];
    for (let begin = 0; begin < x.rows; begin += this.#size) {
      const end = Math.min(x.rows, begin + this.#size);
      this.#runtime.call("gatherRows", ...from, begin, begin, end);
      yield { x: this.#x, y: this.#y, rows: end - begin };
    }
  }

  skip(passes: number): void {
    for (let pass = 0; pass < passes; pass++) this.#random.shuffle(this.#runtime.u32(this.#order, this.#data.x.rows));
  }
}

function targetBytes({ kind }: LossData): number {
  return kind === "softmax" ? 4 : 8;
}

function wholeBatches(rows: number, batch: number): number {
  return Math.ceil(rows / batch) * batch;
}
