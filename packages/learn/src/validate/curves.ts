// How a pipeline's figures change with more rows (learning curve) or with a parameter (validation curve), on rows that it
// learned from and on rows that it has not seen, over folds.
import type { FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { rowWeights } from "../base/row-weights.ts";
import type { Table, Target } from "../base/table.ts";
import { takeRows, takeTarget, takeValues } from "../base/take-rows.ts";
import { createEstimator } from "../catalogue.ts";
import { fitPipeline } from "../compose/pipeline.ts";
import { type PipelineSpec, validatePipeline } from "../compose/pipeline-spec.ts";
import { METRICS } from "../metrics/evaluate.ts";
import { evaluateRows } from "./evaluate-rows.ts";
import { kFold, type Split, stratifiedKFold } from "./split.ts";

/** The context of the fits, and how they are judged. */
export interface CurveOptions extends Omit<FitContext, "watched" | "checkpoint" | "communicator"> {
  /** A metric of `METRICS` for the pipeline's task; default: the one to rank by. */
  readonly metric?: string;
  /** Default 5; by class for classes. */
  readonly folds?: number;
  /** The splits themselves, in place of `folds`. */
  readonly splits?: readonly Split[];
}

/** The metric at one place of a curve, by fold. */
export interface CurvePoint<T> {
  /** Rows learned from, or the parameter's value. */
  readonly at: T;
  /** On the rows learned from. */
  readonly train: readonly number[];
  /** On the fold held out. */
  readonly test: readonly number[];
}

interface Rows {
  readonly table: Table;
  readonly target: Target;
}

/**
 * The curve over `sizes`: shares of the training rows (up to 1; default a tenth, a third, 0.55, 0.78 and all) or, above
 * 1, numbers of them. Rows are taken in an order shuffled by the seed, smaller parts being in larger ones. Throws
 * ParamError for sizes that cannot be, and what `fitPipeline` throws.
 */
export async function learningCurve(
  spec: PipelineSpec,
  rows: Rows,
  { sizes = SIZES, ...options }: CurveOptions & { readonly sizes?: readonly number[] },
): Promise<CurvePoint<number>[]> {
  const judge = judgeOf(spec, rows, options);
  const least = Math.min(...judge.splits.map(({ train }) => train.length));
  const counts = [...new Set(sizes.map((size) => rowsOf(size, least)))].sort((a, b) => a - b);
  const points: CurvePoint<number>[] = [];
  for (const at of counts) points.push(await judge.point(at, spec, at));
  return points;
}

/**
 * The curve over `values` of a parameter: the estimator's own, or `steps.0.NAME` for a step's. Throws ParamError for a
 * parameter or a value that cannot be, and what `fitPipeline` throws.
 */
export async function validationCurve<T extends number | string | boolean | null>(
  spec: PipelineSpec,
  rows: Rows,
  { param, values, ...options }: CurveOptions & { readonly param: string; readonly values: readonly T[] },
): Promise<CurvePoint<T>[]> {
  const judge = judgeOf(spec, rows, options);
  const specs = values.map((value) => validatePipeline(withParam(spec, param, value)));
  const points: CurvePoint<T>[] = [];
  for (const [i, at] of values.entries()) points.push(await judge.point(at, specs[i]));
  return points;
}

// Internal

/** As scikit-learn's: five from a tenth to all. */
const SIZES: readonly number[] = [0.1, 0.325, 0.55, 0.775, 1];

function judgeOf(spec: PipelineSpec, { table, target }: Rows, options: CurveOptions) {
  const { runtime, seed, report, weights, folds = 5 } = options;
  const estimator = createEstimator(validatePipeline(spec).estimator.type).spec;
  rowWeights({ weights }, table.rows, estimator);
  const metric = metricOf(estimator.task, options.metric);
  const splits =
    options.splits ??
    (target.kind === "class" ? stratifiedKFold(target.codes, { folds, seed }) : kFold(table.rows, { folds, seed }));
  // Folds list their rows in order: the first so many would all be of one time or one class.
  const orders = splits.map(({ train }, i) => shuffled(train, seed + i));
  const part = (indices: Uint32Array) => ({ table: takeRows(table, indices), target: takeTarget(target, indices) });
  const figure = (fitted: Awaited<ReturnType<typeof fitPipeline>>, of: Rows) =>
    evaluateRows(fitted, of).metrics[metric] ?? Number.NaN;
  const point = async <T>(at: T, of: PipelineSpec, count?: number): Promise<CurvePoint<T>> => {
    const [train, test]: [number[], number[]] = [[], []];
    for (const [i, split] of splits.entries()) {
      const indices = count === undefined ? split.train : orders[i].slice(0, count).sort();
      const own = part(indices);
      const context = { runtime, seed, report, weights: weights && takeValues(weights, indices) };
      const fitted = await fitPipeline(of, own, context);
      train.push(figure(fitted, own));
      test.push(figure(fitted, part(split.test)));
    }
    return { at, train, test };
  };
  return { splits, point };
}

function shuffled(rows: Uint32Array, seed: number): Uint32Array {
  return new Random(seed).shuffle(Uint32Array.from(rows));
}

function rowsOf(size: number, most: number): number {
  const count = size <= 1 ? Math.floor(size * most) : size;
  if (Number.isInteger(count) && count >= 2 && count <= most) return count;
  const problem = `\`sizes\` must be shares up to 1 or whole numbers from 2 to ${most}, got ${size}`;
  throw new ParamError("sizes", `${problem}${size <= 1 ? ` (${count} rows)` : ""}`);
}

function metricOf(task: string, name: string | undefined): string {
  const known = METRICS.filter((metric) => metric.task === task).map((metric) => metric.name);
  if (name === undefined || known.includes(name)) return name ?? known[0];
  throw new ParamError("metric", `\`metric\` "${name}" is none for ${task}; there are ${known.join(", ")}`);
}

function withParam(spec: PipelineSpec, name: string, value: number | string | boolean | null): PipelineSpec {
  const [, step, key] = /^steps\.(\d+)\.(.+)$/.exec(name) ?? [];
  if (step === undefined) {
    return { ...spec, estimator: { ...spec.estimator, params: { ...spec.estimator.params, [name]: value } } };
  }
  const found = spec.steps[Number(step)];
  if (found === undefined) throw new ParamError("param", `the pipeline has no step ${step}, of which \`${name}\` is`);
  const changed = { ...found, params: { ...found.params, [key]: value } };
  return { ...spec, steps: spec.steps.with(Number(step), changed) };
}
