// The interval of the metric that ranks runs of a task, from rows that were predicted by a model that had not seen them.
import type { Prediction, Target } from "../base/table.ts";
import { type BootstrapOptions, bootstrapMean, type Interval } from "./bootstrap.ts";

/** A metric of `METRICS` with its interval. */
export interface MetricInterval extends Interval {
  readonly metric: string;
  readonly confidence: number;
}

/** Random draws that an interval may take in all: more rows get fewer resamples, but at least 200. */
const MOST_DRAWS = 5e7;
const LEAST_RESAMPLES = 200;
/** Beyond so many rows the interval is too narrow to be worth its time. */
const MOST_ROWS = 2_000_000;

/** RMSE or log loss with its BCa interval; undefined for other tasks, fewer than two rows, and where it has no end. */
export function mainInterval(
  target: Target | undefined,
  prediction: Prediction,
  options: BootstrapOptions = {},
): MetricInterval | undefined {
  const losses = lossesOf(target, prediction);
  if (losses === undefined || losses.length < 2 || losses.length > MOST_ROWS) return undefined;
  const { confidence = 0.95, resamples = Math.floor(MOST_DRAWS / losses.length) } = options;
  const count = Math.min(1000, Math.max(LEAST_RESAMPLES, resamples));
  const isNumber = target?.kind === "number";
  const found = bootstrapMean(losses, {
    ...options,
    confidence,
    resamples: options.resamples ?? count,
    ...(isNumber ? { of: Math.sqrt } : {}),
  });
  if (![found.value, found.low, found.high].every(Number.isFinite)) return undefined;
  return { ...found, metric: isNumber ? "rmse" : "logLoss", confidence };
}

// Internal

/** What each row adds to the mean that the metric is a function of. */
function lossesOf(target: Target | undefined, prediction: Prediction): Float64Array | undefined {
  if (target?.kind === "number" && prediction.kind === "number") {
    return target.values.map((value, row) => (value - prediction.values[row]) ** 2);
  }
  if (target?.kind !== "class" || prediction.kind !== "class") return undefined;
  const { classes, probabilities } = prediction;
  const index = target.classes.map((name) => classes.indexOf(name));
  return Float64Array.from(target.codes, (code, row) => {
    const p = probabilities[row * classes.length + index[code]];
    return -Math.log(Math.min(Math.max(p, Number.EPSILON), 1 - Number.EPSILON));
  });
}
