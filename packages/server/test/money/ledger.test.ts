// Budgets, invoices and storage against a real database.
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Budgets } from "../../src/services/budgets.ts";
import { Invoices } from "../../src/services/invoices.ts";
import { Meter } from "../../src/services/meter.ts";
import { costOf, DEFAULT_PRICES } from "../../src/services/prices.ts";
import { ReplicaMeter } from "../../src/services/replica-meter.ts";
import { StorageMeter } from "../../src/services/storage-meter.ts";
import { UsageLog } from "../../src/services/usage-log.ts";
import { finishDatasetVersion, insertDatasetVersion } from "../../src/store/dataset-versions.ts";
import { ensureDataset } from "../../src/store/datasets.ts";
import { ensurePrices } from "../../src/store/prices.ts";
import { ensureProject } from "../../src/store/projects.ts";
import { readSpend } from "../../src/store/spend.ts";
import { insertUsage, listUsage, sumUsage } from "../../src/store/usage.ts";
import { ENGINE, openTestStore, type TestStore } from "../stores.ts";

const START = Date.UTC(2026, 4, 10, 12);
const EVER = { from: new Date(0), to: new Date(1e13) };
const caller = () => ({ projectId, keyId: "key_1", role: "admin" as const, requestId: "req" });

let opened: TestStore;
let projectId: string;
let now: number;
let priceId: string;

beforeAll(async () => {
  opened = await openTestStore(ENGINE);
  priceId = (await ensurePrices(opened.store.db, { ...DEFAULT_PRICES })).id;
});
afterAll(() => opened.destroy());
beforeEach(async () => {
  projectId = (await ensureProject(opened.store.db, { name: `p${Math.random()}` })).id;
  now = START;
});

function means() {
  const { store } = opened;
  const clock = () => now;
  return {
    store,
    clock,
    prices: DEFAULT_PRICES,
    priceId,
    budgets: new Budgets({ store, clock, prices: DEFAULT_PRICES }),
  };
}

function usage(cost: number, { keyId = "key_1", at = now, flushId = String(Math.random()) } = {}) {
  return { flushId, projectId, keyId, windowStart: new Date(at), kind: "predict" as const, cost, requests: 1 };
}

describe("spend", () => {
  test("is kept by month and key, and what is written again is not spent again", async () => {
    const { db } = opened.store;
    const entry = usage(2, { flushId: `flush-${projectId}` });
    expect(await insertUsage(db, [entry, usage(3), usage(5, { keyId: "key_2" })])).toBe(3);
    expect(await insertUsage(db, [entry, usage(1, { at: Date.UTC(2026, 3, 30, 23, 59) })])).toBe(1);
    expect(await readSpend(db, { projectId, month: "2026-05" })).toEqual(
      new Map([
        ["key_1", 5],
        ["key_2", 5],
      ]),
    );
    expect(await readSpend(db, { projectId, month: "2026-04" })).toEqual(new Map([["key_1", 1]]));
  });
});

