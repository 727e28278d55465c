// Naive Bayes for counts that asks how badly a row suits the other classes: steadier where classes differ in size.
import type { EstimatorSpec } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { type ClassSums, COUNTING_PARAMS, CountingBayes, type Frequencies } from "./counting-bayes.ts";

const PARAMS = {
  ...COUNTING_PARAMS,
  normalize: { type: "boolean", default: false, doc: "Whether each class's weights are divided by their sum." },
} as const satisfies ParamTable;

/** Predicts by the counts of all classes but one; columns must not be negative. */
export class ComplementNB extends CountingBayes<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "ComplementNB",
    doc: "Naive Bayes for counts that weighs each class by the counts of all others: better than MultinomialNB where classes differ in size.",
    source: "Rennie, Shih, Teevan & Karger 2003, Tackling the Poor Assumptions of Naive Bayes Text Classifiers",
    params: PARAMS,
    task: "classification",
    input: "counts",
    weights: "exact",
  };

  /** As in the paper, shares of classes play no part, unless all rows are of one class. */
  protected weigh({ sums, columns: d, counts }: ClassSums): Frequencies {
    const { alpha, normalize } = this.params;
    const classes = counts.length;
    const totals = new Float64Array(d);
    for (let i = 0; i < sums.length; i++) totals[i % d] += sums[i];
    const logShares = new Float64Array(sums.length);
    for (let k = 0; k < classes; k++) {
      const own = logShares.subarray(k * d, (k + 1) * d);
      for (let j = 0; j < d; j++) own[j] = totals[j] + alpha - sums[k * d + j];
      const others = own.reduce((sum, value) => sum + value, 0);
      for (let j = 0; j < d; j++) own[j] = -Math.log(own[j] / others);
      const scale = normalize ? own.reduce((sum, value) => sum + value, 0) : 1;
      for (let j = 0; j < d; j++) own[j] /= scale || 1;
    }
    return { logPriors: counts.map((count) => (count > 0 ? 0 : Number.NEGATIVE_INFINITY)), logShares };
  }
}
