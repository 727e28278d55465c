// Boosting of rows that are never all in memory as columns: a pass over the parts chooses the codes, another writes them,
// a byte per value, and trees grow on the codes. Same codes, same targets, same order: the same bits as a fit of all rows.
import type { Pointer } from "@massif/kernels";
import { numberedParts, type RowParts } from "../base/row-parts.ts";
import { alignTable } from "../base/schema.ts";
import type { Target } from "../base/table.ts";
import type { BoostMemory } from "./boost-memory.ts";

/** The parts, and where each of their rows is to lie. */
export interface PlacedParts {
  readonly rows: RowParts;
  /** Which row lies at each place; absent: the rows in order. */
  readonly order: Uint32Array | undefined;
  /** The estimator's name. */
  readonly owner: string;
}

/**
 * Writes the codes of all parts to their places. `take` is given the target of each part and the places of its rows.
 * Throws ShapeError where a part has other columns, and what `take` throws.
 */
export async function codeParts(
  placed: BoostMemory,
  { rows, order, owner }: PlacedParts,
  take: (target: Target, rows: number, placeOf: (row: number) => number) => void,
): Promise<void> {
  const { runtime, binning } = placed;
  const places = order && inverse(order);
  for await (const { table: part, target, first } of numberedParts(rows)) {
    take(target, part.rows, places === undefined ? (row) => first + row : (row) => places[first + row]);
    const table = alignTable(binning.schema, part, owner);
    if (places === undefined) {
      binning.encode(runtime, table, { stride: 8, at: (f) => placed.codesOf(f) + first * 8 });
    } else {
      scatterCodes(placed, table.rows, {
        places: places.subarray(first, first + table.rows),
        encode: (at) => binning.encode(runtime, table, { stride: 8, at }),
      });
    }
  }
}

// Internal

interface Scatter {
  readonly places: Uint32Array;
  encode(at: (feature: number) => Pointer): void;
}

/** Codes the rows one after the other, then moves the 8 bytes of each group to their places. */
function scatterCodes(placed: BoostMemory, rows: number, { places, encode }: Scatter): void {
  const { runtime, features, groups, rows: all } = placed;
  const start = placed.codesOf(0);
  runtime.scope((memory) => {
    const scratch = memory.alloc(groups * rows * 8);
    encode((f) => {
      const offset = placed.codesOf(f) - start;
      const group = Math.floor(offset / (all * 8));
      return scratch + group * rows * 8 + (offset - group * all * 8);
    });
    for (let group = 0; group < Math.min(groups, features); group++) {
      const from = runtime.u32(scratch + group * rows * 8, rows * 2);
      const to = runtime.u32(start + group * all * 8, all * 2);
      for (let row = 0; row < rows; row++) {
        to[places[row] * 2] = from[row * 2];
        to[places[row] * 2 + 1] = from[row * 2 + 1];
      }
    }
  });
}

/** The place of each row. */
function inverse(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) places[order[place]] = place;
  return places;
}
