// The rows of a study: those that trials learn from and those that judge them. What the study's split holds out is in
// neither, so that the refitted run is judged on rows that took no part in choosing its parameters.
import { kFold, type Split, stratifiedKFold, type Target, trainTestSplit } from "@massif/learn";
import { type Part, takePart } from "./held-out.ts";
import { readPart } from "./read-part.ts";
import type { TrialTask } from "./trial-protocol.ts";

/** Rows with their target. */
export interface Rows extends Part {
  readonly target: Target;
}

/** One way to learn and to judge: one for a hold-out, one per fold. */
export interface Judged {
  readonly train: Rows;
  readonly validation: Rows;
}

/** Reads and splits; throws DataError and ParamError. */
export async function readTrialData(task: TrialTask, threads: number): Promise<readonly Judged[]> {
  const { split, evaluation, seed } = task;
  const whole = (await readPart(task, threads)) as Rows;
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

function take(whole: Rows, rows: Uint32Array): Rows {
  return takePart(whole, rows) as Rows;
}
