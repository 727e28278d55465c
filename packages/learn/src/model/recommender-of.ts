// Which pipelines can recommend: those that end in a recommender whose users and items come in as they are.
import type { FittedPipeline } from "../compose/pipeline.ts";
import { Recommender } from "../recommend/recommender.ts";

/** The pipeline's recommender; undefined when it has none, or when a step changes the columns of users or items. */
export function recommenderOf({ estimator, input, steps }: FittedPipeline): Recommender | undefined {
  if (!(estimator instanceof Recommender)) return undefined;
  const names = Object.values(estimator.columns);
  const changed = steps.some(({ columns }) => names.some((name) => columns.includes(name)));
  return !changed && names.every((name) => input.some((column) => column.name === name)) ? estimator : undefined;
}
