// What each input column of a fitted pipeline is worth to it: how much worse its predictions get when the column's values
// are shuffled among the rows (Breiman 2001). Columns that say the same are each worth little by this.
import { hasTarget } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { Table, Target } from "../base/table.ts";
import { takeRows } from "../base/take-rows.ts";
import type { FittedPipeline } from "../compose/pipeline.ts";
import { METRICS } from "../metrics/evaluate.ts";
import { evaluateRows } from "./evaluate-rows.ts";

export interface PermutationOptions {
  /** A metric of `METRICS` for the pipeline's task; default: the one to rank by. */
  readonly metric?: string;
  /** Shuffles per column; default 5. */
  readonly repeats?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** By how much the metric got worse (units of the metric, below 0 where it got better by chance). */
export interface ColumnImportance {
  readonly name: string;
  /** Over the shuffles. */
  readonly mean: number;
  /** Population deviation over the shuffles. */
  readonly deviation: number;
  /** One per shuffle. */
  readonly losses: readonly number[];
}

/**
 * The importance of each input column of `pipeline` on these rows, in the pipeline's order; rows that it has not learned
 * from tell what generalises. Throws ParamError for a pipeline without target or a metric that is not defined here,
 * ShapeError for rows that are not the pipeline's.
 */
export function permutationImportance(
  pipeline: FittedPipeline,
  rows: { readonly table: Table; readonly target: Target },
  { metric, repeats = 5, seed = 0 }: PermutationOptions = {},
): ColumnImportance[] {
  if (!Number.isInteger(repeats) || repeats < 1) {
    throw new ParamError("repeats", `\`repeats\` must be a whole number of at least 1, got ${repeats}`);
  }
  const spec = metricOf(pipeline, metric);
  const measure = (table: Table): number => {
    const value = evaluateRows(pipeline, { ...rows, table }).metrics[spec.name];
    if (value === undefined) throw new ParamError("metric", `\`metric\` ${spec.name} is not defined for these rows`);
    return spec.direction === "lower" ? value : -value;
  };
  const { table } = rows;
  const before = measure(table);
  const random = new Random(seed);
  return pipeline.input.map(({ name }) => {
    const at = table.columns.findIndex((column) => column.name === name);
    if (at < 0) throw new ShapeError(`the table has no column "${name}"`);
    const losses = Array.from({ length: repeats }, () => {
      const own: Table = { rows: table.rows, columns: [table.columns[at]] };
      const [shuffled] = takeRows(own, random.permutation(table.rows)).columns;
      return measure({ rows: table.rows, columns: table.columns.with(at, shuffled) }) - before;
    });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / repeats;
    const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / repeats;
    return { name, mean, deviation: Math.sqrt(variance), losses };
  });
}

// Internal

function metricOf(pipeline: FittedPipeline, name: string | undefined) {
  const { task } = pipeline.estimator.spec;
  if (!hasTarget(task)) {
    const what = task === "clustering" ? "a clustering has none" : `${pipeline.estimator.spec.name} has none`;
    throw new ParamError("pipeline", `importance is measured against a target; ${what}`);
  }
  const known = METRICS.filter((metric) => metric.task === task);
  const found = name === undefined ? known[0] : known.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  const names = known.map((metric) => metric.name).join(", ");
  throw new ParamError("metric", `\`metric\` "${name}" is none for ${task}; there are ${names}`);
}
