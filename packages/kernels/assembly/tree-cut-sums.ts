// Cuts of one feature when targets are numbers, or 0 and 1. Sums of weight and target are enough: minimising squared
// error, or the Gini impurity of two classes, is maximising Σ sum² / weight over the two sides.
import { POISSON, SQUARED, TreeContext, TreeSlot } from "./tree-context";
import { CATEGORY, DEFAULT_LEFT } from "./tree-node";
import { drawCategories, drawCut } from "./tree-random-cut";

/** Scores closer than this, relatively, are equal but for rounding: the earlier cut stays, in whatever order rows come. */
const TIE: f64 = 1e-12;
/** A share of a node's targets that is nothing but rounding. */
const NOTHING: f64 = 1e-12;

/** What a side contributes; higher is purer. Entropy: `sum` is the weight of class 1. */
export function scoreSums(weight: f64, sum: f64, criterion: u32): f64 {
  if (criterion == SQUARED) return (sum * sum) / weight;
  // Half the Poisson deviance of a side is Σ y ln y - sum ln(sum / weight): the first part is the same for all cuts.
  if (criterion == POISSON) return sum > 0 ? sum * Math.log(sum / weight) : 0;
  const rest = weight - sum;
  let score: f64 = -weight * Math.log(weight);
  if (sum > 0) score += sum * Math.log(sum);
  if (rest > 0) score += rest * Math.log(rest);
  return score;
}

export function cutNumberSums(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize, used: u32): void {
  let k: u32 = 0;
  let missingWeight: f64 = 0;
  let missingSum: f64 = 0;
  if (load<u8>(s.list) == 0) {
    missingWeight = load<f64>(histogram);
    missingSum = load<f64>(histogram, 8);
    k = 1;
  }
  const missingSize = missingWeight > 0 ? sizeOf(c, s, 0, missingWeight) : 0;
  let weight: f64 = 0;
  let sum: f64 = 0;
  let size: f64 = 0;
  let previous: u32 = 0;
  const drawn: u32 = c.middles ? drawCut(c, s, feature, used) : 0;
  for (; k < used; k++) {
    const code = <u32>load<u8>(s.list + k);
    if (weight > 0 && (c.middles == 0 || (previous <= drawn && drawn < code))) {
      // Codes between two present ones are empty here: the cut goes halfway.
      const middle = c.middles ? drawn : (previous + code - 1) >> 1;
      if (heavy(c, s, size)) tryCut(c, s, feature, middle, weight, sum, 0, missingWeight);
      if (missingWeight > 0 && heavy(c, s, size + missingSize)) {
        tryCut(c, s, feature, middle, weight + missingWeight, sum + missingSum, DEFAULT_LEFT, missingWeight);
      }
    }
    const at = histogram + ((<usize>code) << 4);
    const own = load<f64>(at);
    weight += own;
    sum += load<f64>(at, 8);
    size += sizeOf(c, s, code, own);
    previous = code;
  }
  if (missingWeight > 0 && weight > 0 && heavy(c, s, size)) {
    tryCut(c, s, feature, load<u32>(c.codes + (feature << 2)) - 1, weight, sum, 0, missingWeight);
  }
}

/**
 * `cutNumberSums` for what most forests ask: squared error or Gini, every cut, no missing values, minSamplesLeaf counting
 * weights. The same numbers, kept in locals, and the sums are cleared on the way.
 */
export function cutPlainSums(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize, used: u32): void {
  const least = c.minSamplesLeaf;
  const allWeight = s.weight;
  const allSum = s.sum;
  const size = s.size;
  const end = s.list + used;
  let leastScore = s.leastScore;
  let weight: f64 = 0;
  let sum: f64 = 0;
  let previous: u32 = 0;
  for (let entry = s.list; entry < end; entry++) {
    const code = <u32>load<u8>(entry);
    const restWeight = allWeight - weight;
    const rest = allSum - sum;
    const numerator = sum * sum * restWeight + rest * rest * weight;
    const denominator = weight * restWeight;
    // Before the first code the weight is 0, and 0 > -∞ × 0 is false.
    if (numerator > leastScore * denominator && weight >= least && size - weight >= least) {
      const score = numerator / denominator;
      if (score > leastScore) {
        keepNumber(s, feature, score, (previous + code - 1) >> 1, weight, 0, 0);
        leastScore = s.leastScore;
      }
    }
    const at = histogram + ((<usize>code) << 4);
    weight += load<f64>(at);
    sum += load<f64>(at, 8);
    v128.store(at, i32x4.splat(0));
    previous = code;
  }
}

