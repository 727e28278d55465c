// Cuts drawn at random (Geurts, Ernst & Wehenkel 2006): of each feature one, of which only the score is then looked at.
import { TreeContext, TreeSlot } from "./tree-context";
import { insertSorted } from "./tree-cut-sums";
import { randomBelow, randomUnit } from "./tree-random";

/**
 * A cut of a number feature, evenly between the middles of the first and last bin present: the last code on the left, of
 * which at least the first code present is one and the last is not; 0 when there are not two.
 */
export function drawCut(c: TreeContext, s: TreeSlot, feature: u32, used: u32): u32 {
  const begin: u32 = load<u8>(s.list) == 0 ? 1 : 0;
  if (used < begin + 2) return 0;
  const first = <u32>load<u8>(s.list + begin);
  const last = <u32>load<u8>(s.list + used - 1);
  const middles = c.middles + ((<usize>feature) << 11);
  const from = load<f64>(middles + (first << 3));
  const threshold = from + randomUnit(s) * (load<f64>(middles + (last << 3)) - from);
  let low = first;
  let high = last - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (load<f64>(middles + (middle << 3)) <= threshold) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Puts the categories present in a random order; gives how many of them, at least one and not all, go left. */
export function drawCategories(s: TreeSlot, used: u32): u32 {
  for (let k: u32 = 0; k < used; k++) insertSorted(s, k, load<u8>(s.list + k), randomUnit(s));
  return 1 + randomBelow(s, used - 1);
}
