// The weights of a linear model in the columns' own units, whatever scaling its pipeline holds. Nothing is asked of the
// estimator: a function is affine when it agrees with its own tangent on the data.
import type { Predictor, Row } from "@massif/learn";
import type { RunOutcome } from "./train-protocol.ts";

/** Largest difference that is rounding, relative to the size of the predictions. */
const TOLERANCE = 1e-8;

/** Intercept f(0) and weights (f(s·e_j) − f(0)) / s; null unless all columns are numbers and f is affine in them. */
export function linearWeights(
  { input, output, predictInto }: Predictor,
  rows: readonly Readonly<Record<string, unknown>>[],
): RunOutcome["linear"] {
  if (output.kind !== "number" || input.some(({ kind }) => kind !== "number")) return null;
  const full = rows.map((row) => input.map(({ name }) => row[name])).filter(isNumbers);
  if (full.length === 0) return null;
  const out = new Float64Array(1);
  const at = (values: Row): number => {
    predictInto(values, out);
    return out[0];
  };
  const zero = input.map(() => 0);
  const intercept = at(zero);
  const weights = input.map((_, j) => {
    // A step as long as the column's values keeps the difference clear of rounding.
    const step = Math.max(...full.map((values) => Math.abs(values[j]))) || 1;
    return (at(zero.with(j, step)) - intercept) / step;
  });
  const affine = full.every((values) => {
    const terms = values.map((value, j) => value * weights[j]);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), Math.abs(intercept));
    const expected = terms.reduce((sum, term) => sum + term, intercept);
    return Math.abs(at(values) - expected) <= TOLERANCE * (size + Number.MIN_VALUE);
  });
  if (!affine || ![intercept, ...weights].every(Number.isFinite)) return null;
  return { intercept, weights: input.map(({ name }, j) => ({ feature: name, weight: weights[j] })) };
}

// Internal

function isNumbers(values: unknown[]): values is number[] {
  return values.every((value) => typeof value === "number");
}
