// From columns to codes of one byte and back to what a code means. Trees are grown and served on codes: 0 is missing, bin
// k of a number is k, a category has its own code; beyond 255 categories the rare ones share the last code.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { FittedState, Slot, Tensor } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { gatherRows, type RowShare } from "../base/row-share.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { CategoryColumn, Column, ColumnSchema, Table } from "../base/table.ts";
import { type CutOptions, findColumnCuts, sampleRows } from "./cuts.ts";

/** Codes of one feature: cuts between number bins, or the code of each category. */
export type FeatureCodes =
  | { readonly kind: "number"; readonly cuts: Float64Array }
  | { readonly kind: "category"; readonly map: Uint8Array; readonly codes: number };

/** Where codes go: feature f of row r at pointer + (r × stride) + f's own offset. */
export interface CodeLayout {
  readonly stride: number;
  /** Where the codes of feature f of row 0 go. */
  at(feature: number): Pointer;
  /** Source row of each row; absent: the rows in order. */
  readonly order?: Uint32Array;
}

const MAX_CODES = 255;
/** Rows per chunk of the binning kernels: about 0.2 ms of work. */
const GRAIN = 16_384;

/** The codes of all features of a fitted model. */
export class Binning {
  readonly schema: readonly ColumnSchema[];
  readonly features: readonly FeatureCodes[];

  constructor(schema: readonly ColumnSchema[], features: readonly FeatureCodes[]) {
    this.schema = schema;
    this.features = features;
  }

  /** Chooses the codes from the training rows; columns must be numbers, dates or categories. */
  static fit(runtime: KernelRuntime, table: Table, options: CutOptions): Binning {
    const columns = table.columns.filter((column) => column.kind !== "category").map(numbersOf);
    const cuts = findColumnCuts(runtime, columns, options).values();
    const features = table.columns.map((column): FeatureCodes => {
      if (column.kind === "category") return mapCategories(column, options.weights);
      return { kind: "number", cuts: cuts.next().value as Float64Array };
    });
    return new Binning(tableSchema(table), features);
  }

  /** `fit` to the rows of all ranks, which each have a share: the codes are those that one process would choose. */
  static async fitTogether(
    runtime: KernelRuntime,
    table: Table,
    { share, maxBins, seed }: { share: RowShare; maxBins: number; seed: number },
  ): Promise<Binning> {
    const looked = sampleRows(share.total, seed) ?? Uint32Array.from({ length: share.total }, (_, row) => row);
    const features: FeatureCodes[] = [];
    for (const column of table.columns) {
      if (column.kind === "category") features.push(await mapTogether(column, share));
      else {
        const values = await gatherRows(share, [numbersOf(column)], looked);
        features.push({ kind: "number", cuts: findColumnCuts(runtime, values, { maxBins, seed })[0] });
      }
    }
    return new Binning(tableSchema(table), features);
  }

  /** Number of codes of a feature, missing included. */
  codeCount(feature: number): number {
    const codes = this.features[feature];
    return codes.kind === "number" ? codes.cuts.length + 2 : codes.codes;
  }

  /** Writes the codes of rows [from, from + count) of the table's columns, which are in the order of the schema. */
  encode(runtime: KernelRuntime, table: Table, layout: CodeLayout, from = 0, count = table.rows - from): void {
    runtime.scope((memory) => {
      const source = memory.alloc(Math.max(1, count) * 8);
      for (const [f, column] of table.columns.entries()) {
        const { order } = layout;
        if (column.kind === "category") {
          copyRows(column.codes, runtime.i32(source, count), from, order);
        } else {
          copyRows(numbersOf(column), runtime.f64(source, count), from, order);
        }
        this.#encodeColumn(runtime, memory, f, { source, count, out: layout.at(f), stride: layout.stride });
      }
    });
  }

  /** A function that writes the codes of the features `used` of one row frame. */
  compileRow(inputs: readonly Slot[], used: Uint32Array): (frame: Float64Array, codes: Uint8Array) => void {
    const numbers = used.filter((f) => this.features[f].kind === "number");
    const slots = Uint32Array.from(numbers, (f) => inputs[f].slot);
    const cuts = Array.from(numbers, (f) => (this.features[f] as FeatureCodes & { kind: "number" }).cuts);
    const all = concat(cuts, Float64Array);
    const starts = offsets(cuts);
    const categories = [...used].flatMap((f) => {
      const feature = this.features[f];
      return feature.kind === "category" ? [{ f, slot: inputs[f].slot, map: feature.map }] : [];
    });
    return (frame, codes) => {
      for (let i = 0; i < slots.length; i++) {
        const value = frame[slots[i]];
        codes[numbers[i]] = Number.isNaN(value) ? 0 : 1 + cutsBelow(all, starts[i], starts[i + 1], value);
      }
      for (let i = 0; i < categories.length; i++) {
        const { f, slot, map } = categories[i];
        const value = frame[slot];
        codes[f] = value >= 0 && value < map.length ? map[value] : 0;
      }
    };
  }

  /** Tensors and JSON of these codes, to be joined with those of the trees. */
  toState(): FittedState {
    const cuts = this.features.map((feature) => (feature.kind === "number" ? feature.cuts : new Float64Array(0)));
    const maps = this.features.map((feature) => (feature.kind === "category" ? feature.map : new Uint8Array(0)));
    const tensors: Record<string, Tensor> = {
      cuts: tensor(concat(cuts, Float64Array)),
      cutOffsets: tensor(offsets(cuts)),
      categoryCodes: tensor(concat(maps, Uint8Array)),
      categoryOffsets: tensor(offsets(maps)),
    };
    return { tensors, meta: { inputs: schemaToJson(this.schema) } };
  }

