// What work costs, from measurements: seconds (or bytes) as a fixed part plus a part per unit of work. Measurements are
// few, of different sizes and disturbed by whatever else ran, so residuals count relative to the value and by Huber's
// function (1964), reweighted until it settles; the spread of the residuals becomes the band.

/** One measurement: so many units of work took this much. */
export interface Measurement {
  readonly units: number;
  readonly value: number;
  /** How much it counts; default 1. */
  readonly weight?: number;
}

/** A predicted value with the band in which nine of ten such values should lie. */
export interface Estimate {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** value = fixed + rate · units. */
export interface RobustLine {
  readonly fixed: number;
  readonly rate: number;
  /** Robust standard deviation of the logarithm of measured to predicted. */
  readonly spread: number;
  readonly count: number;
  readonly mostUnits: number;
}

/** Fits the line; undefined without a measurement. Neither part is ever negative. */
export function fitLine(measurements: readonly Measurement[]): RobustLine | undefined {
  const points = measurements.filter(({ units, value }) => units >= 0 && value > 0 && Number.isFinite(units + value));
  if (points.length === 0) return undefined;
  let line = solve(points, () => 1);
  for (let round = 0; round < ROUNDS; round++) {
    const scale = Math.max(LEAST_SCALE, SPREAD_OF_MEDIAN * median(points.map((p) => Math.abs(relative(p, line)))));
    line = solve(points, (point) => Math.min(1, (HUBER * scale) / Math.abs(relative(point, line))));
  }
  const errors = points.map(({ units, value }) => Math.abs(Math.log(value / valueAt(line, units))));
  const spread = SPREAD_OF_MEDIAN * median(errors);
  return { ...line, spread, count: points.length, mostUnits: Math.max(...points.map(({ units }) => units)) };
}

/** What `units` of work will take. The band widens with few measurements, and beyond the largest of them. */
export function estimate(line: RobustLine, units: number): Estimate {
  const expected = valueAt(line, units);
  const beyond = BEYOND * Math.log(Math.max(1, units / Math.max(1, line.mostUnits)));
  const few = Math.sqrt(1 + FEW / line.count);
  return banded(expected, Math.hypot(line.spread * few, LEAST_SPREAD * few, beyond));
}

/** Estimates of parts that are done one after the other, as one. */
export function addEstimates(parts: readonly Estimate[]): Estimate {
  const expected = parts.reduce((sum, part) => sum + part.expected, 0);
  if (expected === 0) return { expected, low: 0, high: 0 };
  // Errors of the parts are taken as independent; each side of the band is added for itself.
  const low = Math.hypot(...parts.map((part) => part.expected - part.low));
  const high = Math.hypot(...parts.map((part) => part.high - part.expected));
  return { expected, low: Math.max(0, expected - low), high: expected + high };
}

/** A value known only up to a factor of exp(spread), as a standard deviation. */
export function banded(expected: number, spread: number): Estimate {
  const factor = Math.exp(NINE_OF_TEN * spread);
  return { expected, low: expected / factor, high: expected * factor };
}

// Internal

const ROUNDS = 20;
/** Huber's constant for 95 % efficiency on normal errors. */
const HUBER = 1.345;
const LEAST_SCALE = 0.02;
/** From the median absolute deviation to a standard deviation of normal errors. */
const SPREAD_OF_MEDIAN = 1.4826;
/** No timing repeats better than this on a machine that does other things too. */
const LEAST_SPREAD = 0.12;
/** Per factor e beyond what was measured. */
const BEYOND = 0.12;
const FEW = 4;
const NINE_OF_TEN = 1.645;

type Parts = Pick<RobustLine, "fixed" | "rate">;

function valueAt({ fixed, rate }: Parts, units: number): number {
  return Math.max(Number.MIN_VALUE, fixed + rate * units);
}

function relative({ units, value }: Measurement, line: Parts): number {
  return (value - valueAt(line, units)) / value;
}

/** Least squares of relative errors with these further weights. */
function solve(points: readonly Measurement[], weightOf: (point: Measurement) => number): Parts {
  let [w, wu, wuu, wv, wuv] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const { units: u, value: v } = point;
    const weight = ((point.weight ?? 1) * weightOf(point)) / (v * v);
    w += weight;
    wu += weight * u;
    wuu += weight * u * u;
    wv += weight * v;
    wuv += weight * u * v;
  }
  const through = { fixed: 0, rate: wuu > 0 ? wuv / wuu : 0 };
  const level = { fixed: wv / w, rate: 0 };
  const determinant = w * wuu - wu * wu;
  // Measurements of one size say nothing about the two parts; all of it then counts as per unit.
  if (determinant <= 1e-12 * w * wuu) return wuu > 0 ? through : level;
  const fixed = (wuu * wv - wu * wuv) / determinant;
  const rate = (w * wuv - wu * wv) / determinant;
  if (rate < 0) return level;
  return fixed < 0 ? through : { fixed, rate };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
