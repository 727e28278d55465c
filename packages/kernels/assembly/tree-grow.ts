// Grows decision trees on codes (Breiman et al. 1984; Breiman 2001), depth first. One tree is one unit of work, so
// trees of a forest run on any thread with the same bits.
import { NONE, StackEntry, TreeContext, TreeSlot } from "./tree-context";
import { nodeTotals, searchNode } from "./tree-search";
import { randomBelow, seedRandom } from "./tree-random";
import { CATEGORY, DEFAULT_LEFT, LEAF } from "./tree-node";

/** Grows the trees of slots [begin, end). */
export function growTrees(context: usize, begin: u32, end: u32): void {
  const c = changetype<TreeContext>(context);
  for (let t = begin; t < end; t++) growTree(c, changetype<TreeSlot>(c.slots + <usize>t * c.slotBytes));
}

// Internal

function growTree(c: TreeContext, s: TreeSlot): void {
  s.nodeCount = 0;
  s.leafCount = 0;
  s.valueCount = 0;
  s.stackCount = 0;
  for (let f: u32 = 0; f < c.features; f++) store<u32>(s.order + (f << 2), f);
  memory.fill(s.importances, 0, (<usize>c.features) << 3);
  seedRandom(s);
  const inBag = drawRows(c, s);
  push(s, 0, inBag, 0, NONE, 0);
  while (s.stackCount > 0) growNode(c, s);
}

function push(s: TreeSlot, begin: u32, end: u32, depth: u32, parent: u32, local: u32): void {
  const entry = changetype<StackEntry>(s.stack + <usize>s.stackCount * offsetof<StackEntry>());
  entry.begin = begin;
  entry.end = end;
  entry.depth = depth;
  entry.parent = parent;
  entry.local = local;
  s.stackCount++;
}

/** Fills payload and index with the rows in the bag; gives their number. */
function drawRows(c: TreeContext, s: TreeSlot): u32 {
  // temp is not needed yet: its first bytes count how often each row is drawn.
  const counts = s.temp;
  memory.fill(counts, c.bootstrap ? 0 : 1, c.rows);
  if (c.bootstrap) {
    for (let i: u32 = 0; i < c.rows; i++) {
      const at = counts + randomBelow(s, c.rows);
      const count = load<u8>(at);
      store<u8>(at, count < 255 ? count + 1 : 255);
    }
  }
  let inBag: u32 = 0;
  let bagWeight: f64 = 0;
  for (let i: u32 = 0; i < c.rows; i++) {
    const row = c.ascending ? load<u32>(c.ascending + ((<usize>i) << 2)) : i;
    const payload = s.payload + ((<usize>row) << 4);
    const count = load<u8>(counts + row);
    if (count == 0) {
      if (c.markLeftOut) store<f64>(payload, 0);
      continue;
    }
    store<u32>(s.index + ((<usize>inBag) << 2), row);
    inBag++;
    const weight = <f64>count * (c.weights ? load<f64>(c.weights + ((<usize>row) << 3)) : 1);
    bagWeight += weight;
    storePayload(c, payload, row, weight);
  }
  s.treeWeight = bagWeight;
  return inBag;
}

@inline
function storePayload(c: TreeContext, at: usize, row: u32, weight: f64): void {
  store<f64>(at, weight);
  if (c.classes) store<u32>(at, load<u32>(c.targets + ((<usize>row) << 2)), 8);
  else store<f64>(at, load<f64>(c.targets + ((<usize>row) << 3)), 8);
}

function growNode(c: TreeContext, s: TreeSlot): void {
  s.stackCount--;
  const entry = changetype<StackEntry>(s.stack + <usize>s.stackCount * offsetof<StackEntry>());
  const depth = entry.depth;
  if (entry.parent != NONE) store<u32>(s.nodes + ((<usize>entry.parent) << 3), s.nodeCount);
  let begin = entry.begin;
  let end = entry.end;
  let local = entry.local;
  if (!local && end - begin <= c.localRows) {
    copyLocal(c, s, begin, end);
    end -= begin;
    begin = 0;
    local = 1;
  }
  s.nodeIndex = local ? s.localIndex : s.index;
  s.nodePayload = local ? s.localPayload : s.payload;
  s.nodeBins = local ? s.localBins : c.bins;
  s.nodeBegin = begin;
  s.nodeEnd = end;
  nodeTotals(c, s);
  s.bestCode = 0;
  if (!s.pure && depth < c.maxDepth && s.size >= c.minSamplesSplit && s.size >= 2 * c.minSamplesLeaf) {
    searchNode(c, s);
  }
  if (c.allNodes || s.bestCode == 0) emitValue(c, s);
  if (s.bestCode == 0) {
    emitNode(s, s.leafCount, LEAF);
    s.leafCount++;
    return;
  }
  const gain = s.importances + ((<usize>s.bestFeature) << 3);
  store<f64>(gain, load<f64>(gain) + s.bestGain);
  const middle = splitRows(c, s, s.nodeIndex, s.nodeBins, begin, end);
  const parent = emitSplit(c, s);
  push(s, middle, end, depth + 1, parent, local);
  push(s, begin, middle, depth + 1, NONE, local);
}

