// The multinomial (softmax) loss of a linear model with one weight row per class, and its gradient in one pass.
import { expNegative } from "./exponential";
import { addRows, BLOCK_ROWS, margins } from "./logistic";

/**
 * Adds the gradient of rows [begin, end) to `gradient` (classes x stride) and gives back the sum of their losses.
 * `codes`: i32 class of each row. `scratch`: 64 x (classes + 2) f64 of this thread's own.
 */
export function softmaxGradient(
  x: usize, stride: i32, codes: usize, weights: usize, gradient: usize, classes: i32, scratch: usize,
  begin: i32, end: i32,
): f64 {
  const width = (<usize>stride) << 3;
  const line = (<usize>BLOCK_ROWS) << 3; // bytes of one class's scores
  let loss: f64 = 0;
  for (let from = begin; from < end; from += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, end - from);
    const first = x + ((<usize>from * <usize>stride) << 2);
    for (let k = 0; k < classes; k++) {
      margins(first, stride, weights + <usize>k * width, scratch + <usize>k * line, rows);
    }
    loss += residuals(scratch, codes + ((<usize>from) << 2), classes, rows);
    for (let k = 0; k < classes; k++) {
      addRows(first, stride, scratch + <usize>k * line, gradient + <usize>k * width, rows);
    }
  }
  return loss;
}

/** Turns scores (class by class, 64 apart) into probabilities minus the one-hot class and gives back the losses' sum. */
function residuals(scores: usize, codes: usize, classes: i32, rows: i32): f64 {
  const line = (<usize>BLOCK_ROWS) << 3;
  const end = scores + <usize>classes * line;
  const sums = end; // 64 f64 behind the scores
  let loss: f64 = 0;
  // Two rows at once; with an odd number of rows the last lane holds garbage that nobody reads.
  for (let i = 0; i < rows; i += 2) {
    const first = scores + ((<usize>i) << 3);
    let top = v128.load(first);
    for (let at = first + line; at < end; at += line) top = f64x2.pmax(top, v128.load(at));
    let sum = f64x2.splat(0);
    for (let k = 0; k < classes; k++) {
      const at = first + <usize>k * line;
      const shifted = f64x2.sub(v128.load(at), top);
      loss -= picked(shifted, k, codes, i, rows);
      const e = expNegative(shifted);
      sum = f64x2.add(sum, e);
      v128.store(at, e);
    }
    v128.store(sums + ((<usize>i) << 3), sum);
    const scale = f64x2.div(f64x2.splat(1), sum);
    for (let at = first; at < end; at += line) v128.store(at, f64x2.mul(v128.load(at), scale));
  }
  for (let i = 0; i < rows; i++) {
    loss += NativeMath.log(load<f64>(sums + ((<usize>i) << 3)));
    const own = scores + <usize>load<i32>(codes + ((<usize>i) << 2)) * line + ((<usize>i) << 3);
    store<f64>(own, load<f64>(own) - 1);
  }
  return loss;
}

/** The scores of the rows whose class is `k`, of rows i and i + 1. */
// @ts-ignore: decorator
@inline
function picked(scores: v128, k: i32, codes: usize, i: i32, rows: i32): f64 {
  const at = codes + ((<usize>i) << 2);
  let sum: f64 = load<i32>(at) == k ? f64x2.extract_lane(scores, 0) : 0;
  if (i + 1 < rows && load<i32>(at, 4) == k) sum += f64x2.extract_lane(scores, 1);
  return sum;
}
