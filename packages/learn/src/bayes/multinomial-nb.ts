// Naive Bayes for counts and frequencies, such as those of words.
import type { EstimatorSpec } from "../base/component.ts";
import { priorsOf } from "../matrix/class-shares.ts";
import { type ClassSums, COUNTING_PARAMS, CountingBayes, type Frequencies } from "./counting-bayes.ts";

/** Predicts by how the columns' counts are shared out within each class; columns must not be negative. */
export class MultinomialNB extends CountingBayes<typeof COUNTING_PARAMS> {
  readonly spec: EstimatorSpec<typeof COUNTING_PARAMS> = {
    name: "MultinomialNB",
    doc: "Naive Bayes for columns that are counts or frequencies, such as TF-IDF: each class has its own mix of them.",
    source: "Manning, Raghavan & Schütze 2008, section 13.2",
    params: COUNTING_PARAMS,
    task: "classification",
    input: "counts",
    weights: "exact",
  };

  protected weigh({ sums, columns: d, logShares: shares }: ClassSums): Frequencies {
    const { alpha, fitPrior } = this.params;
    const logShares = sums.map((sum) => sum + alpha);
    for (let k = 0; k < shares.length; k++) {
      const own = logShares.subarray(k * d, (k + 1) * d);
      const total = own.reduce((sum, value) => sum + value, 0);
      for (let j = 0; j < d; j++) own[j] = Math.log(own[j] / total);
    }
    return { logPriors: priorsOf(shares, fitPrior), logShares };
  }
}