/** Every cut of the categories in order of their means contains the best subset (Fisher 1958; Breiman et al. 1984). */
export function cutCategorySums(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize, used: u32): void {
  for (let k: u32 = 0; k < used; k++) {
    const code = load<u8>(s.list + k);
    const at = histogram + ((<usize>code) << 4);
    insertSorted(s, k, code, load<f64>(at, 8) / load<f64>(at));
  }
  const drawn: u32 = c.middles ? drawCategories(s, used) : 0;
  let weight: f64 = 0;
  let sum: f64 = 0;
  let size: f64 = 0;
  for (let k: u32 = 0; k + 1 < used; k++) {
    const code = <u32>load<u8>(s.list + k);
    const at = histogram + ((<usize>code) << 4);
    const own = load<f64>(at);
    weight += own;
    sum += load<f64>(at, 8);
    size += sizeOf(c, s, code, own);
    if (!heavy(c, s, size) || (c.middles && k + 1 != drawn) || emptySide(c, s, sum)) continue;
    const score = scoreSums(weight, sum, c.criterion) + scoreSums(s.weight - weight, s.sum - sum, c.criterion);
    if (score > s.leastScore) keepCategory(s, feature, score, k + 1, used, weight);
  }
}

/** Whether both sides hold minSamplesLeaf when the left one is of this size. */
@inline
export function heavy(c: TreeContext, s: TreeSlot, size: f64): bool {
  return size >= c.minSamplesLeaf && s.size - size >= c.minSamplesLeaf;
}

/** What minSamplesLeaf counts of a code whose rows have this weight. */
@inline
export function sizeOf(c: TreeContext, s: TreeSlot, code: u32, weight: f64): f64 {
  return c.countRows ? <f64>load<u32>(s.counts + ((<usize>code) << 2)) : weight;
}

/** Puts `code` into the sorted first `count` of the list by `key`, over the entry at `count`. */
export function insertSorted(s: TreeSlot, count: u32, code: u8, key: f64): void {
  let k = count;
  for (; k > 0 && load<f64>(s.keys + ((<usize>(k - 1)) << 3)) > key; k--) {
    store<f64>(s.keys + ((<usize>k) << 3), load<f64>(s.keys + ((<usize>(k - 1)) << 3)));
    store<u8>(s.list + k, load<u8>(s.list + k - 1));
  }
  store<f64>(s.keys + ((<usize>k) << 3), key);
  store<u8>(s.list + k, code);
}

/** Keeps a cut of a number feature; a node without missing values sends later ones to its heavier side. */
export function keepNumber(
  s: TreeSlot,
  feature: u32,
  score: f64,
  code: u32,
  weight: f64,
  left: u32,
  missing: f64,
): void {
  keepScore(s, score);
  s.bestFeature = feature;
  s.bestCode = code;
  s.bestFlags = missing > 0 ? left : weight >= s.weight - weight ? DEFAULT_LEFT : 0;
}

/** Keeps the first `taken` of the list as the left side; categories absent here go with the heavier side. */
export function keepCategory(s: TreeSlot, feature: u32, score: f64, taken: u32, used: u32, weight: f64): void {
  keepScore(s, score);
  s.bestFeature = feature;
  s.bestCode = 1;
  const bits = changetype<usize>(s) + offsetof<TreeSlot>("bits0");
  memory.fill(bits, weight >= s.weight - weight ? 255 : 0, 32);
  for (let k: u32 = 0; k < used; k++) {
    const code = <u32>load<u8>(s.list + k);
    const at = bits + (code >> 3);
    const bit: u8 = <u8>((<u32>1) << (code & 7));
    store<u8>(at, k < taken ? load<u8>(at) | bit : load<u8>(at) & ~bit);
  }
  s.bestFlags = CATEGORY | (load<u8>(bits) & 1 ? DEFAULT_LEFT : 0);
}

// Internal

function keepScore(s: TreeSlot, score: f64): void {
  s.bestScore = score;
  s.leastScore = score + Math.abs(score) * TIE;
}

/** A side whose Poisson mean would be zero says that nothing can ever happen there: such cuts are not made. */
@inline
function emptySide(c: TreeContext, s: TreeSlot, sum: f64): bool {
  return c.criterion == POISSON && (sum <= NOTHING * s.sum || s.sum - sum <= NOTHING * s.sum);
}

@inline
function tryCut(
  c: TreeContext,
  s: TreeSlot,
  feature: u32,
  code: u32,
  weight: f64,
  sum: f64,
  left: u32,
  missing: f64,
): void {
  const restWeight = s.weight - weight;
  if (c.criterion) {
    if (emptySide(c, s, sum)) return;
    const score = scoreSums(weight, sum, c.criterion) + scoreSums(restWeight, s.sum - sum, c.criterion);
    if (score > s.leastScore) keepNumber(s, feature, score, code, weight, left, missing);
    return;
  }
  // sum² / weight of both sides over one denominator: the division is left to the few cuts that may be better.
  const rest = s.sum - sum;
  const numerator = sum * sum * restWeight + rest * rest * weight;
  const denominator = weight * restWeight;
  if (!(numerator > s.leastScore * denominator)) return;
  const score = numerator / denominator;
  if (score > s.leastScore) keepNumber(s, feature, score, code, weight, left, missing);
}
