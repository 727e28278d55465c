// Tails of the distributions that tests are judged by.

/** Probability below `z` under the standard normal distribution. */
export function normalBelow(z: number): number {
  // Through the incomplete gamma function: erfc(x)² has no shorter exact form that keeps the far tail's digits.
  const tail = 0.5 * gammaAbove(0.5, (z * z) / 2);
  return z > 0 ? 1 - tail : tail;
}

/** The `z` below which a share of the standard normal distribution lies: Newton's steps on `normalBelow`. */
export function normalQuantile(share: number): number {
  if (!(share > 0 && share < 1))
    return share === 0 ? Number.NEGATIVE_INFINITY : share === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  let [low, high] = [-40, 40];
  let z = 0;
  for (let i = 0; i < 200; i++) {
    const error = normalBelow(z) - share;
    if (error > 0) high = z;
    else low = z;
    const step = error / (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
    const next = z - step;
    // A step out of the bracket is replaced by its middle.
    const kept = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(kept - z) <= 1e-15 * Math.max(1, Math.abs(z))) return kept;
    z = kept;
  }
  return z;
}

/** Probability of at least |t| either way under Student's t with `degrees` of freedom. */
export function studentBeyond(t: number, degrees: number): number {
  return betaShare(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** Probability above `x` under χ² with `degrees` of freedom. */
export function chiSquaredAbove(x: number, degrees: number): number {
  return gammaAbove(degrees / 2, x / 2);
}

/** The x below which a share of χ² with `degrees` of freedom lies, by halving an interval. */
export function chiSquaredQuantile(share: number, degrees: number): number {
  let [low, high] = [0, degrees];
  while (chiSquaredAbove(high, degrees) > 1 - share) high *= 2;
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (chiSquaredAbove(middle, degrees) > 1 - share) low = middle;
    else high = middle;
  }
  return high;
}

// Internal

/** Lanczos's approximation (g = 7, nine terms): relative error below 1e-14 for x > 0. */
function logGamma(x: number): number {
  const shifted = x - 1;
  let sum = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (shifted + i);
  const t = shifted + LANCZOS.length - 1.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

const TINY = 1e-300;

/** The regularised incomplete beta function by Lentz's continued fraction (Press et al. 2007, 6.4). */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  let [c, d] = [1, 1 / away(1 - ((a + b) * x) / (a + 1))];
  let value = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * value;
}

/** The regularised upper incomplete gamma function: a series near 0, a continued fraction beyond (Press et al. 6.2). */
function gammaAbove(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; n < 10_000 && Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let [c, d] = [1 / TINY, 1 / b];
  let value = d;
  for (let n = 1; n < 10_000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / away(an * d + b);
    c = away(b + an / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * value;
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
