// Naive Bayes for columns that hold or do not hold.
import type { EstimatorSpec } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import type { Table } from "../base/table.ts";
import { priorsOf } from "../matrix/class-shares.ts";
import { type ClassSums, COUNTING_PARAMS, CountingBayes, type Frequencies } from "./counting-bayes.ts";

const PARAMS = {
  ...COUNTING_PARAMS,
  threshold: { type: "float", default: 0, doc: "A column holds where its value is above this." },
} as const satisfies ParamTable;

/** Predicts by which columns hold; unlike MultinomialNB, one that does not hold counts as well. */
export class BernoulliNB extends CountingBayes<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "BernoulliNB",
    doc: "Naive Bayes for columns that hold or do not, such as whether a word is there: each holds with a probability of its own in each class.",
    source: "Manning, Raghavan & Schütze 2008, section 13.3",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    weights: "exact",
  };

  protected override prepare(_: Table, columns: readonly Float64Array[]): readonly Float64Array[] {
    const { threshold } = this.params;
    return columns.map((values) => values.map((value) => (value > threshold ? 1 : 0)));
  }

  /** ln p where a column holds and ln(1 - p) where not: the latter for all, and the difference where it holds. */
  protected weigh({ sums, columns: d, counts, logShares: shares }: ClassSums): Frequencies {
    const { alpha, fitPrior } = this.params;
    const logPriors = priorsOf(shares, fitPrior).slice();
    const logShares = sums.map((sum, i) => {
      const k = Math.floor(i / d);
      const rows = counts[k] + 2 * alpha;
      const absent = Math.log((rows - sum - alpha) / rows);
      logPriors[k] += absent;
      return Math.log((sum + alpha) / rows) - absent;
    });
    return { logPriors, logShares };
  }

  protected override compileJoint(learned: Frequencies, d: number) {
    const joint = super.compileJoint(learned, d);
    const { threshold } = this.params;
    const held = new Float64Array(d);
    return (row: Float64Array, out: Float64Array): void => {
      for (let j = 0; j < d; j++) held[j] = row[j] > threshold ? 1 : 0;
      joint(held, out);
    };
  }
}
