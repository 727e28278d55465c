// What boosting does with rows: gradients of the losses, moving a node's rows to its children, adding leaf values.
import { BoostContext, binsOf, gradientsOf, LeafChunk, RowChunk, rowIdsOf } from "./boost-context";
import { findLeaf } from "./tree-node";

/** Gradients of (score - target)² / 2 for rows [begin, end); their squared errors, summed, go to losses[begin / grain]. */
export function boostSquared(
  scores: usize,
  targets: usize,
  gradients: usize,
  losses: usize,
  grain: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const residual = load<f64>(scores + at) - load<f64>(targets + at);
    loss += residual * residual;
    store<f32>(gradients + at, <f32>residual);
    store<f32>(gradients + at, 1, 4);
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** Gradients of the logistic loss for targets 0 and 1; `withLoss` 0 skips the loss, whose logarithms cost most. */
export function boostLogistic(
  scores: usize,
  targets: usize,
  gradients: usize,
  losses: usize,
  grain: u32,
  withLoss: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const score = load<f64>(scores + at);
    const target = load<f64>(targets + at);
    const e = Math.exp(-abs(score));
    const large = 1 / (1 + e);
    const p = score >= 0 ? large : 1 - large;
    store<f32>(gradients + at, <f32>(p - target));
    store<f32>(gradients + at, <f32>(e * large * large), 4);
    if (withLoss) loss += Math.log1p(e) + max(score, 0) - score * target;
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** log Σ exp(score) of each row over `classes` columns of `rows` scores; the log loss goes to losses[begin / grain]. */
export function boostNormalizer(
  scores: usize,
  rows: u32,
  classes: u32,
  targets: usize,
  normalizers: usize,
  losses: usize,
  grain: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  const column = (<usize>rows) << 3;
  for (let i = begin; i < end; i++) {
    const row = scores + ((<usize>i) << 3);
    let top = load<f64>(row);
    for (let k: usize = 1; k < classes; k++) top = max(top, load<f64>(row + k * column));
    let sum: f64 = 0;
    for (let k: usize = 0; k < classes; k++) sum += Math.exp(load<f64>(row + k * column) - top);
    const normalizer = top + Math.log(sum);
    store<f64>(normalizers + ((<usize>i) << 3), normalizer);
    const target = <usize>load<f64>(targets + ((<usize>i) << 3));
    loss += normalizer - load<f64>(row + target * column);
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** Gradients of the log loss for class `label`; `scores` is that class's column. Factor K / (K - 1): Friedman 2001. */
export function boostSoftmax(
  scores: usize,
  targets: usize,
  normalizers: usize,
  label: f64,
  factor: f64,
  gradients: usize,
  begin: u32,
  end: u32,
): void {
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const p = Math.exp(load<f64>(scores + at) - load<f64>(normalizers + at));
    store<f32>(gradients + at, <f32>(p - (load<f64>(targets + at) == label ? 1 : 0)));
    store<f32>(gradients + at, <f32>(factor * p * (1 - p)), 4);
  }
}

/** Splits the rows of chunks [begin, end) into `temp`: left ones from the front, right ones from the back. */
export function boostSplitRows(context: usize, chunks: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<RowChunk>(chunks + <usize>k * offsetof<RowChunk>());
    const group = chunk.feature / c.groupSize;
    const bins = binsOf(c, chunk.copy) + ((<usize>group * c.rows) << 3) + (chunk.feature % c.groupSize);
    const bits = chunk.record + 48;
    chunk.left = splitRows(c, bins, bits, chunk.begin, chunk.end);
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

// Internal

function splitRows(c: BoostContext, bins: usize, bits: usize, begin: u32, end: u32): u32 {
  let left = begin;
  let right = end - 1;
  // Written to both sides and kept on one: a branch here would be mispredicted for every second row.
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
