// The rows of a version as a fit takes them: features and target, and what columns say of the rows themselves, such as
// how much each counts. Such a column is read by itself: it is no feature unless a pipeline names it as one.
import { readTable } from "@massif/data";
import { type Column, ParamError, type Table } from "@massif/learn";
import type { Part } from "./held-out.ts";
import type { TrainTask } from "./train-protocol.ts";
import { rowsWithTarget, splitTarget } from "./train-target.ts";

/** What to read. */
export interface PartWish extends Pick<TrainTask, "data" | "target" | "task" | "weights"> {
  /** The columns to learn from; absent: all that have no other part. */
  readonly features: readonly string[] | undefined;
}

/** Reads the rows that have a target. Throws DataError, and ParamError naming `target` or `rowWeights`. */
export async function readPart(wish: PartWish, threads: number): Promise<Part> {
  const { data: path, target, task, features } = wish;
  const about = await aboutRows(wish, threads);
  if (target === null || (task !== "regression" && task !== "classification")) {
    const table = without(await readTable({ path, threads, columns: features }), wish);
    return { table, weights: weightsOf(about, wish, everyRow(table.rows)) };
  }
  const columns = features === undefined ? undefined : [...features, target];
  const kinds = { [target]: task === "regression" ? ("number" as const) : ("category" as const) };
  const whole = without(await readTable({ path, threads, columns, kinds }), wish);
  return { ...splitTarget(whole, { target, task }), weights: weightsOf(about, wish, rowsWithTarget(whole, target)) };
}

// Internal

async function aboutRows({ data: path, weights }: PartWish, threads: number): Promise<Table | undefined> {
  return weights === undefined ? undefined : readTable({ path, threads, columns: [weights] });
}

/** Where nobody names the columns to learn from, those that say something of the rows are left out. */
function without(table: Table, { features, weights }: PartWish): Table {
  if (features !== undefined || weights === undefined) return table;
  return { rows: table.rows, columns: table.columns.filter(({ name }) => name !== weights) };
}

function weightsOf(about: Table | undefined, { weights }: PartWish, rows: Uint32Array): Float64Array | undefined {
  if (about === undefined || weights === undefined) return undefined;
  const column = find(about, weights);
  if (column.kind !== "number") {
    throw badWeights(`"${weights}" is a ${column.kind} column; weights are numbers from 0 on`);
  }
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const weight = column.values[rows[i]];
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw badWeight(weights, { row: rows[i], weight });
    taken[i] = weight;
  }
  if (taken.every((weight) => weight === 0)) throw badWeights(`all weights in "${weights}" are 0: no row counts`);
  return taken;
}

function find(table: Table, name: string): Column {
  return table.columns.find((column) => column.name === name) as Column;
}

function badWeight(name: string, { row, weight }: { row: number; weight: number }): ParamError {
  const what = Number.isNaN(weight) ? "has no weight" : `has the weight ${weight}`;
  const cure = "weights are numbers from 0 on; give it one, 0 for a row that shall not count, or leave the row out";
  return badWeights(`row ${row + 1} ${what} in "${name}": ${cure}`);
}

function badWeights(message: string): ParamError {
  return new ParamError("rowWeights", message);
}

function everyRow(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}
