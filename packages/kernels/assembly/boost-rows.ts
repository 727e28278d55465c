// What boosting does with rows: moving a node's rows to its children, weighing them, adding leaf values.
import { BoostContext, binsOf, gradientsOf, LeafChunk, RowChunk, rowIdsOf, SplitRecord } from "./boost-context";
import { CATEGORY, DEFAULT_LEFT, findLeaf } from "./tree-node";

/** Splits the rows of chunks [begin, end) into `temp`: left ones from the front, right ones from the back. */
export function boostSplitRows(context: usize, chunks: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<RowChunk>(chunks + <usize>k * offsetof<RowChunk>());
    const group = chunk.feature / c.groupSize;
    const bins = binsOf(c, chunk.copy) + ((<usize>group * c.rows) << 3) + (chunk.feature % c.groupSize);
    const record = changetype<SplitRecord>(chunk.record);
    chunk.left = record.flags & CATEGORY
      ? splitByCategory(c, bins, changetype<usize>(record) + offsetof<SplitRecord>("bits0"), chunk.begin, chunk.end)
      : splitByNumber(c, bins, record, chunk.begin, chunk.end);
  }
}

/** Copies what boostSplitRows split to the chunks' destinations; the order of rows is kept. */
export function boostMoveRows(context: usize, chunks: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<RowChunk>(chunks + <usize>k * offsetof<RowChunk>());
    const lefts = chunk.left;
    memory.copy(c.index + ((<usize>chunk.toLeft) << 2), c.temp + ((<usize>chunk.begin) << 2), (<usize>lefts) << 2);
    reverseRows(
      c.temp + ((<usize>(chunk.end - 1)) << 2),
      c.index + ((<usize>chunk.toRight) << 2),
      chunk.end - chunk.begin - lefts,
    );
  }
}

/** Copies the rows of chunks [begin, end) next to each other into the next copy; a chunk's `copy` is where they are. */
export function boostCopyRows(context: usize, chunks: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<RowChunk>(chunks + <usize>k * offsetof<RowChunk>());
    const from = chunk.copy;
    const to = from + 1;
    for (let f: u32 = 0; f < c.features; f += c.groupSize) {
      const group = (<usize>(f / c.groupSize) * c.rows) << 3;
      copyGroup(binsOf(c, from) + group, binsOf(c, to) + group, c.index, chunk.begin, chunk.end);
    }
    copyGroup(gradientsOf(c, from), gradientsOf(c, to), c.index, chunk.begin, chunk.end);
    for (let i = chunk.begin; i < chunk.end; i++) {
      const at = c.index + ((<usize>i) << 2);
      const place = load<u32>(at);
      const row = from == 0 ? place : load<u32>(rowIdsOf(c, from) + ((<usize>place) << 2));
      store<u32>(rowIdsOf(c, to) + ((<usize>i) << 2), row);
      store<u32>(at, i);
    }
  }
}

/** Adds leaf values to the scores of the rows in chunks [begin, end). */
export function boostAddLeaves(context: usize, chunks: usize, scores: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<LeafChunk>(chunks + <usize>k * offsetof<LeafChunk>());
    if (chunk.copy == 0) addLeaf(c.index, scores, chunk.value, chunk.begin, chunk.end);
    else addMovedLeaf(c.index, rowIdsOf(c, chunk.copy), scores, chunk.value, chunk.begin, chunk.end);
  }
}

/** The sum of the weights of the rows in each of chunks [begin, end), left in the chunk's value. */
export function boostWeighRows(context: usize, chunks: usize, weights: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<LeafChunk>(chunks + <usize>k * offsetof<LeafChunk>());
    let sum: f64 = 0;
    for (let i = chunk.begin; i < chunk.end; i++) sum += load<f64>(weights + (rowAt(c, chunk.copy, i) << 3));
    chunk.value = sum;
  }
}

