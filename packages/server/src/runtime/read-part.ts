// The rows of a version as a fit takes them: features and target, and what columns say of the rows themselves, such as
// how much each counts. Such a column is read by itself: it is no feature unless a pipeline names it as one.
import type { Split } from "@massif/api";
import { readTable } from "@massif/data";
import { type Column, hasTarget, ParamError, type Table } from "@massif/learn";
import type { Part } from "./held-out.ts";
import type { TrainTask } from "./train-protocol.ts";
import { rowsWithTarget, splitTarget } from "./train-target.ts";

/** What to read. */
export interface PartWish extends Pick<TrainTask, "data" | "target" | "task" | "weights"> {
  /** Folds may go by columns. */
  readonly split?: Split;
  /** The columns to learn from; absent: all that have no other part. */
  readonly features: readonly string[] | undefined;
}

/** Reads the rows that have a target. Throws DataError, and ParamError naming `target` or `rowWeights`. */
export async function readPart(wish: PartWish, threads: number): Promise<Part> {
  const { data: path, target, task, features } = wish;
  const about = await aboutRows(wish, threads);
  if (target === null || !hasTarget(task)) {
    const table = without(await readTable({ path, threads, columns: features }), wish);
    return { table, ...columnsOf(about, wish, everyRow(table.rows)) };
  }
  const columns = features === undefined ? undefined : [...features, target];
  const kinds = { [target]: task === "regression" ? ("number" as const) : ("category" as const) };
  const whole = without(await readTable({ path, threads, columns, kinds }), wish);
  return { ...splitTarget(whole, { target, task }), ...columnsOf(about, wish, rowsWithTarget(whole, target)) };
}

// Internal

interface AboutRows {
  /** Weights and times, as they are. */
  readonly values: Table;
  /** Groups, whatever their kind, as categories. */
  readonly groups: Table;
}

async function aboutRows(wish: PartWish, threads: number): Promise<AboutRows> {
  const { data: path, weights } = wish;
  const { groups, time } = foldColumns(wish);
  const read = async (names: readonly (string | undefined)[], kind?: "category"): Promise<Table> => {
    const columns = [...new Set(names.filter((name) => name !== undefined))];
    if (columns.length === 0) return { rows: 0, columns: [] };
    const kinds = kind && Object.fromEntries(columns.map((name) => [name, kind]));
    return readTable({ path, threads, columns, kinds });
  };
  return { values: await read([weights, time]), groups: await read([groups], "category") };
}

/** What the wish's rows are weighed, grouped and ordered by. */
function columnsOf(about: AboutRows, wish: PartWish, rows: Uint32Array): Pick<Part, "weights" | "groups" | "times"> {
  const { groups, time } = foldColumns(wish);
  return {
    weights: weightsOf(about.values, wish, rows),
    groups: groups === undefined ? undefined : groupsOf(find(about.groups, groups), rows),
    times: time === undefined ? undefined : timesOf(find(about.values, time), rows),
  };
}

function foldColumns({ split }: PartWish): { groups?: string; time?: string } {
  return split?.kind === "folds" ? { groups: split.groups, time: split.time } : {};
}

function groupsOf(column: Column, rows: Uint32Array): Int32Array {
  if (column.kind !== "category") throw new ParamError("split", `"${column.name}" cannot be read as groups`);
  return Int32Array.from(rows, (row) => {
    if (column.codes[row] < 0) throw missing(column.name, row, "group");
    return column.codes[row];
  });
}

function timesOf(column: Column, rows: Uint32Array): Float64Array {
  if (column.kind !== "date" && column.kind !== "number") {
    throw new ParamError("split", `"${column.name}" is a ${column.kind} column; rows are ordered by dates or numbers`);
  }
  return Float64Array.from(rows, (row) => {
    if (Number.isNaN(column.values[row])) throw missing(column.name, row, "time");
    return column.values[row];
  });
}

function missing(name: string, row: number, what: string): ParamError {
  const cure = `give it one, or leave the row out`;
  return new ParamError("split", `row ${row + 1} has no ${what} in "${name}", by which the folds go: ${cure}`);
}

/** Where nobody names the columns to learn from, the weights and the groups are left out. */
function without(table: Table, wish: PartWish): Table {
  if (wish.features !== undefined) return table;
  const { groups } = foldColumns(wish);
  return { rows: table.rows, columns: table.columns.filter(({ name }) => name !== wish.weights && name !== groups) };
}

function weightsOf(about: Table, { weights }: PartWish, rows: Uint32Array): Float64Array | undefined {
  if (weights === undefined) return undefined;
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
