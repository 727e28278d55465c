// Usage of tasks, written in the transaction of their end, and usage as it is read back.
import type { Usage, UsageRow } from "@massif/api";
import type { TaskUsage } from "../runtime/task-protocol.ts";
import type { Executor } from "../store/database.ts";
import { listEndpoints } from "../store/endpoints.ts";
import { listKeys } from "../store/keys.ts";
import { nameModelVersions } from "../store/model-versions.ts";
import type { UsageKind } from "../store/schema.ts";
import { insertUsage, sumUsage, type UsageGroup, type UsageTotal } from "../store/usage.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import { taskCost } from "./prices.ts";

/** Whose task it was. `flushId` names what is counted: written twice, it counts once. */
export interface TaskEntry {
  readonly projectId: string;
  readonly runId?: string;
  readonly keyId?: string;
  readonly usage: TaskUsage;
  readonly flushId: string;
}

type Grouping = "key" | "endpoint" | "model" | "kind" | "day";

/** Writes and reads usage. */
export class UsageLog {
  readonly #means: Pick<Means, "store" | "prices" | "clock">;

  constructor(means: Pick<Means, "store" | "prices" | "clock">) {
    this.#means = means;
  }

  /** Writes what a task used. */
  async task(
    kind: UsageKind,
    { usage, ...entry }: TaskEntry,
    executor: Executor = this.#means.store.db,
  ): Promise<void> {
    const { cpuSeconds, peakMemoryBytes } = usage;
    const memoryMbSeconds = (peakMemoryBytes / 1e6) * cpuSeconds;
    const cost = taskCost(this.#means.prices, { cpuSeconds, memoryMbSeconds });
    const windowStart = new Date(this.#means.clock());
    await insertUsage(executor, [{ ...entry, kind, windowStart, requests: 1, cpuSeconds, memoryMbSeconds, cost }]);
  }

  /** What was used, by group; the last 30 days unless said otherwise. */
  async read(
    { projectId }: Caller,
    { from, to, groupBy }: { from?: string; to?: string; groupBy: Grouping },
  ): Promise<Usage> {
    const end = to === undefined ? new Date(this.#means.clock() + 1) : new Date(to);
    const start = from === undefined ? new Date(end.getTime() - MONTH_MS) : new Date(from);
    const totals = await sumUsage(this.#means.store.db, { projectId, from: start, to: end, by: COLUMNS[groupBy] });
    const names = await this.#names(projectId, groupBy, totals);
    const rows = totals.map((total) => this.#row(names.get(total.group ?? "") ?? total.group ?? "other", total));
    const total = rows.reduce((sum, row) => this.#add(sum, row), this.#row("total", ZERO));
    return { from: start.toISOString(), to: end.toISOString(), rows, total };
  }

  // Internal

  async #names(projectId: string, groupBy: Grouping, totals: readonly UsageTotal[]): Promise<Map<string, string>> {
    const { db } = this.#means.store;
    if (groupBy === "key")
      return new Map((await listKeys(db, projectId)).map(({ id, name, prefix }) => [id, `${name} (${prefix}…)`]));
    if (groupBy === "endpoint") return new Map((await listEndpoints(db, projectId)).map(({ id, name }) => [id, name]));
    if (groupBy !== "model") return new Map();
    const ids = totals.flatMap(({ group }) => (group === null ? [] : [group]));
    const names = await nameModelVersions(db, ids);
    return new Map([...names].map(([id, { model, version }]) => [id, `${model}:${version}`]));
  }

  #row(group: string, total: Omit<UsageTotal, "group">): UsageRow {
    const { requests, errors, rows, cpuSeconds, memoryMbSeconds, bytesIn, bytesOut, cost } = total;
    const { currency } = this.#means.prices;
    return {
      group,
      requests,
      errors,
      rows,
      cpuSeconds,
      memoryMbSeconds,
      bytesIn,
      bytesOut,
      cost: { amount: cost, currency },
    };
  }

  #add(sum: UsageRow, row: UsageRow): UsageRow {
    const { currency } = sum.cost;
    const added = { ...sum };
    for (const name of FIGURES) added[name] += row[name];
    return { ...added, cost: { amount: sum.cost.amount + row.cost.amount, currency } };
  }
}

// Internal

const MONTH_MS = 30 * 86_400_000;
const FIGURES = ["requests", "errors", "rows", "cpuSeconds", "memoryMbSeconds", "bytesIn", "bytesOut"] as const;
const ZERO = { requests: 0, errors: 0, rows: 0, cpuSeconds: 0, memoryMbSeconds: 0, bytesIn: 0, bytesOut: 0, cost: 0 };
const COLUMNS: Readonly<Record<Grouping, UsageGroup>> = {
  key: "key_id",
  endpoint: "endpoint_id",
  model: "model_version_id",
  kind: "kind",
  day: "day",
};
