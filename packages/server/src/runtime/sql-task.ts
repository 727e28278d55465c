// One query, in the task process: a query that brings the engine down takes nothing else with it.
import { runSql } from "@massif/data";
import type { TaskContext } from "./task-process.ts";
import type { SqlOutcome, SqlTask } from "./task-protocol.ts";

/** Share of the process's memory that the engine may use; the rest is the result's. */
const ENGINE_SHARE = 0.6;

/** Runs the query. Throws DataError. */
export async function sqlTask(
  { sql, limit, tables, timeoutMs }: SqlTask,
  { limits }: TaskContext,
): Promise<SqlOutcome> {
  const paths = Object.fromEntries(tables.map(({ name, path }) => [name, path]));
  return runSql({
    sql,
    tables: paths,
    threads: limits.threads,
    limits: { seconds: timeoutMs / 1000, memoryMB: limits.memoryMb * ENGINE_SHARE, rows: limit },
  });
}
