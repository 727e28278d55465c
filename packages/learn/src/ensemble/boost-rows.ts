// Rows of nodes in pieces that threads can share, as the records of the kernels that go over leaves.
import { type Allocations, type KernelRuntime, LEAF_CHUNK_WORDS, type Pointer } from "@massif/kernels";
import { CHUNK_ROWS } from "./boost-memory.ts";

/** The rows index[begin..end), which are numbers of rows in the copy `copy`. */
export interface RowPiece {
  readonly begin: number;
  readonly end: number;
  readonly copy: number;
}

/** The piece in parts of at most CHUNK_ROWS rows. */
export function cutRows({ begin, end, copy }: RowPiece): RowPiece[] {
  const parts: RowPiece[] = [];
  for (let from = begin; from < end; from += CHUNK_ROWS) {
    parts.push({ begin: from, end: Math.min(end, from + CHUNK_ROWS), copy });
  }
  return parts;
}

/** LeafChunk records of the pieces. */
export function placeLeafChunks(
  runtime: KernelRuntime,
  memory: Allocations,
  chunks: readonly (RowPiece & { readonly value: number })[],
): Pointer {
  const pointer = memory.alloc(Math.max(1, chunks.length) * LEAF_CHUNK_WORDS * 4);
  const values = runtime.f64(pointer, (chunks.length * LEAF_CHUNK_WORDS) / 2);
  const words = runtime.u32(pointer, chunks.length * LEAF_CHUNK_WORDS);
  for (const [i, { value, begin, end, copy }] of chunks.entries()) {
    values[(i * LEAF_CHUNK_WORDS) / 2] = value;
    words.set([begin, end, copy], i * LEAF_CHUNK_WORDS + 2);
  }
  return pointer;
}