  /** Reads what `toState` wrote; throws ShapeError naming `owner` when it is something else. */
  static fromState(state: FittedState, owner: string): Binning {
    const schema = schemaFromJson(readMeta(state, "inputs", owner), owner);
    const length = schema.length + 1;
    const cuts = readTensor(state, "cuts", { owner, type: Float64Array });
    const cutOffsets = readTensor(state, "cutOffsets", { owner, type: Uint32Array, length });
    const maps = readTensor(state, "categoryCodes", { owner, type: Uint8Array });
    const mapOffsets = readTensor(state, "categoryOffsets", { owner, type: Uint32Array, length });
    const features = schema.map((column, f): FeatureCodes => {
      const map = slice(maps, mapOffsets, f, owner);
      const own = slice(cuts, cutOffsets, f, owner);
      if (column.kind === "category" && map.length === column.categories.length) return categoryCodes(map);
      if ((column.kind !== "number" && column.kind !== "date") || own.length > MAX_CODES - 1) {
        throw new ShapeError(`column "${column.name}" in the state of ${owner} does not fit its codes`);
      }
      return { kind: "number", cuts: own };
    });
    return new Binning(schema, features);
  }

  // Internal

  #encodeColumn(
    runtime: KernelRuntime,
    memory: Allocations,
    feature: number,
    { source, count, out, stride }: { source: Pointer; count: number; out: Pointer; stride: number },
  ): void {
    const codes = this.features[feature];
    const entries = codes.kind === "number" ? codes.cuts : codes.map;
    const table = memory.alloc(Math.max(8, entries.byteLength));
    if (codes.kind === "number") runtime.f64(table, entries.length).set(entries);
    else runtime.u8(table, entries.length).set(entries);
    const kernel = codes.kind === "number" ? "binNumbers" : "binCategories";
    runtime.parallel(kernel, [source, table, entries.length, out, stride], count, GRAIN);
    memory.free(table);
  }
}

// Internal

function numbersOf(column: Column): Float64Array {
  if (column.kind === "number" || column.kind === "date") return column.values;
  throw new ShapeError(`"${column.name}" is a ${column.kind} column where trees need numbers`);
}

/** Every category has its own code while there are enough; else the most frequent have, and the others share one. */
function mapCategories(column: CategoryColumn, weights?: Float64Array): FeatureCodes {
  return codesByCount(column.categories.length, () => countCategories(column, weights));
}

/** `mapCategories` by the counts of all ranks. */
async function mapTogether(column: CategoryColumn, { communicator }: RowShare): Promise<FeatureCodes> {
  const counts = countCategories(column);
  await communicator.allReduce(counts);
  return codesByCount(counts.length, () => counts);
}

/** How many rows have each category, or what they count together. */
export function countCategories({ codes, categories }: CategoryColumn, weights?: Float64Array): Float64Array {
  const counts = new Float64Array(categories.length);
  for (let row = 0; row < codes.length; row++) if (codes[row] >= 0) counts[codes[row]] += weights?.[row] ?? 1;
  return counts;
}

/** `mapCategories` of so many categories; `count` tells how frequent each is, where that matters. */
export function codesByCount(categories: number, count: () => Float64Array): FeatureCodes {
  const map = new Uint8Array(categories);
  if (categories <= MAX_CODES) return categoryCodes(map.map((_, code) => code + 1));
  const counts = count();
  const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  for (const [rank, code] of order.entries()) map[code] = Math.min(rank + 1, MAX_CODES);
  return categoryCodes(map);
}

function categoryCodes(map: Uint8Array): FeatureCodes {
  let top = 0;
  for (const code of map) top = Math.max(top, code);
  return { kind: "category", map, codes: top + 1 };
}

function copyRows<A extends Float64Array | Int32Array>(from: A, to: A, first: number, order?: Uint32Array): void {
  if (order === undefined) to.set(from.subarray(first, first + to.length));
  else for (let i = 0; i < to.length; i++) to[i] = from[order[first + i]];
}

/**
 * How many of the cuts [from, to) are below x; the same answer as the kernel's. Which half is taken is as good as random:
 * without a branch on it, searches of several features overlap.
 */
function cutsBelow(cuts: Float64Array, from: number, to: number, x: number): number {
  let base = from;
  let length = to - from;
  while (length > 1) {
    const half = length >> 1;
    base += half & (0 - +(cuts[base + half - 1] < x));
    length -= half;
  }
  if (length === 1) base += +(cuts[base] < x);
  return base - from;
}

function concat<A extends Float64Array | Uint8Array>(parts: readonly A[], type: new (length: number) => A): A {
  const whole = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function offsets(parts: readonly { readonly length: number }[]): Uint32Array {
  const starts = new Uint32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) starts[i + 1] = starts[i] + part.length;
  return starts;
}

function slice<A extends Float64Array | Uint8Array>(whole: A, starts: Uint32Array, i: number, owner: string): A {
  if (starts[i] > starts[i + 1] || starts[i + 1] > whole.length) {
    throw new ShapeError(`the codes of column ${i} in the state of ${owner} lie outside their tensor`);
  }
  return whole.slice(starts[i], starts[i + 1]) as A;
}
