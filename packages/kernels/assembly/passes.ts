// Full passes over the rows for L-BFGS and batch gradient descent: each chunk writes its own gradient and loss, and
// `sumPartials` adds them in chunk order, so that the bits do not depend on the threads.
import { logisticGradient } from "./logistic";
import { logisticGradientSingle } from "./logistic-single";
import { softmaxGradient } from "./softmax";
import { squaredGradient } from "./squared";

// A partial is `width` gradient entries, then the loss, then from the second entry after it scratch; `span` f64 in all:
// even, so that every partial is 16-byte aligned.

// @ts-ignore: decorator
@inline
function partialOf(partials: usize, span: i32, width: i32, grain: i32, begin: i32): usize {
  const at = partials + (((<usize>(begin / grain)) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>width) << 3);
  return at;
}

export function squaredPass(
  x: usize, stride: i32, y: usize, weights: usize, partials: usize, span: i32, grain: i32, begin: i32, end: i32,
): void {
  const at = partialOf(partials, span, stride, grain, begin);
  const loss = squaredGradient(x, stride, y, weights, at, begin, end);
  store<f64>(at + ((<usize>stride) << 3), loss);
}

export function logisticPass(
  x: usize, stride: i32, signs: usize, weights: usize, partials: usize, span: i32, grain: i32, begin: i32, end: i32,
): void {
  const at = partialOf(partials, span, stride, grain, begin);
  const tail = at + ((<usize>stride) << 3);
  store<f64>(tail, logisticGradient(x, stride, signs, weights, at, tail + 16, begin, end));
}

export function logisticPassSingle(
  x: usize, stride: i32, signs: usize, weights: usize, partials: usize, span: i32, grain: i32, begin: i32, end: i32,
): void {
  const at = partialOf(partials, span, stride, grain, begin);
  const tail = at + ((<usize>stride) << 3);
  store<f64>(tail, logisticGradientSingle(x, stride, signs, weights, at, tail + 16, begin, end));
}

export function softmaxPass(
  x: usize, stride: i32, codes: usize, weights: usize, classes: i32, partials: usize, span: i32, grain: i32,
  begin: i32, end: i32,
): void {
  const width = stride * classes;
  const at = partialOf(partials, span, width, grain, begin);
  const tail = at + ((<usize>width) << 3);
  store<f64>(tail, softmaxGradient(x, stride, codes, weights, at, classes, tail + 16, begin, end));
}

/** Adds `chunks` partials into entries [begin, end) of `out`, in chunk order. */
export function sumPartials(partials: usize, span: i32, chunks: i32, out: usize, begin: i32, end: i32): void {
  for (let j = begin; j < end; j++) {
    let sum: f64 = 0;
    let at = partials + ((<usize>j) << 3);
    for (let c = 0; c < chunks; c++) {
      sum += load<f64>(at);
      at += (<usize>span) << 3;
    }
    store<f64>(out + ((<usize>j) << 3), sum);
  }
}

/** The largest squared length among rows [begin, end), written to entry begin / grain of `out`. */
export function largestRow(x: usize, stride: i32, out: usize, grain: i32, begin: i32, end: i32): void {
  let largest: f64 = 0;
  for (let i = begin; i < end; i++) {
    let row = x + ((<usize>i * <usize>stride) << 2);
    const stop = row + ((<usize>stride) << 2);
    let sum: f64 = 0;
    for (; row < stop; row += 4) {
      const v = <f64>load<f32>(row);
      sum += v * v;
    }
    largest = max(largest, sum);
  }
  store<f64>(out + ((<usize>(begin / grain)) << 3), largest);
}
