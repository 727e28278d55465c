// Linear discriminant analysis: classes that differ in their means and share one normal spread.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { classShares, priorsOf } from "../matrix/class-shares.ts";
import { spreadByClass } from "../matrix/class-spread.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { symmetricEigen } from "../matrix/symmetric-eigen.ts";
import { classTarget } from "../matrix/target-values.ts";
import { LinearClassifier } from "./linear-classifier.ts";

const PARAMS = {
  shrinkage: {
    type: "float",
    default: 0,
    min: 0,
    max: 1,
    doc: "How far the common covariance is drawn towards equal variances without correlation: 0 not at all, 1 wholly.",
    search: { min: 0, max: 1 },
  },
  fitPrior: { type: "boolean", default: true, doc: "Whether to weigh classes by their shares, or all alike." },
} as const satisfies ParamTable;

/** Directions whose spread is below this share of a column's own are left out: the columns depend on one another. */
const RANK_TOLERANCE = 1e-8;

/** Predicts by the class whose mean is nearest in the metric of the common spread; its boundaries are planes. */
export class LinearDiscriminantAnalysis extends LinearClassifier<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LinearDiscriminantAnalysis",
    doc: "Classes are normally distributed with means of their own and one common covariance.",
    source: "Fisher 1936; Hastie, Tibshirani & Friedman 2009, section 4.3",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    weights: "exact",
  };

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const columns = numericColumns(table, this.spec.name);
    const weights = rowWeights(context, table.rows, this.spec);
    const { counts, logShares } = classShares(codes, classes.length, weights);
    const { means, products } = spreadByClass({ columns, codes, counts, weights });
    const present = counts.filter((count) => count > 0).length;
    if (table.rows <= present)
      throw new ShapeError(`${this.spec.name} needs more rows than classes, got ${table.rows}`);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const covariance = products[0].map((_, at) => products.reduce((sum, own) => sum + own[at], 0) / total);
    shrink(covariance, columns.length, this.params.shrinkage);
    const inverse = pseudoInverse(covariance, columns.length);
    const scores = scoresOf(means, inverse, priorsOf(logShares, this.params.fitPrior));
    await context.report({ step: 1, total: 1, unit: "solve" });
    const model = classes.length === 2 ? difference(scores, columns.length) : scores;
    return this.learned({ schema: tableSchema(table), classes, ...model }, {});
  }
}

// Internal

interface Scores {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

function shrink(covariance: Float64Array, d: number, share: number): void {
  if (share === 0) return;
  let trace = 0;
  for (let j = 0; j < d; j++) trace += covariance[j * d + j];
  for (let at = 0; at < covariance.length; at++) covariance[at] *= 1 - share;
  for (let j = 0; j < d; j++) covariance[j * d + j] += (share * trace) / d;
}

/** Of the correlations, so that the columns' units play no part in what counts as dependent. */
function pseudoInverse(covariance: Float64Array, d: number): Float64Array {
  const deviations = Float64Array.from({ length: d }, (_, j) => Math.sqrt(covariance[j * d + j]) || 1);
  const at = (i: number) => deviations[Math.floor(i / d)] * deviations[i % d];
  const { values, vectors } = symmetricEigen(
    covariance.map((value, i) => value / at(i)),
    d,
  );
  const inverse = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    if (!(values[k] > RANK_TOLERANCE)) continue;
    const v = vectors.subarray(k * d, (k + 1) * d);
    for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) inverse[a * d + b] += (v[a] * v[b]) / values[k];
  }
  return inverse.map((value, i) => value / at(i));
}

/** Per class the part of ln P(class, row) that differs among classes, which is linear in the row. */
function scoresOf(means: Float64Array, inverse: Float64Array, logPriors: Float64Array): Scores {
  const d = means.length / logPriors.length;
  const coefficients = new Float64Array(means.length);
  const intercepts = logPriors.map((prior, k) => {
    const mean = means.subarray(k * d, (k + 1) * d);
    const own = coefficients.subarray(k * d, (k + 1) * d);
    for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) own[a] += inverse[a * d + b] * mean[b];
    return prior - 0.5 * own.reduce((sum, weight, j) => sum + weight * mean[j], 0);
  });
  return { coefficients, intercepts };
}

/** Two classes are told apart by one score. */
function difference({ coefficients, intercepts }: Scores, d: number): Scores {
  return {
    coefficients: coefficients.slice(d).map((weight, j) => weight - coefficients[j]),
    intercepts: Float64Array.of(intercepts[1] - intercepts[0]),
  };
}
