// Which rows of a version a rank reads: consecutive ones, whole row groups where these come out even enough.
import { readTable, rowGroups } from "@massif/data";
import { hasTarget, takeRows, takeTarget, trainTestSplit } from "@massif/learn";
import type { Part } from "../held-out.ts";
import { rowRoles } from "../row-roles.ts";
import type { TrainTask } from "../train-protocol.ts";
import { splitTarget } from "../train-target.ts";

/** A rank's rows to fit on and to judge on. */
export interface RankRows {
  readonly train: Part;
  readonly test: Part;
}

/** A rank's share may differ from an even one by this much of it, so that no row group is read by two. */
const UNEVEN = 0.1;

/** First row of each rank's share, and the number of rows. */
export function cutRows(groups: readonly number[], ranks: number): number[] {
  const starts = [0];
  let rows = 0;
  for (const group of groups) {
    rows += group;
    starts.push(rows);
  }
  return Array.from({ length: ranks + 1 }, (_, rank) => {
    const even = Math.round((rank * rows) / ranks);
    const near = starts.reduce((best, start) => (Math.abs(start - even) < Math.abs(best - even) ? start : best), 0);
    return Math.abs(near - even) <= (UNEVEN / 2) * (rows / ranks) ? near : even;
  });
}

/** Reads the share of `rank`; which rows train and which judge is settled as in one process. */
export async function readRankRows(task: TrainTask, { rank, size }: { rank: number; size: number }): Promise<RankRows> {
  const { data: path, target: name, task: kind, pipeline } = task;
  const cuts = cutRows(await rowGroups({ path, threads: 1 }), size);
  const [from, to] = [cuts[rank], cuts[rank + 1]];
  const range = { path, threads: 1, offset: from, limit: to - from };
  const own = (rows: Uint32Array) => rows.filter((row) => row >= from && row < to).map((row) => row - from);
  if (name === null || !hasTarget(kind)) {
    const table = await readTable({ ...range, columns: pipeline.features });
    const { split, seed } = task;
    if (split.kind !== "holdout") return { train: { table }, test: { table } };
    // Without a target every row takes part, so the numbers of all rows say which ones one process would hold out.
    const parts = trainTestSplit(cuts[size], { testShare: split.testFraction, seed });
    return { train: { table: takeRows(table, own(parts.train)) }, test: { table: takeRows(table, own(parts.test)) } };
  }
  const roles = await rowRoles(task, 1);
  const kinds = { [name]: kind === "regression" ? ("number" as const) : ("category" as const) };
  const columns = pipeline.features === undefined ? undefined : [...pipeline.features, name];
  const whole = await readTable({ ...range, columns, kinds });
  const part = (rows: Uint32Array): Part => {
    const table = takeRows(whole, own(rows));
    return table.rows < 2 ? few(table, name) : splitTarget(table, { target: name, task: kind });
  };
  return { train: part(roles.train), test: roles.test === roles.train ? part(roles.train) : part(roles.test) };

  /** One row or none: too few for a training, but not for a share of one. */
  function few(table: Part["table"], target: string): Part {
    const column = table.columns.find((one) => one.name === target);
    const columns = table.columns.filter((one) => one !== column);
    const rows = Uint32Array.from({ length: table.rows }, (_, row) => row);
    const found =
      column?.kind === "category"
        ? { kind: "class" as const, name: target, codes: column.codes, classes: column.categories }
        : {
            kind: "number" as const,
            name: target,
            values: column?.kind === "number" ? column.values : new Float64Array(table.rows),
          };
    return { table: { rows: table.rows, columns }, target: takeTarget(found, rows) };
  }
}