/** A small subtree reads its rows often: next to each other they stay in the first-level caches. */
function copyLocal(c: TreeContext, s: TreeSlot, begin: u32, end: u32): void {
  const stride = <usize>c.stride;
  for (let i = begin; i < end; i++) {
    const row = <usize>load<u32>(s.index + ((<usize>i) << 2));
    const to = <usize>(i - begin);
    store<u32>(s.localIndex + (to << 2), <u32>to);
    v128.store(s.localPayload + (to << 4), v128.load(s.payload + (row << 4)));
    const from = c.bins + row * stride;
    const copy = s.localBins + to * stride;
    for (let b: usize = 0; b < stride; b += 8) store<u64>(copy + b, load<u64>(from + b));
  }
}

function emitNode(s: TreeSlot, first: u32, second: u32): void {
  const at = s.nodes + ((<usize>s.nodeCount) << 3);
  store<u32>(at, first);
  store<u32>(at, second, 4);
  s.nodeCount++;
}

/** Writes the node that splits, and a category's bitset after it; gives the node's number for its right child. */
function emitSplit(c: TreeContext, s: TreeSlot): u32 {
  const node = s.nodeCount;
  const category = s.bestFlags & CATEGORY;
  const words = category ? (load<u32>(c.codes + (s.bestFeature << 2)) + 63) >> 6 : 0;
  emitNode(s, 0, (s.bestFeature << 16) | ((category ? words : s.bestCode) << 8) | s.bestFlags);
  if (words == 0) return node;
  memory.copy(s.nodes + ((<usize>s.nodeCount) << 3), changetype<usize>(s) + offsetof<TreeSlot>("bits0"), words << 3);
  s.nodeCount += words;
  return node;
}

function emitValue(c: TreeContext, s: TreeSlot): void {
  if (c.allNodes) store<f64>(s.gains + ((<usize>s.valueCount) << 3), s.bestCode ? s.bestGain : 0);
  store<f64>(s.covers + ((<usize>s.valueCount) << 3), s.weight);
  if (c.classes == 0) {
    store<f64>(s.values + ((<usize>s.valueCount) << 3), c.offset + s.value);
  } else {
    const at = s.values + ((<usize>s.valueCount * c.classes) << 3);
    for (let k: usize = 0; k < c.classes; k++) {
      store<f64>(at + (k << 3), load<f64>(s.totals + (k << 3)) / s.weight);
    }
  }
  s.valueCount++;
}

/** Moves rows that go left to the front, keeping their order; gives where the right ones begin. */
function splitRows(c: TreeContext, s: TreeSlot, index: usize, bins: usize, begin: u32, end: u32): u32 {
  const stride = c.stride;
  const column = bins + s.bestFeature;
  const category = s.bestFlags & CATEGORY;
  const missingLeft = s.bestFlags & DEFAULT_LEFT;
  const cut = s.bestCode;
  const bits = changetype<usize>(s) + offsetof<TreeSlot>("bits0");
  let left = begin;
  let right: u32 = 0;
  for (let i = begin; i < end; i++) {
    const row = load<u32>(index + ((<usize>i) << 2));
    const code = <u32>load<u8>(column + <usize>row * stride);
    const goes: u32 = category
      ? (<u32>load<u8>(bits + (code >> 3)) >> (code & 7)) & 1
      : code == 0
        ? missingLeft
        : u32(code <= cut);
    store<u32>(index + ((<usize>left) << 2), row);
    store<u32>(s.temp + ((<usize>right) << 2), row);
    left += goes;
    right += 1 - goes;
  }
  memory.copy(index + ((<usize>left) << 2), s.temp, (<usize>right) << 2);
  return left;
}
