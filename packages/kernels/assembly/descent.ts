// Epochs of stochastic and mini-batch gradient descent over contiguous rows (`gatherRows` brings a random
// order into one). They are serial by nature: each step starts from the weights that the last one left.
import { expOne, logisticGradient } from "./logistic";
import { softmaxGradient } from "./softmax";
import { squaredGradient } from "./squared";
import { dot, high, low } from "./vector";

/** Kinds of loss, as the callers number them. */
// @ts-ignore: decorator
@inline
const SQUARED: i32 = 0;
// @ts-ignore: decorator
@inline
const LOGISTIC: i32 = 1;

/** Larger slopes would overflow the weights in one step; scikit-learn clips at the same value. */
// @ts-ignore: decorator
@inline
const MAX_SLOPE: f64 = 1e12;

/** A product of factors in (1, 2] is far from overflow up to here. */
// @ts-ignore: decorator
@inline
const LARGE: f64 = 1e300;

/** The step size of update `t` (from 1): rate / t^power. */
// @ts-ignore: decorator
@inline
function rateAt(rate: f64, power: f64, t: f64): f64 {
  if (power == 0) return rate;
  if (power == 0.25) return rate / sqrt(sqrt(t));
  if (power == 0.5) return rate / sqrt(t);
  return rate / NativeMath.pow(t, power);
}

/**
 * One update per row: w = (1 - rate l2) w - rate slope x, where column `intercept` (-1 for none) is not shrunk.
 * `steps` updates were made before. Gives back the sum of losses, each taken before its update.
 */
export function descendRows(
  x: usize, stride: i32, intercept: i32, y: usize, weights: usize, loss: i32,
  rate: f64, power: f64, l2: f64, steps: f64, begin: i32, end: i32,
): f64 {
  const bytes = (<usize>stride) << 2;
  let total: f64 = 0;
  let product: f64 = 1; // of 1 + e^-|m|, whose logarithm is taken now and then
  for (let i = begin; i < end; i++) {
    const row = x + <usize>i * bytes;
    const z = dot(row, weights, stride);
    const target = load<f64>(y + ((<usize>i) << 3));
    let slope: f64;
    if (loss == SQUARED) {
      slope = z - target;
      total += 0.5 * slope * slope;
    } else {
      const m = target * z;
      const e = expOne(-abs(m));
      slope = (-target * (m >= 0 ? e : 1)) / (1 + e);
      total += max(-m, 0);
      product *= 1 + e;
      if (product > LARGE) {
        total += NativeMath.log(product);
        product = 1;
      }
    }
    slope = max(-MAX_SLOPE, min(MAX_SLOPE, slope));
    const eta = rateAt(rate, power, steps + <f64>(i - begin + 1));
    update(row, stride, intercept, weights, max(0, 1 - eta * l2), -eta * slope);
  }
  return total + NativeMath.log(product);
}

/** w = shrink w + step x */
// @ts-ignore: decorator
@inline
function update(row: usize, stride: i32, intercept: i32, weights: usize, shrink: f64, step: f64): void {
  const own: usize = intercept < 0 ? 0 : weights + ((<usize>intercept) << 3);
  const kept = own == 0 ? 0 : load<f64>(own);
  const s = f64x2.splat(shrink);
  const c = f64x2.splat(step);
  const end = weights + ((<usize>stride) << 3);
  for (let at = weights; at < end; at += 32) {
    v128.store(at, f64x2.add(f64x2.mul(v128.load(at), s), f64x2.mul(c, low(row))));
    v128.store(at, f64x2.add(f64x2.mul(v128.load(at, 16), s), f64x2.mul(c, high(row))), 16);
    row += 16;
  }
  if (own != 0) store<f64>(own, kept + step);
}

/**
 * One update per `batch` rows with momentum: v = momentum v - rate (mean gradient + l2 w), w += v. `classes` 1 for the
 * squared and the logistic loss. `gradient` and `velocity` are shaped like `weights`; `scratch`: 64 x (classes + 2)
 * f64.
 * Gives back the sum of losses, each taken before its update.
 */
export function descendBatches(
  x: usize, stride: i32, intercept: i32, y: usize, weights: usize, gradient: usize, velocity: usize,
  scratch: usize, loss: i32, classes: i32, batch: i32, rate: f64, power: f64, l2: f64, momentum: f64, steps: f64,
  begin: i32, end: i32,
): f64 {
  let total: f64 = 0;
  let step = steps;
  for (let i = begin; i < end; i += batch) {
    const stop = min(end, i + batch);
    memory.fill(gradient, 0, (<usize>(stride * classes)) << 3);
    if (loss == SQUARED) total += squaredGradient(x, stride, y, weights, gradient, i, stop);
    else if (loss == LOGISTIC) total += logisticGradient(x, stride, y, weights, gradient, scratch, i, stop);
    else total += softmaxGradient(x, stride, y, weights, gradient, classes, scratch, i, stop);
    step += 1;
    const scale = 1 / <f64>(stop - i);
    descend(weights, gradient, velocity, stride, intercept, classes, scale, rateAt(rate, power, step), l2, momentum);
  }
  return total;
}

/** One update of all classes' weights from the summed `gradient` times `scale`. */
export function descend(
  weights: usize, gradient: usize, velocity: usize, stride: i32, intercept: i32, classes: i32, scale: f64,
  rate: f64, l2: f64, momentum: f64,
): void {
  const g = f64x2.splat(-rate * scale);
  const p = f64x2.splat(-rate * l2);
  const m = f64x2.splat(momentum);
  for (let k = 0; k < classes; k++) {
    const base = (<usize>(k * stride)) << 3;
    // The intercept's share of the penalty is added back.
    if (intercept >= 0) {
      const at = base + ((<usize>intercept) << 3);
      if (scale != 0) store<f64>(gradient + at, load<f64>(gradient + at) - (l2 * load<f64>(weights + at)) / scale);
    }
    const end = base + ((<usize>stride) << 3);
    for (let at = base; at < end; at += 16) {
      const w = v128.load(weights + at);
      const pull = f64x2.add(f64x2.mul(g, v128.load(gradient + at)), f64x2.mul(p, w));
      const v = f64x2.add(f64x2.mul(m, v128.load(velocity + at)), pull);
      v128.store(velocity + at, v);
      v128.store(weights + at, f64x2.add(w, v));
    }
  }
}
