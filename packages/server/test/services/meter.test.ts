// Metering against a real database: nothing lost on a failure that passes, nothing counted twice.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Meter } from "../../src/services/meter.ts";
import { ensureProject } from "../../src/store/projects.ts";
import { listUsage } from "../../src/store/usage.ts";
import { openTestStore, type TestStore } from "../stores.ts";

const FIGURES = { errors: 0, rows: 2, cpuSeconds: 0.5, bytesIn: 10, bytesOut: 20, cost: 0.25 };

let opened: TestStore;
let projectId: string;
let failures: unknown[];

beforeAll(async () => {
  opened = await openTestStore("embedded");
});
afterAll(() => opened.destroy());
beforeEach(async () => {
  projectId = (await ensureProject(opened.store.db, { name: `p${Math.random()}` })).id;
  failures = [];
});

const key = (keyId: string) => ({ projectId, keyId, endpointId: "end_1", modelVersionId: "mdv_1" });
const all = () => listUsage(opened.store.db, { projectId, from: new Date(0), to: new Date(1e13) });

function meter(store = opened.store): Meter {
  return new Meter({ store, clock: Date.now }, (error) => failures.push(error));
}

test("requests are added up by key, endpoint and model version", async () => {
  const one = meter();
  for (let i = 0; i < 3; i++) one.add(key("key_1"), FIGURES);
  one.add(key("key_2"), { ...FIGURES, errors: 1 });
  await one.stop();
  expect(await all()).toMatchObject([
    { key_id: "key_1", kind: "predict", requests: 3, rows: 6, errors: 0, cpu_seconds: 1.5, bytes_in: 30, cost: 0.75 },
    { key_id: "key_2", requests: 1, errors: 1, bytes_out: 20 },
  ]);
});

test("a quiet second writes nothing", async () => {
  const one = meter();
  await one.flush();
  await one.stop();
  expect(await all()).toEqual([]);
});

test("what could not be written is kept, and counts once when its answer was lost", async () => {
  const { store } = opened;
  let broken = 2;
  const flaky = {
    ...store,
    get db() {
      if (broken-- > 0) throw new Error("the database is away");
      return store.db;
    },
  };
  const one = meter(flaky);
  one.add(key("key_1"), FIGURES);
  await one.flush();
  one.add(key("key_1"), FIGURES);
  await one.flush();
  await one.flush();
  await one.flush();
  expect(failures).toHaveLength(2);
  const rows = await all();
  expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(2);
  expect(new Set(rows.map(({ flush_id }) => flush_id)).size).toBe(rows.length);
});
