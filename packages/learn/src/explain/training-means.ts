// What the steps of a fitted pipeline tell of the means of its columns over the training rows: a step that centres gives
// columns of mean 0, one that only chooses columns keeps their means, any other step leaves them unknown.
import type { FittedPipeline, FittedStep } from "../compose/pipeline.ts";
import { PCA } from "../decompose/pca.ts";
import { StandardScaler } from "../preprocess/standard-scaler.ts";
import { ColumnSelector } from "../select/column-selector.ts";

/** The means that are known of the columns that the estimator sees, by name. */
export function trainingMeans({ steps }: Pick<FittedPipeline, "steps">): ReadonlyMap<string, number> {
  const means = new Map<string, number>();
  for (const step of steps) {
    const made = meansAfter(step, means);
    for (const name of step.columns) means.delete(name);
    for (const [name, mean] of made) means.set(name, mean);
  }
  return means;
}

// Internal

function meansAfter({ transformer }: FittedStep, before: ReadonlyMap<string, number>): [string, number][] {
  const names = transformer.outputs().map(({ name }) => name);
  const centres = (transformer instanceof StandardScaler || transformer instanceof PCA) && transformer.params.center;
  if (centres) return names.map((name) => [name, 0]);
  if (!(transformer instanceof ColumnSelector)) return [];
  return names.flatMap((name): [string, number][] => {
    const mean = before.get(name);
    return mean === undefined ? [] : [[name, mean]];
  });
}
