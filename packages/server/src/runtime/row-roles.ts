// Which rows of a version train and which judge, by number, from the target column alone: the same rows that the split
// of all rows in memory takes. Of a retraining, those that judge are drawn from the newest rows, which the model in use
// has not learned from.
import { readTable } from "@massif/data";
import { hasTarget, ParamError, takeRows, trainTestSplit } from "@massif/learn";
import type { TrainTask } from "./train-protocol.ts";
import { rowsWithTarget, splitTarget } from "./train-target.ts";

/** Row numbers of a version, each list rising. */
export interface RowRoles {
  /** Rows that have a target. */
  readonly present: Uint32Array;
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  /** Of a retraining: how many rows are new to the model in use. */
  readonly newRows: number;
}

/** Reads the target and deals out the rows. Throws ParamError. */
export async function rowRoles(task: TrainTask, threads: number): Promise<RowRoles> {
  const { target: name, task: kind, data, split, seed, growth } = task;
  if (name === null || !hasTarget(kind)) {
    throw new ParamError("target", `what learns without a target (${kind}) takes all rows at once`);
  }
  const kinds = { [name]: kind === "regression" ? ("number" as const) : ("category" as const) };
  const column = await readTable({ path: data, threads, columns: [name], kinds });
  const present = rowsWithTarget(column, name);
  const { target } = splitTarget(column, { target: name, task: kind });
  if (growth === undefined) {
    if (split.kind === "none") return { present, train: present, test: present, newRows: 0 };
    if (split.kind === "folds") throw new ParamError("split", "folds take all rows at once");
    const stratify = target.kind === "class" ? target.codes : undefined;
    const { train, test } = trainTestSplit(present.length, { testShare: split.testFraction, seed, stratify });
    return { present, train: numbers(present, train), test: numbers(present, test), newRows: 0 };
  }
  const firstNew = present.findIndex((row) => row >= growth.seenRows);
  const newest = firstNew < 0 ? new Uint32Array(0) : present.slice(firstNew);
  if (newest.length < LEAST_NEW) {
    throw new ParamError(
      "target",
      `only ${newest.length} of the new rows have a "${name}"; at least ${LEAST_NEW} are needed`,
    );
  }
  const { target: ofNewest } = splitTarget(takeRows(column, newest), { target: name, task: kind });
  const stratify = ofNewest.kind === "class" ? ofNewest.codes : undefined;
  const testShare = split.kind === "holdout" ? split.testFraction : DEFAULT_SHARE;
  const parts = trainTestSplit(newest.length, { testShare, seed, stratify });
  const fresh = numbers(newest, parts.train);
  const train = growth.incremental ? fresh : join(present.slice(0, present.length - newest.length), fresh);
  return { present, train, test: numbers(newest, parts.test), newRows: newest.length };
}

// Internal

/** Fewer rows say nothing about which model is better. */
const LEAST_NEW = 10;
const DEFAULT_SHARE = 0.2;

function numbers(rows: Uint32Array, places: Uint32Array): Uint32Array {
  return places.map((place) => rows[place]);
}

function join(a: Uint32Array, b: Uint32Array): Uint32Array {
  const whole = new Uint32Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