describe("a budget", () => {
  const spender = (limits: { keyBudget?: number; projectBudget?: number }) => ({
    projectId,
    keyId: "key_1",
    ...limits,
  });

  test("of zero allows nothing, and none allows everything without asking the database", async () => {
    const { budgets } = means();
    await expect(budgets.check(spender({ keyBudget: 0 }))).rejects.toMatchObject({
      code: "BUDGET_EXCEEDED",
      status: 402,
    });
    await expect(budgets.check(spender({ projectBudget: 0 }))).rejects.toThrow(/project's budget of 0 USD/);
    await budgets.check({ projectId: "no such project", keyId: "x" });
  });

  test("counts what is written, what is not written yet, and what is set aside", async () => {
    const { budgets } = means();
    await insertUsage(opened.store.db, [usage(4)]);
    await budgets.check(spender({ keyBudget: 10 }));
    budgets.spend({ projectId, keyId: "key_1" }, 3);
    const hold = await budgets.hold(spender({ keyBudget: 10 }), 2);
    await expect(budgets.hold(spender({ keyBudget: 10 }), 2)).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
    hold.release();
    hold.release();
    (await budgets.hold(spender({ keyBudget: 10 }), 2)).release();
    budgets.wrote({ projectId, keyId: "key_1" }, 3);
    expect(await budgets.spent({ projectId, keyId: "key_1" })).toBe(7);
  });

  test("of the project counts all keys, that of a key only its own", async () => {
    const { budgets } = means();
    await insertUsage(opened.store.db, [usage(6, { keyId: "key_2" })]);
    await budgets.check(spender({ keyBudget: 1 }));
    await expect(budgets.check(spender({ keyBudget: 1, projectBudget: 5 }))).rejects.toThrow(
      /begins anew at 2026-06-01/,
    );
  });

  test("sees what another gateway spent within a second, and begins anew with the month", async () => {
    const { budgets } = means();
    await budgets.check(spender({ keyBudget: 5 }));
    await insertUsage(opened.store.db, [usage(5)]);
    now += 1000;
    await expect(budgets.check(spender({ keyBudget: 5 }))).rejects.toThrow();
    now = Date.UTC(2026, 5, 1);
    await budgets.check(spender({ keyBudget: 5 }));
  });

  test("never lets through more than its amount, however many requests come at once", async () => {
    const parts = means();
    const meter = new Meter(parts, (error) => expect.fail(String(error)));
    const key = { projectId, keyId: "key_1", endpointId: "e", modelVersionId: "m" };
    const request = async () => {
      const hold = await parts.budgets.hold(spender({ keyBudget: 1 }), 0.01);
      await new Promise((resolve) => setImmediate(resolve));
      meter.add(key, { errors: 0, rows: 1, cpuSeconds: 0, bytesIn: 0, bytesOut: 0, cost: 0.01 });
      hold.release();
    };
    const ends: PromiseSettledResult<void>[] = [];
    for (let i = 0; i < 20; i++) {
      ends.push(...(await Promise.allSettled(Array.from({ length: 20 }, request))));
      await meter.flush();
      now += 300;
    }
    const answered = ends.filter(({ status }) => status === "fulfilled").length;
    expect(answered).toBeGreaterThan(95);
    expect(answered).toBeLessThanOrEqual(100);
    expect((await readSpend(opened.store.db, { projectId, month: "2026-05" })).get("key_1")).toBeLessThanOrEqual(
      1 + 1e-9,
    );
  });

  test("holds with what was known while the database is away", async () => {
    const parts = means();
    let away = false;
    const store = {
      ...opened.store,
      get db() {
        if (away) throw new Error("away");
        return opened.store.db;
      },
    };
    const budgets = new Budgets({ ...parts, store });
    await budgets.check(spender({ keyBudget: 1 }));
    away = true;
    now += 5000;
    await budgets.check(spender({ keyBudget: 1 }));
    budgets.spend({ projectId, keyId: "key_1" }, 1);
    await expect(budgets.check(spender({ keyBudget: 1 }))).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
  });
});

describe("an invoice", () => {
  test("lists quantities at the prices in force then, and its sum is the usage's cost", async () => {
    const parts = means();
    const dear = { ...DEFAULT_PRICES, trainCpuSecond: 1 };
    const dearId = (await ensurePrices(opened.store.db, { ...dear })).id;
    const task = (seconds: number) => ({ cpuSeconds: seconds, seconds, peakMemoryBytes: 1e9, memoryMbSeconds: 500 });
    const entry = () => ({ projectId, keyId: "key_1", flushId: String(Math.random()) });
    await new UsageLog(parts).task("train", { ...entry(), usage: task(10) });
    await new UsageLog({ ...parts, prices: dear, priceId: dearId }).task("train", { ...entry(), usage: task(2) });
    await new UsageLog(parts).task("import", { ...entry(), usage: task(1) });
    const invoice = await new Invoices(parts).get(caller(), "2026-05");
    const total = (await sumUsage(opened.store.db, { projectId, ...EVER, by: "kind" })).reduce(
      (sum, { cost }) => sum + cost,
      0,
    );
    expect(invoice.totals).toEqual([{ amount: expect.closeTo(total, 9), currency: "USD" }]);
    expect(total).toBeCloseTo(2 + 11 * 0.00002 + 3 * 0.5 * 0.000004, 9);
    const cpu = invoice.lines.filter(({ kind, meter }) => kind === "train" && meter === "CPU time");
    expect(cpu.map(({ quantity, unitPrice }) => [quantity, unitPrice]).sort()).toEqual([
      [10, 0.00002],
      [2, 1],
    ]);
    expect(invoice.complete).toBe(false);
    expect((await new Invoices(parts).get(caller(), "2026-04")).lines).toEqual([]);
  });

  test("price tables are kept once each, whatever the order of their names", async () => {
    const { currency, ...rest } = DEFAULT_PRICES;
    expect((await ensurePrices(opened.store.db, { ...rest, currency })).id).toBe(priceId);
  });
});

describe("memory of replicas", () => {
  test("adds up over time in one row an hour, however often it is written, and what is scaled to zero holds none", async () => {
    const parts = means();
    let bytes = 200e6;
    const whose = { projectId, endpointId: "end_1", modelVersionId: "mdv_1" };
    const failed = (error: unknown) => expect.fail(String(error));
    const meter = new ReplicaMeter(parts, () => [{ ...whose, bytes }], failed);
    for (let i = 0; i < 10; i++) {
      now += 1000;
      await meter.write();
      await meter.write();
    }
    bytes = 0;
    now += 60_000;
    await meter.write();
    const rows = await listUsage(opened.store.db, { projectId, ...EVER });
    expect(rows).toMatchObject([{ kind: "serve", seconds: 10, memory_mb_seconds: 2000, endpoint_id: "end_1" }]);
    const cost = costOf(DEFAULT_PRICES, "serve", { memoryMbSeconds: 2000 });
    expect(rows[0].cost).toBeCloseTo(cost, 12);
    const spend = await readSpend(opened.store.db, { projectId, month: "2026-05" });
    expect(spend.get("")).toBeCloseTo(cost, 12);
    bytes = 100e6;
    now = START + 3600_000;
    await meter.write();
    now += 1000;
    await meter.stop();
    expect(await listUsage(opened.store.db, { projectId, ...EVER })).toHaveLength(2);
  });
});

describe("storage", () => {
  const stored = async (gigabytes: number) => {
    const { db } = opened.store;
    const dataset = await ensureDataset(db, { projectId, name: "d" });
    const { id } = await insertDatasetVersion(db, { datasetId: dataset.id, source: {} });
    const found = { id, blob: id, bytes: gigabytes * 1e9, rows: 1, columns: [], profile: [], at: new Date(now) };
    await finishDatasetVersion(db, found);
  };
  const counted = async () =>
    (await listUsage(opened.store.db, { projectId, ...EVER })).filter(({ kind }) => kind === "storage");

  test("is counted for each hour once, by whichever gateway is first, and made up for after a pause", async () => {
    await sql`update projects set created_at = ${new Date(START)} where id = ${projectId}`.execute(opened.store.db);
    await stored(2);
    const failed = (error: unknown) => expect.fail(String(error));
    const gateways = [new StorageMeter(means(), failed), new StorageMeter(means(), failed)];
    await gateways[0].count();
    expect(await counted()).toHaveLength(0);
    now = START + 3600_000 * 3.5;
    await Promise.all(gateways.map((one) => one.count()));
    await gateways[1].count();
    const rows = await counted();
    expect(rows.map(({ window_start }) => window_start.getUTCHours())).toEqual([12, 13, 14]);
    for (const row of rows) {
      expect(row.stored_gb_hours).toBe(2);
      expect(row.cost).toBe(costOf(DEFAULT_PRICES, "storage", { storedGbHours: 2 }));
    }
  });
});
