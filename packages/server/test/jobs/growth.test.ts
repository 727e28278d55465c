// Growing data on whole servers: appends, plans, chunks, and retraining policies from trigger to alias.
import type { Policy } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Means } from "../../src/services/means.ts";
import { beginRetraining, triggerByTime } from "../../src/services/retraining.ts";
import { finishDatasetVersion, insertDatasetVersion } from "../../src/store/dataset-versions.ts";
import { ensureDataset } from "../../src/store/datasets.ts";
import { ensureModel } from "../../src/store/models.ts";
import { listRetrainings, setPolicy } from "../../src/store/policies.ts";
import { ensureProject } from "../../src/store/projects.ts";
import { importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";
import { openTestStore } from "../stores.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ cores: 2 });
}, 60_000);
afterAll(() => server?.destroy());

/** Rows of y = 2a - b + shift, with a category that adds nothing. */
function rows(from: number, count: number, shift = 0): Uint8Array {
  const lines = Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const [a, b] = [((n * 7919) % 1000) / 100, ((n * 104_729) % 1000) / 100];
    const noise = (((n * 15_485_863) % 1000) / 1000 - 0.5) * 0.4;
    return `${a},${b},${["red", "green"][n % 2]},${(2 * a - b + shift + noise).toFixed(4)}`;
  });
  return new TextEncoder().encode(`a,b,kind,y\n${lines.join("\n")}\n`);
}

async function append(name: string, file: Uint8Array, fillMissing = "false") {
  const { version } = await server.client.appendRows({
    params: { name },
    query: { filename: "more.csv", fillMissing },
    file,
  });
  return until(async () => {
    const found = await server.client.getDatasetVersion({ params: { name, version } });
    return found.status === "importing" ? undefined : found;
  });
}

/** The policy once its newest retraining has ended. */
function decided(model: string, count: number): Promise<Policy> {
  return until(async () => {
    const policy = await server.client.getPolicy({ params: { name: model } });
    const [newest] = policy.retrainings;
    return policy.retrainings.length >= count && newest.finishedAt !== null ? policy : undefined;
  }, 90);
}

async function modelOn(dataset: string, model: string, estimator: string, params = {}) {
  const run = await trainAndWait(server.client, { dataset, target: "y", candidate: { estimator, params } });
  expect(run.error).toBeNull();
  await server.client.registerModel({ body: { name: model, run: run.id, alias: "production" } });
  return run;
}

