// Gradients and curvatures of the losses of boosting, as f32 pairs per row, and the sums of the losses. `weights` may be 0:
// every row counts once. Sums go to losses[begin / grain], weighted.

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
  let loss: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = (<usize>i) << 3;
    const weight = weightOf(weights, at);
    const score = load<f64>(scores + at);
    const target = load<f64>(targets + at);
    const e = Math.exp(-abs(score));
    const large = 1 / (1 + e);
    const p = score >= 0 ? large : 1 - large;
    store<f32>(gradients + at, <f32>(weight * (p - target)));
    store<f32>(gradients + at, <f32>(weight * (e * large * large)), 4);
    if (withLoss) loss += weight * (Math.log1p(e) + max(score, 0) - score * target);
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

@inline
function weightOf(weights: usize, at: usize): f64 {
  return weights == 0 ? 1 : load<f64>(weights + at);
}