/** Sends rows list[begin..end) down a tree and adds the values of their leaves: rows that the tree has not seen. */
export function boostWalkRows(
  context: usize,
  nodes: usize,
  values: usize,
  list: usize,
  scores: usize,
  row: usize,
  begin: u32,
  end: u32,
): void {
  const c = changetype<BoostContext>(context);
  // `row`: features + 8 bytes per chunk of 1024 rows, because codes lie in groups and findLeaf wants one row.
  const codes = row + <usize>(begin >> 10) * ((c.features + 15) & ~7);
  for (let i = begin; i < end; i++) {
    const at = <usize>load<u32>(list + ((<usize>i) << 2));
    gatherRow(c, at, codes);
    const score = scores + (at << 3);
    store<f64>(score, load<f64>(score) + load<f64>(values + ((<usize>findLeaf(nodes, codes)) << 3)));
  }
}

/** The row at place `i` of the index of a node in `copy`. */
@inline
export function rowAt(c: BoostContext, copy: u32, i: u32): usize {
  const place = <usize>load<u32>(c.index + ((<usize>i) << 2));
  return copy == 0 ? place : <usize>load<u32>(rowIdsOf(c, copy) + (place << 2));
}

// Internal

// Both write a row to both sides and keep it on one: a branch would be mispredicted for every second row.

function splitByCategory(c: BoostContext, bins: usize, bits: usize, begin: u32, end: u32): u32 {
  let left = begin;
  let right = end - 1;
  for (let i = begin; i < end; i++) {
    const row = load<u32>(c.index + ((<usize>i) << 2));
    const code = <u32>load<u8>(bins + ((<usize>row) << 3));
    const goes = (<u32>load<u8>(bits + (code >> 3)) >> (code & 7)) & 1;
    store<u32>(c.temp + ((<usize>left) << 2), row);
    store<u32>(c.temp + ((<usize>right) << 2), row);
    left += goes;
    right -= 1 - goes;
  }
  return left - begin;
}

function splitByNumber(c: BoostContext, bins: usize, record: SplitRecord, begin: u32, end: u32): u32 {
  // Missing is 0, below every cut; one less makes it 255, above every cut.
  const less: u32 = record.flags & DEFAULT_LEFT ? 0 : 1;
  const most = record.code - less;
  const first = c.temp + ((<usize>begin) << 2);
  const stop = c.index + ((<usize>end) << 2);
  let left = first;
  let right = c.temp + ((<usize>(end - 1)) << 2);
  for (let at = c.index + ((<usize>begin) << 2); at < stop; at += 4) {
    const row = load<u32>(at);
    const code = <u32>load<u8>(bins + ((<usize>row) << 3));
    const goes = <usize>(((code - less) & 255) <= most) << 2;
    store<u32>(left, row);
    store<u32>(right, row);
    left += goes;
    right += goes - 4;
  }
  return <u32>((left - first) >> 2);
}

function reverseRows(last: usize, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(to + ((<usize>i) << 2), load<u32>(last - ((<usize>i) << 2)));
}

function addLeaf(index: usize, scores: usize, value: f64, begin: u32, end: u32): void {
  for (let i = begin; i < end; i++) {
    const at = scores + ((<usize>load<u32>(index + ((<usize>i) << 2))) << 3);
    store<f64>(at, load<f64>(at) + value);
  }
}

function addMovedLeaf(index: usize, rowIds: usize, scores: usize, value: f64, begin: u32, end: u32): void {
  for (let i = begin; i < end; i++) {
    const place = <usize>load<u32>(index + ((<usize>i) << 2));
    const at = scores + ((<usize>load<u32>(rowIds + (place << 2))) << 3);
    store<f64>(at, load<f64>(at) + value);
  }
}

function copyGroup(from: usize, to: usize, index: usize, begin: u32, end: u32): void {
  for (let i = begin; i < end; i++) {
    const place = <usize>load<u32>(index + ((<usize>i) << 2));
    store<u64>(to + ((<usize>i) << 3), load<u64>(from + (place << 3)));
  }
}

function gatherRow(c: BoostContext, row: usize, codes: usize): void {
  let out = codes;
  for (let f: u32 = 0; f < c.features; f += c.groupSize) {
    store<u64>(out, load<u64>(c.bins0 + ((<usize>(f / c.groupSize) * c.rows + row) << 3)));
    out += c.groupSize;
  }
}
