// What "near" means: the parameters that say it, and the space in which a norm measures it.
import { ParamError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { CHEBYSHEV, EUCLIDEAN, MANHATTAN, minkowski, type Norm } from "./norms.ts";
import type { PointSet } from "./point-set.ts";

export const METRIC_PARAMS = {
  metric: {
    type: "choice",
    choices: ["euclidean", "manhattan", "chebyshev", "minkowski", "cosine", "haversine"],
    default: "euclidean",
    doc: "How distances are measured; cosine: 1 less the cosine of the angle, whatever the lengths of the rows; haversine: kilometres on the globe, of two columns, latitude and longitude in degrees.",
  },
  p: {
    type: "float",
    default: 2,
    min: 1,
    max: 20,
    doc: "The power of minkowski: 1 is manhattan, 2 euclidean, and beyond 20 take chebyshev; other metrics ignore it.",
  },
} as const satisfies ParamTable;

/** A way to measure: points are placed in a space, where a norm ranks them. */
export interface Metric {
  readonly norm: Norm;
  /** Whether it is the Euclidean distance of the points themselves, which kernels know. */
  readonly isPlain: boolean;
  /** Features of the space for points of so many. */
  width(features: number): number;
  /** Writes the point at `at` of `from`, of `features`, to `to`, from `start` on. */
  place(from: Float64Array, at: number, features: number, to: Float64Array, start: number): void;
  distanceOf(rank: number): number;
  rankOf(distance: number): number;
}

/** The metric that the parameters name. */
export function metricOf({ metric, p }: { readonly metric: string; readonly p: number }): Metric {
  switch (metric) {
    case "manhattan":
      return straight(MANHATTAN);
    case "chebyshev":
      return straight(CHEBYSHEV);
    case "minkowski":
      return straight(minkowski(p));
    case "cosine":
      return COSINE;
    case "haversine":
      return HAVERSINE;
    default:
      return straight(EUCLIDEAN);
  }
}

/** Throws ParamError, naming `owner`, when the metric cannot measure rows of so many columns. */
export function checkMetric({ metric }: { readonly metric: string }, features: number, owner: string): void {
  if (metric !== "haversine" || features === 2) return;
  const wanted = "takes a column of latitudes and one of longitudes";
  throw new ParamError("metric", `\`metric\` of ${owner} is haversine, which ${wanted}; got ${features} columns`);
}

/** The points where the metric's norm measures. */
export function placed({ count, features, values }: PointSet, metric: Metric): PointSet {
  const width = metric.width(features);
  const made = new Float64Array(count * width);
  for (let i = 0; i < count; i++) metric.place(values, i * features, features, made, i * width);
  return { count, features: width, values: made };
}

// Internal

function straight(norm: Norm): Metric {
  return {
    norm,
    isPlain: norm === EUCLIDEAN,
    width: (features) => features,
    place(from, at, features, to, start) {
      for (let j = 0; j < features; j++) to[start + j] = from[at + j];
    },
    distanceOf: norm.distanceOf,
    rankOf: norm.rankOf,
  };
}

/**
 * Of unit vectors |u − v|² = 2 − 2 cos, so the Euclidean norm ranks angles, and a tree bounds them. Rows of zeros have no
 * angle: they lie 1 from all others, as a unit vector in a further feature does.
 */
const COSINE: Metric = {
  norm: EUCLIDEAN,
  isPlain: false,
  width: (features) => features + 1,
  place(from, at, features, to, start) {
    let most = 0;
    for (let j = 0; j < features; j++) most = Math.max(most, Math.abs(from[at + j]));
    to[start + features] = most === 0 ? 1 : 0;
    // Divided first, so that no square is too large or too small for a float64.
    let sum = 0;
    for (let j = 0; j < features; j++) {
      const share = most === 0 ? 0 : from[at + j] / most;
      to[start + j] = share;
      sum += share * share;
    }
    const length = Math.sqrt(sum);
    if (length > 0) for (let j = 0; j < features; j++) to[start + j] /= length;
  },
  distanceOf: (rank) => rank / 2,
  rankOf: (distance) => distance * 2,
};

/** The mean radius of the Earth in kilometres (International Union of Geodesy and Geophysics). */
const EARTH = 6371.0088;
const DEGREE = Math.PI / 180;

/** On the unit sphere the straight line rises with the angle that it spans: it is 2 sin(angle / 2) long. */
const HAVERSINE: Metric = {
  norm: EUCLIDEAN,
  isPlain: false,
  width: () => 3,
  place(from, at, _features, to, start) {
    const [latitude, longitude] = [from[at] * DEGREE, from[at + 1] * DEGREE];
    to[start] = Math.cos(latitude) * Math.cos(longitude);
    to[start + 1] = Math.cos(latitude) * Math.sin(longitude);
    to[start + 2] = Math.sin(latitude);
  },
  distanceOf: (rank) => EARTH * 2 * Math.asin(Math.min(1, Math.sqrt(rank) / 2)),
  rankOf: (distance) => (2 * Math.sin(Math.min(distance / EARTH, Math.PI) / 2)) ** 2,
};
