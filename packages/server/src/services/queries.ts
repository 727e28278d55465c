// SQL over data sets: every data set of the project is a table by its name, at its newest version that is ready.
import { ApiError, type SqlResult } from "@massif/api";
import { latestDatasetVersion } from "../store/dataset-versions.ts";
import { listDatasets } from "../store/datasets.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import type { UsageLog } from "./usage-log.ts";

/** Queries that may wait for a place before more are refused. */
const MOST_WAITING = 20;

/** Runs queries in processes of their own. */
export class Queries {
  readonly #means: Means;
  readonly #usage: UsageLog;

  constructor(means: Means, usage: UsageLog) {
    this.#means = means;
    this.#usage = usage;
  }

  /** Runs one SELECT; throws INVALID_SQL, TIMEOUT, OVERLOADED. */
  async run(
    caller: Caller,
    { sql, limit, signal }: { sql: string; limit: number; signal: AbortSignal },
  ): Promise<SqlResult> {
    const { tasks, limits, clock } = this.#means;
    if (tasks.waiting.queries >= MOST_WAITING) {
      throw new ApiError("OVERLOADED", `${MOST_WAITING} queries are waiting already`, { retryAfter: 2 });
    }
    const started = clock();
    const tables = await this.#tables(caller, sql.toLowerCase());
    const task = { kind: "sql", sql, limit, tables, timeoutMs: limits.sqlMs } as const;
    // The engine ends a query at its limit; the process is ended when it does not.
    const timeoutMs = limits.sqlMs + 5000;
    const { outcome, usage } = await tasks.run(task, { signal, timeoutMs });
    const { projectId, keyId, requestId } = caller;
    await this.#usage.task("sql", { projectId, keyId, usage, flushId: `sql:${requestId}:${started}` });
    return { ...outcome, rows: outcome.rows as SqlResult["rows"], seconds: (clock() - started) / 1000 };
  }

  // Internal

  /** Only data sets that the text names: each file is checked against its hash before it is read. */
  async #tables({ projectId }: Caller, sql: string): Promise<{ name: string; path: string }[]> {
    const { store, blobs } = this.#means;
    const datasets = await listDatasets(store.db, { projectId, limit: 1000 });
    const found = await Promise.all(
      datasets
        .filter(({ name }) => sql.includes(name))
        .map(async ({ id, name }) => {
          const version = await latestDatasetVersion(store.db, { datasetId: id, status: "ready" });
          return version?.blob ? [{ name, path: await blobs.path(version.blob) }] : [];
        }),
    );
    return found.flat();
  }
}
