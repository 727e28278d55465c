// How sure a figure is, by drawing the rows again with replacement (Efron 1979): the spread of the figure over the draws
// gives the interval, plainly or corrected for bias and acceleration (BCa, Efron 1987), as SciPy's `bootstrap` does.
import { normalBelow, normalQuantile } from "../base/distributions.ts";
import { ParamError } from "../base/errors.ts";
import { quantile } from "../base/quantile.ts";
import { Random } from "../base/random.ts";

export interface IntervalOptions {
  /** Share of such intervals that hold the true figure; default 0.95. */
  readonly confidence?: number;
  /** Default `bca`. */
  readonly method?: "percentile" | "bca";
}

export interface BootstrapOptions extends IntervalOptions {
  /** Draws; default 1000. */
  readonly resamples?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** A figure of all rows, and the interval around it; NaN ends where the figure never varies in a useful way. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The interval of `figure`, which is given row numbers (0 to `rows` − 1, repeated ones included). BCa also leaves out
 * each row once, so it asks for the figure `rows` more times. Throws ParamError.
 */
export function bootstrapInterval(
  rows: number,
  figure: (indices: Uint32Array) => number,
  { resamples = 1000, seed = 0, ...options }: BootstrapOptions = {},
): Interval {
  checkCounts(rows, resamples);
  const random = new Random(seed);
  const drawn = new Uint32Array(rows);
  const draws = Float64Array.from({ length: resamples }, () => {
    for (let i = 0; i < rows; i++) drawn[i] = random.below(rows);
    return figure(drawn);
  });
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const left = () => Float64Array.from(all, (row) => figure(all.filter((other) => other !== row)));
  return { value: figure(all), ...intervalOf(draws, { value: figure(all), left }, options) };
}

/**
 * The interval of a function of the mean of `losses`, such as a root: draws and leave-one-out figures follow from sums,
 * so that it is quick for many rows.
 */
export function bootstrapMean(
  losses: Float64Array,
  {
    resamples = 1000,
    seed = 0,
    of = (mean) => mean,
    ...options
  }: BootstrapOptions & { of?(mean: number): number } = {},
): Interval {
  const rows = losses.length;
  checkCounts(rows, resamples);
  const random = new Random(seed);
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  const draws = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += losses[random.below(rows)];
    return of(sum / rows);
  });
  const left = () => losses.map((loss) => of((total - loss) / (rows - 1)));
  const value = of(total / rows);
  return { value, ...intervalOf(draws, { value, left }, options) };
}

/** The interval that figures of draws give; `left` are the figures without each row in turn, asked for by BCa alone. */
export function intervalOf(
  draws: Float64Array,
  { value, left }: { value: number; left(): Float64Array },
  { confidence = 0.95, method = "bca" }: IntervalOptions = {},
): { low: number; high: number } {
  if (!(confidence > 0 && confidence < 1)) {
    throw new ParamError("confidence", `\`confidence\` must be a number > 0 and < 1, got ${confidence}`);
  }
  const sorted = Float64Array.from(draws).sort();
  if (sorted.some((draw) => Number.isNaN(draw))) return { low: Number.NaN, high: Number.NaN };
  const tail = (1 - confidence) / 2;
  if (method === "percentile") return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  const below = draws.reduce((sum, draw) => sum + (draw < value ? 1 : draw === value ? 0.5 : 0), 0) / draws.length;
  const bias = normalQuantile(below);
  const acceleration = accelerationOf(left());
  const corrected = (share: number) => {
    const z = bias + normalQuantile(share);
    return quantile(sorted, normalBelow(bias + z / (1 - acceleration * z)));
  };
  return { low: corrected(tail), high: corrected(1 - tail) };
}

// Internal

/** A sixth of the skewness of the leave-one-out figures; 0 where they do not differ. */
function accelerationOf(left: Float64Array): number {
  const mean = left.reduce((sum, figure) => sum + figure, 0) / left.length;
  let [squares, cubes] = [0, 0];
  for (const figure of left) {
    squares += (mean - figure) ** 2;
    cubes += (mean - figure) ** 3;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

function checkCounts(rows: number, resamples: number): void {
  if (rows < 2) throw new ParamError("rows", `an interval needs at least 2 rows, got ${rows}`);
  if (!Number.isInteger(resamples) || resamples < 10) {
    throw new ParamError("resamples", `\`resamples\` must be a whole number of at least 10, got ${resamples}`);
  }
}