describe("appending", () => {
  test("makes a version that says where its new rows begin, and keeps the old one", async () => {
    await importAndWait(server.client, { name: "first", file: rows(0, 300) });
    const version = await append("first", rows(300, 200));
    expect(version).toMatchObject({ version: 2, status: "ready", rows: 500, appendedFrom: 1, appendedRows: 200 });
    const old = await server.client.getDatasetVersion({ params: { name: "first", version: 1 } });
    expect(old).toMatchObject({ rows: 300, appendedFrom: null, appendedRows: null });
    const { rows: counted } = await server.client.sql({ body: { sql: "SELECT count(*) AS n FROM first", limit: 1 } });
    expect(Number(counted[0][0])).toBe(500);
  });

  test("a file that does not fit fails with row and column, and the next append continues the good version", async () => {
    const bad = new TextEncoder().encode("a,b,kind,y\n1,2,red,3\n1,two,red,3\n");
    const failed = await append("first", bad);
    expect(failed).toMatchObject({ status: "failed", error: { code: "INVALID_FILE" } });
    expect(failed.error?.message).toContain('row 2 of column "b" is "two"');
    const next = await append("first", new TextEncoder().encode("a,b,y\n1,2,3\n"), "true");
    expect(next).toMatchObject({ version: 4, appendedFrom: 2, appendedRows: 1, rows: 501 });
  });

  test("a data set that does not exist is refused", async () => {
    const sent = append("nothing", rows(0, 10));
    await expect(sent).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("plans", () => {
  test("say how a training would be done, and the run says how right that was", async () => {
    const body = { dataset: "first", target: "y", candidate: { estimator: "GradientDescentRegressor" } };
    const plan = await server.client.createPlan({ body });
    expect(plan).toMatchObject({ estimator: "GradientDescentRegressor", choice: "memory", basis: { runs: 0 } });
    expect(plan.basis.calibrations).toBeGreaterThan(0);
    expect(plan.options.map(({ mode }) => mode)).toEqual(["memory", "threads", "outofcore", "ranks"]);
    for (const { seconds, memoryBytes, feasible } of plan.options.slice(0, 3)) {
      expect(feasible).toBe(true);
      expect(seconds?.low).toBeLessThan(seconds?.expected ?? 0);
      expect(seconds?.high).toBeGreaterThan(seconds?.expected ?? 0);
      expect(memoryBytes?.expected).toBeGreaterThan(50e6);
    }
    const run = await trainAndWait(server.client, body);
    expect(run.plan).toMatchObject({ mode: "memory", threads: 1, actual: { seconds: expect.any(Number) } });
    expect(run.plan).not.toHaveProperty("work");
    expect((await server.client.createPlan({ body })).basis.runs).toBe(1);
  });

  test("an estimator that needs all rows at once says why it has no way out of core", async () => {
    const plan = await server.client.createPlan({
      body: { dataset: "first", target: "y", candidate: { estimator: "Ridge" } },
    });
    const chunks = plan.options.find(({ mode }) => mode === "outofcore");
    expect(chunks).toMatchObject({ feasible: false, reason: "Ridge needs all rows at once", seconds: null });
  });
});

describe("policies", () => {
  const set = (name: string, body: object) =>
    server.client.setPolicy({ params: { name }, body: { dataset: "flow", ...body } as never });

  test("that make no sense are refused with the field", async () => {
    await importAndWait(server.client, { name: "flow", file: rows(0, 600) });
    await modelOn("flow", "line", "GradientDescentRegressor");
    await expect(set("line", {})).rejects.toMatchObject({ code: "INVALID_POLICY" });
    await expect(set("line", { everyRows: 0 })).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await expect(set("line", { everyRows: 5, schedule: "* * * * *" })).rejects.toThrow(/either.*not both/);
    await expect(set("line", { schedule: "61 * * * *" })).rejects.toMatchObject({ code: "INVALID_POLICY" });
    await expect(set("line", { schedule: "* * * * * *" })).rejects.toThrow(/five fields/);
    await expect(set("line", { everyRows: 5, metric: "beauty" })).rejects.toThrow(/no metric "beauty".*rmse/);
    await expect(set("line", { everyRows: 5, alias: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(set("line", { everyRows: 5, dataset: "nothing" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(set("nobody", { everyRows: 5 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("train on from the model past their number of rows, and move the alias to a better one", async () => {
    await set("line", { everyRows: 500 });
    // Fewer rows than asked for: nothing happens yet.
    await append("flow", rows(600, 200, 20));
    expect((await server.client.getPolicy({ params: { name: "line" } })).retrainings).toEqual([]);
    await append("flow", rows(800, 1400, 20));
    const { retrainings, rowsSeen } = await decided("line", 1);
    expect(rowsSeen).toBe(2200);
    const [first] = retrainings;
    expect(first).toMatchObject({
      status: "moved",
      datasetVersion: 3,
      modelVersion: 2,
      trigger: "1600 rows were appended",
    });
    expect(first.decision).toMatchObject({
      metric: "rmse",
      currentVersion: 1,
      newRows: 1600,
      testRows: 320,
      incremental: true,
    });
    const { current, candidate } = first.decision as { current: number; candidate: number };
    // The old model is off by the shift of 20.
    expect(current).toBeGreaterThan(15);
    expect(candidate).toBeLessThan(current / 2);
    const model = await server.client.getModel({ params: { name: "line" } });
    expect(model.versions.find(({ aliases }) => aliases.includes("production"))?.version).toBe(2);
    const audit = await server.client.audit({ query: { limit: 100 } });
    const entry = audit.find(({ action }) => action === "policies.moved");
    expect(entry?.detail).toMatchObject({ model: "line", version: 2, current, candidate });
  }, 120_000);

  test("keep the alias where the new model is no better", async () => {
    await append("flow", rows(2200, 600, 20));
    await decided("line", 2);
    await set("line", { everyRows: 500, minImprovement: 0.99 });
    await append("flow", rows(2800, 600, 20));
    const { retrainings } = await decided("line", 3);
    expect(retrainings[0]).toMatchObject({ status: "kept", modelVersion: 4 });
    expect(retrainings[0].decision?.reason).toContain("not better by 99 %");
    const { versions } = await server.client.getModel({ params: { name: "line" } });
    expect(versions.find(({ version }) => version === 4)?.aliases).toEqual([]);
  }, 120_000);

  test("start over where the estimator cannot go on, with all rows but those that judge", async () => {
    await importAndWait(server.client, { name: "flow2", file: rows(0, 600) });
    await modelOn("flow2", "ridge", "Ridge");
    await set("ridge", { everyRows: 300, dataset: "flow2" });
    await append("flow2", rows(600, 400, 5));
    const { retrainings } = await decided("ridge", 1);
    expect(retrainings[0].decision).toMatchObject({ incremental: false, newRows: 400, testRows: 80 });
    const run = await server.client.getRun({ params: { id: retrainings[0].run ?? "" } });
    expect(run.plan).toMatchObject({ mode: "memory" });
  }, 120_000);

  test("boosted trees grow on", async () => {
    await importAndWait(server.client, { name: "flow3", file: rows(0, 600) });
    await modelOn("flow3", "trees", "GradientBoostingRegressor");
    await set("trees", { everyRows: 300, dataset: "flow3" });
    await append("flow3", rows(600, 600, 5));
    const { retrainings } = await decided("trees", 1);
    expect(retrainings[0]).toMatchObject({ status: "moved", decision: { incremental: true } });
  }, 120_000);

  test("a schedule trains once for a time, however many look at it, and skips what has no new rows", async () => {
    const policy = await set("trees", { schedule: "0 3 * * *", dataset: "flow3" });
    const opened = await openTestStore("embedded");
    try {
      const { store } = opened;
      const { id: projectId } = await ensureProject(store.db, { name: "times" });
      const { id: modelId } = await ensureModel(store.db, { projectId, name: "m" });
      const { id: datasetId } = await ensureDataset(store.db, { projectId, name: "d" });
      const version = await insertDatasetVersion(store.db, { datasetId, source: {} });
      await finishDatasetVersion(store.db, {
        id: version.id,
        blob: "b",
        bytes: 1,
        rows: 5,
        columns: [],
        profile: {},
        at: new Date(),
      });
      const due = { projectId, modelId, datasetId, everyRows: null, schedule: "0 3 * * *", alias: "production" };
      const nextAt = new Date("2026-01-01T03:00:00Z");
      const rest = { metric: "rmse", minImprovement: 0, rowsSeen: 5, nextAt, createdBy: "key", at: new Date() };
      const { id } = await setPolicy(store.db, { ...due, ...rest });
      const queued: string[] = [];
      const queue = { enqueue: async (kind: string) => String(queued.push(kind)) } as unknown as Means["queue"];
      const means = { store, queue, clock: () => Date.parse("2026-01-04T12:00:00Z") };
      await Promise.all([triggerByTime(means), triggerByTime(means)]);
      await triggerByTime(means);
      expect(queued).toEqual(["retrain"]);
      const made = await listRetrainings(store.db, { policyId: id, limit: 10 });
      expect(made.map(({ reason }) => reason)).toEqual(["scheduled for 2026-01-01T03:00:00.000Z"]);
      // The model does not have the alias: there is nothing to start from.
      await beginRetraining(means, made[0].id);
      await beginRetraining(means, made[0].id);
      const [ended] = await listRetrainings(store.db, { policyId: id, limit: 10 });
      expect(ended).toMatchObject({ status: "skipped", run_id: null });
    } finally {
      await opened.destroy();
    }
    expect(policy).toMatchObject({
      schedule: "0 3 * * *",
      everyRows: null,
      nextAt: expect.stringContaining("T03:00:00"),
    });
  }, 60_000);

  test("a removed policy does nothing more", async () => {
    await server.client.deletePolicy({ params: { name: "line" } });
    await expect(server.client.getPolicy({ params: { name: "line" } })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await append("flow", rows(3400, 900));
    expect((await server.client.listPolicies()).map(({ model }) => model).sort()).toEqual(["ridge", "trees"]);
  });
});
