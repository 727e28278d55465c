// Quantiles of residuals, one per leaf: numbers become whole numbers of the same order, whose bytes are found from the
// first on by counting, so that counts of several processes can be added up. Which byte is the right one the driver says.
import { BoostContext, LeafChunk, LeafKeys } from "./boost-context";
import { rowAt } from "./boost-rows";

const SIGN: u64 = 0x8000000000000000;

/** Writes the key of target - score of every row in chunks [begin, end) to its place, and its weight where there are any. */
export function boostKeys(
  context: usize,
  chunks: usize,
  targets: usize,
  scores: usize,
  weights: usize,
  keys: usize,
  keyWeights: usize,
  begin: u32,
  end: u32,
): void {
  const c = changetype<BoostContext>(context);
  for (let k = begin; k < end; k++) {
    const chunk = changetype<LeafChunk>(chunks + <usize>k * offsetof<LeafChunk>());
    for (let i = chunk.begin; i < chunk.end; i++) {
      const row = rowAt(c, chunk.copy, i) << 3;
      const bits = reinterpret<u64>(load<f64>(targets + row) - load<f64>(scores + row));
      const at = (<usize>i) << 3;
      store<u64>(keys + at, bits & SIGN ? ~bits : bits | SIGN);
      if (weights != 0) store<f64>(keyWeights + at, load<f64>(weights + row));
    }
  }
}

/**
 * For leaves [begin, end): keeps the keys that begin with the bytes found so far for either place, and counts their next
 * byte, the one at `shift`: 256 counts for the lower place, then 256 for the upper.
 */
export function boostCountKeys(
  leaves: usize,
  keys: usize,
  keyWeights: usize,
  shift: u32,
  counts: usize,
  begin: u32,
  end: u32,
): void {
  for (let k = begin; k < end; k++) {
    const leaf = changetype<LeafKeys>(leaves + <usize>k * offsetof<LeafKeys>());
    const own = counts + (<usize>k << 12);
    memory.fill(own, 0, 4096);
    leaf.end = shift == 56 ? countAll(leaf, keys, keyWeights, own) : countKept(leaf, keys, keyWeights, shift, own);
  }
}

// Internal

@inline
function count(at: usize, digit: usize, weight: f64): void {
  const to = at + (digit << 3);
  store<f64>(to, load<f64>(to) + weight);
}

function countAll(leaf: LeafKeys, keys: usize, keyWeights: usize, counts: usize): u32 {
  for (let i = leaf.begin; i < leaf.end; i++) {
    const at = (<usize>i) << 3;
    count(counts, <usize>(load<u64>(keys + at) >> 56), keyWeights == 0 ? 1 : load<f64>(keyWeights + at));
  }
  memory.copy(counts + 2048, counts, 2048);
  return leaf.end;
}

function countKept(leaf: LeafKeys, keys: usize, keyWeights: usize, shift: u32, counts: usize): u32 {
  const above = <u64>(shift + 8);
  const lower = leaf.lower >> above;
  const upper = leaf.upper >> above;
  let kept = leaf.begin;
  for (let i = leaf.begin; i < leaf.end; i++) {
    const at = (<usize>i) << 3;
    const key = load<u64>(keys + at);
    const first = key >> above;
    if (first != lower && first != upper) continue;
    const weight = keyWeights == 0 ? 1 : load<f64>(keyWeights + at);
    const to = (<usize>kept) << 3;
    kept++;
    store<u64>(keys + to, key);
    if (keyWeights != 0) store<f64>(keyWeights + to, weight);
    const digit = <usize>((key >> <u64>shift) & 255);
    if (first == lower) count(counts, digit, weight);
    if (first == upper) count(counts + 2048, digit, weight);
  }
  return kept;
}
