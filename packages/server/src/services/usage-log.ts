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
import { costOf } from "./prices.ts";

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
  readonly #means: UsageMeans;

  constructor(means: UsageMeans) {
    this.#means = means;
  }

  /** Writes what a task used. */
  async task(
    kind: UsageKind,
    { usage, ...entry }: TaskEntry,
    executor: Executor = this.#means.store.db,
  ): Promise<void> {
    const { prices, priceId, clock } = this.#means;
    const { cpuSeconds, memoryMbSeconds, seconds } = usage;
    const used = { cpuSeconds, memoryMbSeconds, seconds };
    const cost = costOf(prices, kind, used);
    await insertUsage(executor, [
      { ...entry, ...used, kind, windowStart: new Date(clock()), requests: 1, cost, priceId },
    ]);
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
    const { cost, ...figures } = total;
    const { currency } = this.#means.prices;
    return { ...pick(figures), group, cost: { amount: cost, currency } };
  }

  #add(sum: UsageRow, row: UsageRow): UsageRow {
    const { currency } = sum.cost;
    const added = { ...sum };
    for (const name of FIGURES) added[name] += row[name];
    return { ...added, cost: { amount: sum.cost.amount + row.cost.amount, currency } };
  }
}

// Internal

type UsageMeans = Pick<Means, "store" | "prices" | "priceId" | "clock">;

const MONTH_MS = 30 * 86_400_000;
const FIGURES = [
  "requests",
  "errors",
  "rows",
  "cpuSeconds",
  "memoryMbSeconds",
  "seconds",
  "storedGbHours",
  "bytesIn",
  "bytesOut",
] as const;

type Figures = { [F in (typeof FIGURES)[number]]: number };

const ZERO = { ...pick({} as Partial<Figures>), cost: 0 };

function pick(figures: Partial<Figures>): Figures {
  return Object.fromEntries(FIGURES.map((name) => [name, figures[name] ?? 0])) as Figures;
}

const COLUMNS: Readonly<Record<Grouping, UsageGroup>> = {
  key: "key_id",
  endpoint: "endpoint_id",
  model: "model_version_id",
  kind: "kind",
  day: "day",
};
