// Gradients and curvatures of the losses of boosting, as f32 pairs per row, and the sums of the losses. `weights` may be 0:
// every row counts once. Sums go to losses[begin / grain], weighted.
import { expNegative } from "./exponential";

/** (score - target)² / 2; the sum is of squared errors. */
export function boostSquared(
  scores: usize,
  targets: usize,
  weights: usize,
  gradients: usize,
  losses: usize,
  grain: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const weight = weightOf(weights, at);
    const residual = load<f64>(scores + at) - load<f64>(targets + at);
    loss += weight * residual * residual;
    store<f32>(gradients + at, <f32>(weight * residual));
    store<f32>(gradients + at, <f32>weight, 4);
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** `factor` × the pinball loss of a quantile: half the absolute error for 0.5. It has no curvature; 1 stands in for it. */
export function boostPinball(
  scores: usize,
  targets: usize,
  weights: usize,
  quantile: f64,
  factor: f64,
  gradients: usize,
  losses: usize,
  grain: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const weight = weightOf(weights, at);
    const above = load<f64>(targets + at) - load<f64>(scores + at);
    const slope = factor * (above >= 0 ? -quantile : 1 - quantile);
    loss -= weight * slope * above;
    store<f32>(gradients + at, <f32>(weight * slope));
    store<f32>(gradients + at, <f32>weight, 4);
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** Half the Tweedie deviance of exp(score), up to what depends on the target alone; power 1 is Poisson, 2 is gamma. */
export function boostTweedie(
  scores: usize,
  targets: usize,
  weights: usize,
  power: f64,
  gradients: usize,
  losses: usize,
  grain: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const weight = weightOf(weights, at);
    const score = load<f64>(scores + at);
    const target = load<f64>(targets + at);
    const a = power == 1 ? target : target * Math.exp((1 - power) * score);
    const b = power == 2 ? 1 : Math.exp((2 - power) * score);
    loss += weight * (power == 1 ? b - target * score : power == 2 ? score + a : a / (power - 1) + b / (2 - power));
    store<f32>(gradients + at, <f32>(weight * (b - a)));
    store<f32>(gradients + at, <f32>(weight * ((power - 1) * a + (2 - power) * b)), 4);
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** The logistic loss for targets 0 and 1; `withLoss` 0 skips the loss, whose logarithms cost most. */
export function boostLogistic(
  scores: usize,
  targets: usize,
  weights: usize,
  gradients: usize,
  losses: usize,
  grain: u32,
  withLoss: u32,
  begin: u32,
  end: u32,
): void {
  const pairs = begin + ((end - begin) & ~1);
  for (let i = begin; i < pairs; i += 2) {
    const at = (<usize>i) << 3;
    const both = logisticPair(v128.load(scores + at), v128.load(targets + at), weightPair(weights, at));
    v128.store(gradients + at, both);
  }
  if (pairs < end) {
    const at = (<usize>pairs) << 3;
    const weight = weights == 0 ? f64x2.splat(1) : v128.load64_zero(weights + at);
    const both = logisticPair(v128.load64_zero(scores + at), v128.load64_zero(targets + at), weight);
    v128.store64_lane(gradients + at, both, 0);
  }
  let loss: f64 = 0;
  if (withLoss) {
    loss = weights == 0
      ? logisticLoss(scores, targets, begin, end)
      : weightedLogisticLoss(scores, targets, weights, begin, end);
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** log Σ exp(score) of each row over `classes` columns of `rows` scores; the sum is of log losses. */
export function boostNormalizer(
  scores: usize,
  rows: u32,
  classes: u32,
  targets: usize,
  weights: usize,
  normalizers: usize,
  losses: usize,
  grain: u32,
  begin: u32,
  end: u32,
): void {
  let loss: f64 = 0;
  const column = (<usize>rows) << 3;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const row = scores + at;
    let top = load<f64>(row);
    for (let k: usize = 1; k < classes; k++) top = max(top, load<f64>(row + k * column));
    let sum: f64 = 0;
    for (let k: usize = 0; k < classes; k++) sum += Math.exp(load<f64>(row + k * column) - top);
    const normalizer = top + Math.log(sum);
    store<f64>(normalizers + at, normalizer);
    const target = <usize>load<f64>(targets + at);
    loss += weightOf(weights, at) * (normalizer - load<f64>(row + target * column));
  }
  store<f64>(losses + ((<usize>(begin / grain)) << 3), loss);
}

/** Log loss of class `label`; `scores` is that class's column. Factor K / (K - 1): Friedman 2001. */
export function boostSoftmax(
  scores: usize,
  targets: usize,
  weights: usize,
  normalizers: usize,
  label: f64,
  factor: f64,
  gradients: usize,
  begin: u32,
  end: u32,
): void {
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const weight = weightOf(weights, at);
    const p = Math.exp(load<f64>(scores + at) - load<f64>(normalizers + at));
    store<f32>(gradients + at, <f32>(weight * (p - (load<f64>(targets + at) == label ? 1 : 0))));
    store<f32>(gradients + at, <f32>(weight * (factor * p * (1 - p))), 4);
  }
}

// Internal

/** (gradient, hessian) in f32 of two rows: their scores and targets are pairs of f64. */
@inline
function logisticPair(score: v128, target: v128, weight: v128): v128 {
  const one = f64x2.splat(1);
  const e = expNegative(f64x2.neg(f64x2.abs(score)));
  const large = f64x2.div(one, f64x2.add(one, e));
  const p = v128.bitselect(large, f64x2.sub(one, large), f64x2.ge(score, f64x2.splat(0)));
  const gradient = f32x4.demote_f64x2_zero(f64x2.mul(weight, f64x2.sub(p, target)));
  const hessian = f32x4.demote_f64x2_zero(f64x2.mul(weight, f64x2.mul(f64x2.mul(e, large), large)));
  return v128.shuffle<f32>(gradient, hessian, 0, 4, 1, 5);
}

@inline
function weightPair(weights: usize, at: usize): v128 {
  return weights == 0 ? f64x2.splat(1) : v128.load(weights + at);
}

function weightedLogisticLoss(scores: usize, targets: usize, weights: usize, begin: u32, end: u32): f64 {
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    loss += weightOf(weights, at) * logisticLossOf(load<f64>(scores + at), load<f64>(targets + at));
  }
  return loss;
}

@inline
function logisticLossOf(score: f64, target: f64): f64 {
  return Math.log1p(Math.exp(-abs(score))) + max(score, 0) - score * target;
}

/** Rows whose factors 1 + e^-|score|, each at most 2, are multiplied in two lanes before one logarithm is taken of them. */
const PRODUCT_ROWS: u32 = 1024;

function logisticLoss(scores: usize, targets: usize, begin: u32, end: u32): f64 {
  let sums = f64x2.splat(0);
  let logarithms: f64 = 0;
  const pairs = begin + ((end - begin) & ~1);
  for (let from = begin; from < pairs; from += PRODUCT_ROWS) {
    let product = f64x2.splat(1);
    const upto = min(pairs, from + PRODUCT_ROWS);
    for (let i = from; i < upto; i += 2) {
      const at = (<usize>i) << 3;
      const score = v128.load(scores + at);
      const e = expNegative(f64x2.neg(f64x2.abs(score)));
      product = f64x2.add(product, f64x2.mul(product, e));
      const rising = f64x2.max(score, f64x2.splat(0));
      sums = f64x2.add(sums, f64x2.sub(rising, f64x2.mul(score, v128.load(targets + at))));
    }
    logarithms += Math.log(f64x2.extract_lane(product, 0)) + Math.log(f64x2.extract_lane(product, 1));
  }
  const last = (<usize>pairs) << 3;
  const odd = pairs < end ? logisticLossOf(load<f64>(scores + last), load<f64>(targets + last)) : 0;
  return logarithms + f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1) + odd;
}

@inline
function weightOf(weights: usize, at: usize): f64 {
  return weights == 0 ? 1 : load<f64>(weights + at);
}
