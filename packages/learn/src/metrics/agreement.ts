// More that is read off a confusion matrix, as scikit-learn defines it.
import type { Average, ConfusionMatrix } from "./confusion.ts";

/** How far a disagreement counts: by distance of the classes in their order, or all alike. */
export type KappaWeights = "none" | "linear" | "quadratic";

/** F of precision and recall in which recall counts `beta` times as much, of one class or over the classes. */
export function fBeta(matrix: ConfusionMatrix, { beta, average }: { beta: number; average: Average }): number {
  const squared = beta ** 2;
  return averaged(matrix, average, ({ hits, actual, predicted }) => {
    return ratio((1 + squared) * hits, squared * actual + predicted);
  });
}

/** Jaccard's index: rows of a class that are found, by those that are of it or taken for it. */
export function jaccard(matrix: ConfusionMatrix, average: Average): number {
  return averaged(matrix, average, ({ hits, actual, predicted }) => ratio(hits, actual + predicted - hits));
}

/** Cohen's kappa (1960): agreement beyond what chance gives; NaN where all are of one class and taken for it. */
export function cohenKappa({ classes, counts }: ConfusionMatrix, weights: KappaWeights = "none"): number {
  const k = classes.length;
  const all = classes.map((_, i) => margins({ classes, counts }, i));
  const total = all.reduce((sum, { actual }) => sum + actual, 0);
  const power = { none: 0, linear: 1, quadratic: 2 }[weights];
  let [observed, expected] = [0, 0];
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      const weight = i === j ? 0 : Math.abs(i - j) ** power;
      observed += weight * counts[i * k + j];
      expected += (weight * all[i].actual * all[j].predicted) / total;
    }
  }
  return 1 - observed / expected;
}

// Internal

interface Margins {
  readonly hits: number;
  readonly actual: number;
  readonly predicted: number;
}

function margins({ classes, counts }: ConfusionMatrix, k: number): Margins {
  let [actual, predicted] = [0, 0];
  for (let i = 0; i < classes.length; i++) {
    actual += counts[k * classes.length + i];
    predicted += counts[i * classes.length + k];
  }
  return { hits: counts[k * classes.length + k], actual, predicted };
}

function averaged(matrix: ConfusionMatrix, average: Average, figure: (of: Margins) => number): number {
  if (typeof average === "object") return figure(margins(matrix, average.positive));
  const occurring = matrix.classes
    .map((_, k) => margins(matrix, k))
    .filter(({ actual, predicted }) => actual + predicted > 0);
  const weightOf = ({ actual }: Margins) => (average === "macro" ? 1 : actual);
  const total = occurring.reduce((sum, of) => sum + weightOf(of), 0);
  return occurring.reduce((sum, of) => sum + figure(of) * weightOf(of), 0) / total;
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
