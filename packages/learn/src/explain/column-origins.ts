// Where the columns that an estimator sees come from: an input column of the pipeline, as long as steps make their outputs
// of one column each; else the step that mixed several, and its output's name.
import type { FittedPipeline, FittedStep } from "../compose/pipeline.ts";

/** A column to which contributions are added up. */
export interface ColumnOrigin {
  readonly name: string;
  /** Null for an input column of the pipeline; else the step that made it of several. */
  readonly step: string | null;
}

/** The origin of each column that the estimator sees, by name; columns of one origin share the object. */
export function columnOrigins({
  input,
  steps,
}: Pick<FittedPipeline, "input" | "steps">): ReadonlyMap<string, ColumnOrigin> {
  const origins = new Map(input.map(({ name }): [string, ColumnOrigin] => [name, { name, step: null }]));
  for (const step of steps) {
    const made = originsAfter(step, origins);
    for (const name of step.columns) origins.delete(name);
    for (const [name, origin] of made) origins.set(name, origin);
  }
  return origins;
}

// Internal

function originsAfter(
  { transformer, columns }: FittedStep,
  before: ReadonlyMap<string, ColumnOrigin>,
): [string, ColumnOrigin][] {
  const of = (name: string) => before.get(name) as ColumnOrigin;
  const sources = transformer.sources?.();
  const taken = new Set(columns.map(of));
  const [first] = taken;
  return transformer.outputs().map(({ name }, k) => {
    if (sources !== undefined) return [name, of(sources[k])];
    // A mix of what all came from one column still says that column alone.
    return [name, taken.size === 1 ? first : { name, step: transformer.spec.name }];
  });
}
