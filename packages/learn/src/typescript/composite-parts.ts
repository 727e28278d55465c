// What estimators made of estimators do with their parts' answers, as functions of an exported module, as source.

/** One function per kind of estimator. */
export const COMPOSITE_PARTS = {
  keep: {
    source: `/** Puts a part's answer aside. */
function keep({ to }: { to: Uint32Array }): void {
  for (let k = 0; k < to.length; k++) frame[to[k]!] = out[k]!;
}`,
  },
  weighAnswers: {
    source: `/** \`from\`: where the parts' answers are, of each in turn. */
function weighAnswers({ from, shares }: { from: Uint32Array; shares: Float64Array }): void {
  const width = from.length / shares.length;
  for (let k = 0; k < width; k++) {
    let sum = 0;
    for (let part = 0; part < shares.length; part++) sum += shares[part]! * frame[from[part * width + k]!]!;
    out[k] = sum;
  }
}`,
  },
  countVotes: {
    source: `/** Each part votes for its most probable class. */
function countVotes({ from, shares }: { from: Uint32Array; shares: Float64Array }): void {
  const width = from.length / shares.length;
  out.fill(0);
  for (let part = 0; part < shares.length; part++) {
    let best = 0;
    for (let k = 1; k < width; k++) {
      if (frame[from[part * width + k]!]! > frame[from[part * width + best]!]!) best = k;
    }
    out[best] = out[best]! + shares[part]!;
  }
}`,
  },
  calibrate: {
    source: `/** The mean of the parts' shares, each by its own curves: one of two classes, the second's, else one of each. */
function calibrate({ from, curves, logOdds, least, own }: { from: Uint32Array; curves: readonly (readonly Curve[])[]; logOdds: boolean; least: number; own: Float64Array }): void {
  const width = own.length;
  out.fill(0);
  for (let part = 0; part < curves.length; part++) {
    const height = (curve: Curve, k: number) => {
      const share = frame[from[part * width + k]!]!;
      const inner = Math.min(Math.max(share, least), 1 - least);
      return heightOf(curve, logOdds ? Math.log(inner / (1 - inner)) : share);
    };
    shareHeights(curves[part]!, height, own);
    for (let k = 0; k < width; k++) out[k] = out[k]! + own[k]!;
  }
  for (let k = 0; k < width; k++) out[k] = out[k]! / curves.length;
}

/** A logistic curve, or one through corners. */
type Curve = { readonly slope: number; readonly offset: number } | { readonly xs: Float64Array; readonly ys: Float64Array };

function shareHeights(curves: readonly Curve[], height: (curve: Curve, k: number) => number, own: Float64Array): void {
  if (curves.length === 1) {
    own[1] = height(curves[0]!, 1);
    own[0] = 1 - own[1]!;
    return;
  }
  let sum = 0;
  for (let k = 0; k < own.length; k++) {
    own[k] = height(curves[k]!, k);
    sum += own[k]!;
  }
  for (let k = 0; k < own.length; k++) own[k] = sum > 0 ? own[k]! / sum : 1 / own.length;
}

function heightOf(curve: Curve, x: number): number {
  if (!("slope" in curve)) return Math.min(1, Math.max(0, between(curve.xs, curve.ys, x)));
  const power = curve.slope * x + curve.offset;
  if (power < 0) return 1 / (1 + Math.exp(power));
  const small = Math.exp(-power);
  return small / (1 + small);
}

function between(xs: Float64Array, ys: Float64Array, x: number): number {
  const last = xs.length - 1;
  if (!(x > xs[0]!)) return ys[0]!;
  if (x >= xs[last]!) return ys[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const share = (x - xs[low]!) / (xs[high]! - xs[low]!);
  return ys[low]! + share * (ys[high]! - ys[low]!);
}`,
  },
} as const;
