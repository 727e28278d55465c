// From the probabilities of a classifier to ones that are borne out: per class a curve against all others, then shares of
// their sum (Zadrozny & Elkan 2002). Two classes need one curve, that of the second.
import type { FittedState } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readTensor, tensor } from "../base/state.ts";
import { fitRisingCurve, heightAt, type RisingCurve } from "./isotonic.ts";
import { fitSigmoid, type Sigmoid, sigmoidAt } from "./sigmoid.ts";

export const METHODS = ["sigmoid", "isotonic"] as const;
export const SCALES = ["logOdds", "probability"] as const;

/** What curves are, and what they are curves of. */
export interface Kind {
  readonly method: (typeof METHODS)[number];
  readonly scale: (typeof SCALES)[number];
}

export type Curve = Sigmoid | RisingCurve;

/** Probabilities (rows × classes, row-major) and what the rows are. */
export interface Judged {
  readonly figures: Float64Array;
  readonly codes: Int32Array;
  readonly classes: number;
  readonly weights?: Float64Array;
}

/** Log-odds end here: what a classifier is surer of is rounding. */
export const LEAST = 1e-12;

/** How many curves so many classes need. */
export function curvesOf(classes: number): number {
  return classes === 2 ? 1 : classes;
}

/** The curves of all classes. */
export function fitCurves({ figures, codes, classes, weights }: Judged, { method, scale }: Kind): Curve[] {
  const count = curvesOf(classes);
  return Array.from({ length: count }, (_, curve) => {
    const own = count === 1 ? 1 : curve;
    const scores = Float64Array.from(codes, (_, row) => scored(figures[row * classes + own], scale));
    const isOwn = Float64Array.from(codes, (code) => (code === own ? 1 : 0));
    if (method === "sigmoid") return fitSigmoid({ scores, isOwn, weights });
    return fitRisingCurve({ xs: scores, ys: isOwn, weights });
  });
}

/** Adds the calibrated probabilities of one part to `out`; `own` is room for as many. */
export function addCalibrated(
  { curves, scale, own }: { curves: readonly Curve[]; scale: Kind["scale"]; own: Float64Array },
  figures: Float64Array,
  out: Float64Array,
): void {
  const classes = out.length;
  if (curves.length === 1) {
    own[1] = probabilityAt(curves[0], scored(figures[1], scale));
    own[0] = 1 - own[1];
  } else {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      own[k] = probabilityAt(curves[k], scored(figures[k], scale));
      sum += own[k];
    }
    // Where no class is likely, nothing is known.
    for (let k = 0; k < classes; k++) own[k] = sum > 0 ? own[k] / sum : 1 / classes;
  }
  for (let k = 0; k < classes; k++) out[k] += own[k];
}

/** The curves of all parts as tensors. */
export function packCurves(curves: readonly Curve[]): FittedState["tensors"] {
  const rising = curves.filter((curve) => "xs" in curve);
  const plain = curves.filter((curve) => "slope" in curve);
  return {
    slopes: tensor(Float64Array.from(plain, ({ slope }) => slope)),
    offsets: tensor(Float64Array.from(plain, ({ offset }) => offset)),
    corners: tensor(Uint32Array.from(rising, ({ xs }) => xs.length)),
    xs: tensor(Float64Array.from(rising.flatMap(({ xs }) => [...xs]))),
    ys: tensor(Float64Array.from(rising.flatMap(({ ys }) => [...ys]))),
  };
}

/** Reads `count` curves that `packCurves` wrote. Throws ShapeError naming `owner`. */
export function unpackCurves(
  state: FittedState,
  { count, method, owner }: { count: number; method: string; owner: string },
) {
  const numbers = { owner, type: Float64Array };
  const plain = method === "sigmoid" ? count : 0;
  const slopes = readTensor(state, "slopes", { ...numbers, length: plain });
  const offsets = readTensor(state, "offsets", { ...numbers, length: plain });
  const corners = readTensor(state, "corners", { owner, type: Uint32Array, length: count - plain });
  const total = corners.reduce((sum, length) => sum + length, 0);
  const xs = readTensor(state, "xs", { ...numbers, length: total });
  const ys = readTensor(state, "ys", { ...numbers, length: total });
  if (corners.includes(0)) throw new ShapeError(`a curve in the state of ${owner} has no corners`);
  if (method === "sigmoid") return Array.from(slopes, (slope, i): Curve => ({ slope, offset: offsets[i] }));
  let end = 0;
  return Array.from(corners, (length): Curve => {
    end += length;
    return { xs: xs.slice(end - length, end), ys: ys.slice(end - length, end) };
  });
}

// Internal

function scored(probability: number, scale: Kind["scale"]): number {
  if (scale === "probability") return probability;
  const inner = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(inner / (1 - inner));
}

function probabilityAt(curve: Curve, score: number): number {
  if ("slope" in curve) return sigmoidAt(curve, score);
  // A mean of zeros and ones may round to just above 1.
  return Math.min(1, Math.max(0, heightAt(curve, score)));
}
