// The rows of a study: those that trials learn from and those that judge them. What the study's split holds out is in
// neither, so that the refitted run is judged on rows that took no part in choosing its parameters.
import { readTable } from "@massif/data";
import {
  kFold,
  type Split,
  stratifiedKFold,
  type Table,
  type Target,
  takeRows,
  takeTarget,
  trainTestSplit,
} from "@massif/learn";
import { splitTarget } from "./train-target.ts";
import type { TrialTask } from "./trial-protocol.ts";

/** Rows with their target. */
export interface Rows {
  readonly table: Table;
  readonly target: Target;
}

/** One way to learn and to judge: one for a hold-out, one per fold. */
export interface Judged {
  readonly train: Rows;
  readonly validation: Rows;
}

/** Reads and splits; throws DataError and ParamError. */
export async function readTrialData(task: TrialTask, threads: number): Promise<readonly Judged[]> {
  const { data, target, features, split, evaluation, seed } = task;
  const columns = features === undefined ? undefined : [...features, target];
  const kinds = { [target]: task.task === "regression" ? ("number" as const) : ("category" as const) };
  const whole = splitTarget(await readTable({ path: data, threads, columns, kinds }), { target, task: task.task });
  const rows = split.kind !== "holdout" ? whole : take(whole, holdOut(whole, split.testFraction, seed).train);
  const parts =
    evaluation.kind === "holdout"
      ? [holdOut(rows, evaluation.validationFraction, seed)]
      : foldsOf(rows, evaluation.folds, seed);
  return parts.map(({ train, test }) => ({ train: take(rows, train), validation: take(rows, test) }));
}

// Internal

// The same split as a training of this seed makes, or the refitted run would be judged on rows that chose it.
function holdOut({ table, target }: Rows, testShare: number, seed: number): Split {
  const stratify = target.kind === "class" ? target.codes : undefined;
  return trainTestSplit(table.rows, { testShare, seed, stratify });
}

function foldsOf({ table, target }: Rows, folds: number, seed: number): Split[] {
  return target.kind === "class" ? stratifiedKFold(target.codes, { folds, seed }) : kFold(table.rows, { folds, seed });
}

function take({ table, target }: Rows, rows: Uint32Array): Rows {
  return { table: takeRows(table, rows), target: takeTarget(target, rows) };
}
