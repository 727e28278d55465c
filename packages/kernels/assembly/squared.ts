// The squared loss (z - y)^2 / 2 of a linear model, and its gradient.
import { accumulate, accumulate4, dot, dotPair } from "./vector";

/** Adds the gradient of rows [begin, end) to `gradient` and gives back the sum of their losses. */
export function squaredGradient(
  x: usize,
  stride: i32,
  y: usize,
  weights: usize,
  gradient: usize,
  begin: i32,
  end: i32,
): f64 {
  const bytes = (<usize>stride) << 2;
  let sum = f64x2.splat(0);
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const r0 = x + <usize>i * bytes;
    const r1 = r0 + bytes;
    const r2 = r1 + bytes;
    const r3 = r2 + bytes;
    const at = y + ((<usize>i) << 3);
    const a = f64x2.sub(dotPair(r0, r1, weights, stride), v128.load(at));
    const b = f64x2.sub(dotPair(r2, r3, weights, stride), v128.load(at, 16));
    sum = f64x2.add(sum, f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
    accumulate4(a, b, r0, r1, r2, r3, gradient, stride);
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  for (; i < end; i++) {
    const row = x + <usize>i * bytes;
    const residual = dot(row, weights, stride) - load<f64>(y + ((<usize>i) << 3));
    total += residual * residual;
    accumulate(residual, row, gradient, stride);
  }
  return 0.5 * total;
}
