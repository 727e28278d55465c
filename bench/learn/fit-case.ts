// A benchmark of one estimator's fit against a peer's, on one synthetic data set.
import { createRuntime } from "@massif/kernels";
import {
  type ClassTarget,
  createEstimator,
  type FitContext,
  type NumberTarget,
  type Prediction,
  type Target,
} from "@massif/learn";
import type { BenchCase, Measured, Prepared } from "../case.ts";
import { classTarget, type DatasetShape, dataset, numberTarget, tables } from "../dataset.ts";

export interface FitCase extends Omit<BenchCase, "prepare"> {
  readonly data: DatasetShape;
  readonly estimator: string;
  readonly params: Readonly<Record<string, number | string | boolean | null>>;
  /** Settings the peer must share. */
  readonly peerSettings: Readonly<Record<string, unknown>>;
  readonly score: Score;
  /** Whether predicting the held-out rows belongs to the timed work (neighbours do theirs there). */
  readonly timePredict?: boolean;
}

/** A quality figure of held-out predictions. */
export type Score = (target: Target, prediction: Prediction) => number;

/** The benchmark that `fit` describes. */
export function fitCase(fit: FitCase): BenchCase {
  return { ...fit, prepare: (cache) => prepare(fit, cache) };
}

export const meanSquaredError: Score = (target, prediction) => {
  const truth = (target as NumberTarget).values;
  const { values } = prediction as Prediction & { kind: "number" };
  return truth.reduce((sum, y, i) => sum + (y - values[i]) ** 2, 0) / truth.length;
};

export const accuracy: Score = (target, prediction) => {
  const truth = (target as ClassTarget).codes;
  const { codes } = prediction as Prediction & { kind: "class" };
  return truth.reduce((sum, code, i) => sum + (code === codes[i] ? 1 : 0), 0) / truth.length;
};

/** Area under the ROC curve of the second class, by the rank sum (Mann & Whitney 1947). */
export const auc: Score = (target, prediction) => {
  const truth = (target as ClassTarget).codes;
  const { probabilities } = prediction as Prediction & { kind: "class" };
  const order = [...truth.keys()].sort((a, b) => probabilities[2 * a + 1] - probabilities[2 * b + 1]);
  const positives = truth.reduce((sum, code) => sum + code, 0);
  let ranks = 0;
  for (const [rank, row] of order.entries()) if (truth[row] === 1) ranks += rank + 1;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (truth.length - positives));
};

// Internal

async function prepare(fit: FitCase, cache: string): Promise<Prepared> {
  const files = dataset(cache, fit.data);
  const { train, test, trainY, testY } = tables(files);
  const target = fit.score === meanSquaredError ? numberTarget : classTarget;
  const [known, held] = [target(trainY), target(testY)];
  return {
    peerInput: { ...files, ...fit.peerSettings },
    async ours(threads): Promise<Measured> {
      const runtime = createRuntime({ threads });
      const estimator = createEstimator(fit.estimator, fit.params);
      const context: FitContext = { runtime, seed: 0, report: async () => {} };
      let started = performance.now();
      await estimator.fit(train, known, context);
      let elapsed = performance.now() - started;
      started = performance.now();
      const prediction = estimator.predict(test);
      if (fit.timePredict) elapsed += performance.now() - started;
      runtime.close();
      return { seconds: elapsed / 1000, quality: fit.score(held, prediction) };
    },
  };
}
