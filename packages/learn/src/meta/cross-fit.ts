// Answers to rows by estimators that have not seen them: each fold is predicted by a fit of the others.
import type { Estimator } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { takeRows, takeTarget, takeValues } from "../base/take-rows.ts";
import { kFold, type Split, stratifiedKFold } from "../validate/split.ts";
import type { Rows } from "./composite.ts";
import type { PartProgress } from "./part-progress.ts";
import { figuresOf } from "./parts.ts";

/** Folds of the rows, of classes each with its share; fewer where rows are few. Throws ShapeError for a single row. */
export function foldsOf(
  { target, table }: Rows,
  { folds, seed, owner }: { folds: number; seed: number; owner: string },
) {
  if (table.rows < 2) throw new ShapeError(`${owner} needs at least 2 rows to fold, got ${table.rows}`);
  const options = { folds: Math.min(folds, table.rows), seed };
  return target.kind === "class" ? stratifiedKFold(target.codes, options) : kFold(table.rows, options);
}

/** The rows at `indices`. */
export function rowsAt({ table, target, weights }: Rows, indices: Uint32Array): Rows {
  return {
    table: takeRows(table, indices),
    target: takeTarget(target, indices),
    weights: weights && takeValues(weights, indices),
  };
}

/** Fits the estimator, as the next part of the progress. */
export async function fitPart<E extends Estimator>(estimator: E, rows: Rows, progress: PartProgress): Promise<E> {
  await estimator.fit(rows.table, rows.target, progress.next(rows.weights));
  await progress.done();
  return estimator;
}

/** How figures of unseen rows come about. */
export interface CrossFit {
  readonly splits: readonly Split[];
  readonly make: () => Estimator;
  readonly progress: PartProgress;
}

/** The figures of every row (rows × width, row-major) by the fit that has not seen it. */
export async function figuresOfUnseen(rows: Rows, { splits, make, progress }: CrossFit): Promise<Float64Array> {
  const width = rows.target.kind === "class" ? rows.target.classes.length : 1;
  const figures = new Float64Array(rows.table.rows * width);
  for (const { train, test } of splits) {
    const estimator = await fitPart(make(), rowsAt(rows, train), progress);
    const own = figuresOf(estimator.predict(takeRows(rows.table, test)));
    test.forEach((row, i) => {
      figures.set(own.subarray(i * width, (i + 1) * width), row * width);
    });
  }
  return figures;
}
