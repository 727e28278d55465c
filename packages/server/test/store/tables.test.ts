import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAudit, listAudit } from "../../src/store/audit.ts";
import { findComparison, finishComparisonIfDone, insertComparison } from "../../src/store/comparisons.ts";
import type { Store } from "../../src/store/database.ts";
import {
  failDatasetVersion,
  findDatasetVersion,
  finishDatasetVersion,
  insertDatasetVersion,
  latestDatasetVersion,
} from "../../src/store/dataset-versions.ts";
import { ensureDataset, findDataset, insertDataset, listDatasets } from "../../src/store/datasets.ts";
import { insertDeployment, listDeployments } from "../../src/store/deployments.ts";
import { ensureEndpoint, findEndpoint, listRunningEndpoints, updateEndpoint } from "../../src/store/endpoints.ts";
import { StoreConflict } from "../../src/store/errors.ts";
import { newId } from "../../src/store/ids.ts";
import { findKeyByHash, hasActiveKey, insertKey, revokeKey, touchKey } from "../../src/store/keys.ts";
import { deleteModelAlias, listModelAliases, setModelAlias } from "../../src/store/model-aliases.ts";
import { findModelVersionByAlias, insertModelVersion, listModelVersions } from "../../src/store/model-versions.ts";
import { ensureModel } from "../../src/store/models.ts";
import { ensureProject, findProject, insertProject } from "../../src/store/projects.ts";
import { appendRunEvents, listRunEvents } from "../../src/store/run-events.ts";
import {
  cancelRun,
  failRun,
  findRun,
  insertRun,
  listRuns,
  listUnfinishedRuns,
  startRun,
  succeedRun,
} from "../../src/store/runs.ts";
import type { JsonObject, Row } from "../../src/store/schema.ts";
import { insertUsage, listUsage, sumUsage } from "../../src/store/usage.ts";
import { ENGINES, openTestStore, type TestStore } from "../stores.ts";

const AT = new Date("2026-03-04T05:06:07.891Z");
const HASH = "ab".repeat(32);
let count = 0;
const fresh = (name: string) => `${name}-${++count}`;

describe.each(ENGINES)("the tables on %s", (engine) => {
  let test: TestStore;
  let store: Store;
  let project: Row<"projects">;
  let version: Row<"dataset_versions">;

  beforeAll(async () => {
    test = await openTestStore(engine);
    store = test.store;
    project = await ensureProject(store.db, { name: "default" });
    const dataset = await ensureDataset(store.db, { projectId: project.id, name: "diamonds" });
    version = await insertDatasetVersion(store.db, { datasetId: dataset.id, source: { path: "diamonds.csv" } });
  });

  afterAll(() => test?.destroy());

  const newRun = (comparisonId?: string) =>
    insertRun(store.db, {
      projectId: project.id,
      ...(comparisonId && { comparisonId }),
      datasetVersionId: version.id,
      target: "price",
      task: "regression",
      pipeline: { steps: [{ use: "ridge", alpha: 0.1 }] },
      pipelineHash: HASH,
      seed: 2 ** 40 + 1,
      split: { test: 0.2 },
    });
  const result = {
    metrics: { rmse: 1.5 },
    artifact: HASH,
    fitSeconds: 0.25,
    predictMicros: 3,
    cpuSeconds: 0.5,
    peakMemoryBytes: 2 ** 33,
  };

  describe("projects and keys", () => {
    it("makes a project once, however many ask for it at the same time", async () => {
      const made = await Promise.all(Array.from({ length: 8 }, () => ensureProject(store.db, { name: "shared" })));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect(made[0].created_at).toBeInstanceOf(Date);
    });

    it("reports a name that is taken as a conflict that names the constraint", async () => {
      const name = fresh("taken");
      await insertProject(store.db, { name });
      const refused = insertProject(store.db, { name });
      await expect(refused).rejects.toBeInstanceOf(StoreConflict);
      await expect(refused).rejects.toMatchObject({ code: "CONFLICT", constraint: "projects_name_unique" });
    });

    it("finds a key by its hash and revokes it once", async () => {
      const hash = fresh("hash");
      const key = await insertKey(store.db, {
        projectId: project.id,
        name: "ci",
        role: "member",
        hash,
        prefix: "msf_ab",
      });
      expect(await findKeyByHash(store.db, hash)).toEqual({ ...key, project_budget: null });
      expect(key).toMatchObject({ role: "member", revoked_at: null, last_used_at: null });
      expect(await hasActiveKey(store.db, "member")).toBe(true);
      expect((await revokeKey(store.db, { projectId: project.id, id: key.id, at: AT }))?.revoked_at).toEqual(AT);
      const later = new Date(AT.getTime() + 1000);
      expect((await revokeKey(store.db, { projectId: project.id, id: key.id, at: later }))?.revoked_at).toEqual(AT);
      expect(await revokeKey(store.db, { projectId: "prj_other", id: key.id, at: AT })).toBeUndefined();
    });

    it("keeps the newest time at which a key was used", async () => {
      const hash = fresh("hash");
      const key = await insertKey(store.db, { projectId: project.id, name: "x", role: "predict", hash, prefix: "p" });
      await touchKey(store.db, { id: key.id, at: AT });
      await touchKey(store.db, { id: key.id, at: new Date(AT.getTime() - 1000) });
      expect((await findKeyByHash(store.db, hash))?.last_used_at).toEqual(AT);
    });
  });

  describe("datasets and versions", () => {
    it("finds a dataset by id and by name, in its own project only", async () => {
      const dataset = await insertDataset(store.db, { projectId: project.id, name: fresh("set") });
      expect(await findDataset(store.db, { projectId: project.id, ref: dataset.id })).toEqual(dataset);
      expect(await findDataset(store.db, { projectId: project.id, ref: dataset.name })).toEqual(dataset);
      expect(await findDataset(store.db, { projectId: "prj_other", ref: dataset.id })).toBeUndefined();
    });

    it("lists newest first, page by page", async () => {
      const other = await ensureProject(store.db, { name: fresh("paged") });
      const made: string[] = [];
      for (let i = 0; i < 5; i++)
        made.unshift((await insertDataset(store.db, { projectId: other.id, name: `d${i}` })).id);
      const first = await listDatasets(store.db, { projectId: other.id, limit: 2 });
      const second = await listDatasets(store.db, { projectId: other.id, limit: 2, before: first[1].id });
      expect([...first, ...second].map(({ id }) => id)).toEqual(made.slice(0, 4));
    });

    it("gives version numbers without gaps or doubles under concurrency", async () => {
      const dataset = await ensureDataset(store.db, { projectId: project.id, name: fresh("versions") });
      const insert = () => insertDatasetVersion(store.db, { datasetId: dataset.id, source: {} });
      const made = await Promise.all(Array.from({ length: 12 }, insert));
      expect(made.map((row) => row.version).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      await expect(
        store.transaction(async (tx) => {
          await insertDatasetVersion(tx, { datasetId: dataset.id, source: {} });
          throw new Error("undo");
        }),
      ).rejects.toThrow("undo");
      expect((await insert()).version).toBe(13);
    });

    it("returns what was written: objects, arrays, big counts and times", async () => {
      const { id } = await insertDatasetVersion(store.db, {
        datasetId: version.dataset_id,
        source: { tags: ["a", null, 1] },
      });
      const columns = [
        { name: "carat", kind: "number" },
        { name: 'quo"te', kind: "text" },
      ];
      const found = { id, blob: HASH, bytes: 2 ** 41, rows: 53_940, columns, profile: ["ä", 1e-9, true], at: AT };
      expect(await finishDatasetVersion(store.db, found)).toBe(true);
      expect(await findDatasetVersion(store.db, { projectId: project.id, id })).toMatchObject({
        status: "ready",
        bytes: 2 ** 41,
        rows: 53_940,
        columns,
        profile: ["ä", 1e-9, true],
        source: { tags: ["a", null, 1] },
        finished_at: AT,
      });
    });

    it("ends an import once: a late failure does not undo it", async () => {
      const { id } = await insertDatasetVersion(store.db, { datasetId: version.dataset_id, source: {} });
      expect(await failDatasetVersion(store.db, { id, error: { code: "FILE_EMPTY", message: "empty" }, at: AT })).toBe(
        true,
      );
      expect(
        await finishDatasetVersion(store.db, { id, blob: HASH, bytes: 1, rows: 1, columns: [], profile: {}, at: AT }),
      ).toBe(false);
      const newest = await latestDatasetVersion(store.db, { datasetId: version.dataset_id, status: "failed" });
      expect(newest).toMatchObject({ id, error: { code: "FILE_EMPTY", message: "empty" } });
    });
  });

  describe("runs, their events and comparisons", () => {
    it("moves from queued to running to succeeded", async () => {
      const run = await newRun();
      expect(run).toMatchObject({ status: "queued", attempt: 0, seed: 2 ** 40 + 1, split: { test: 0.2 } });
      expect(await succeedRun(store.db, { id: run.id, result, at: AT })).toBeUndefined();
      expect(await startRun(store.db, { id: run.id, at: AT })).toMatchObject({
        status: "running",
        attempt: 1,
        started_at: AT,
      });
      expect(await startRun(store.db, { id: run.id, at: AT })).toMatchObject({ attempt: 2 });
      const done = await succeedRun(store.db, { id: run.id, result, at: AT });
      expect(done).toMatchObject({
        status: "succeeded",
        metrics: { rmse: 1.5 },
        fit_seconds: 0.25,
        peak_memory_bytes: 2 ** 33,
        chart: null,
      });
      expect(await findRun(store.db, { projectId: project.id, id: run.id })).toEqual(done);
    });

    it("stays cancelled whatever a late trainer says", async () => {
      const run = await newRun();
      await startRun(store.db, { id: run.id, at: AT });
      expect(await cancelRun(store.db, { id: run.id, at: AT })).toMatchObject({ status: "cancelled" });
      expect(await succeedRun(store.db, { id: run.id, result, at: AT })).toBeUndefined();
      expect(await failRun(store.db, { id: run.id, error: { code: "X", message: "x" }, at: AT })).toBeUndefined();
      expect(await startRun(store.db, { id: run.id, at: AT })).toBeUndefined();
      expect((await findRun(store.db, { projectId: project.id, id: run.id }))?.error).toBeNull();
    });

    it("knows which runs are unfinished", async () => {
      const [queued, failed] = [await newRun(), await newRun()];
      await failRun(store.db, { id: failed.id, error: { code: "X", message: "x" }, at: AT });
      const unfinished = (await listUnfinishedRuns(store.db)).map(({ id }) => id);
      expect(unfinished).toContain(queued.id);
      expect(unfinished).not.toContain(failed.id);
    });

    it("numbers events from 1 without gaps, however many append at once, and lists them from a number on", async () => {
      const run = await newRun();
      const append = (i: number) =>
        appendRunEvents(store.db, {
          runId: run.id,
          events: [
            { type: "log", data: { i, part: 0 } },
            { type: "log", data: { i, part: 1 } },
          ],
        });
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => append(i)));
      for (const [a, b] of answers) expect(b.seq).toBe(a.seq + 1);
      const all = await listRunEvents(store.db, { runId: run.id });
      expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      expect(await listRunEvents(store.db, { runId: run.id, after: 18 })).toEqual(all.slice(18));
      expect(await appendRunEvents(store.db, { runId: run.id, events: [] })).toEqual([]);
    });

    it("ends a comparison once, when its last run is over", async () => {
      const comparison = await insertComparison(store.db, {
        projectId: project.id,
        datasetVersionId: version.id,
        target: "price",
        task: "regression",
      });
      const [a, b] = [await newRun(comparison.id), await newRun(comparison.id)];
      expect(
        (await listRuns(store.db, { projectId: project.id, comparisonId: comparison.id })).map(({ id }) => id),
      ).toEqual([b.id, a.id]);
      await cancelRun(store.db, { id: a.id, at: AT });
      expect(await finishComparisonIfDone(store.db, { id: comparison.id, at: AT })).toBe(false);
      await cancelRun(store.db, { id: b.id, at: AT });
      expect(await finishComparisonIfDone(store.db, { id: comparison.id, at: AT })).toBe(true);
      expect(await finishComparisonIfDone(store.db, { id: comparison.id, at: AT })).toBe(false);
      expect((await findComparison(store.db, { projectId: project.id, id: comparison.id }))?.finished_at).toEqual(AT);
    });
  });

  describe("models, endpoints and deployments", () => {
    const register = (modelId: string, metrics: JsonObject | null = null) =>
      insertModelVersion(store.db, { modelId, artifact: HASH, signature: [{ name: "carat" }], metrics });

    it("registers versions in order under concurrency and moves aliases between them", async () => {
      const model = await ensureModel(store.db, { projectId: project.id, name: fresh("model") });
      await Promise.all(Array.from({ length: 6 }, () => register(model.id)));
      expect((await listModelVersions(store.db, model.id)).map((row) => row.version)).toEqual([6, 5, 4, 3, 2, 1]);
      await setModelAlias(store.db, { modelId: model.id, alias: "production", version: 2, at: AT });
      await setModelAlias(store.db, { modelId: model.id, alias: "production", version: 5, at: AT });
      expect((await findModelVersionByAlias(store.db, { modelId: model.id, alias: "production" }))?.version).toBe(5);
      expect(await listModelAliases(store.db, model.id)).toMatchObject([{ alias: "production", version: 5 }]);
      expect(await deleteModelAlias(store.db, { modelId: model.id, alias: "production" })).toBe(true);
      expect(await deleteModelAlias(store.db, { modelId: model.id, alias: "production" })).toBe(false);
    });

    it("refuses an alias for a version that does not exist", async () => {
      const model = await ensureModel(store.db, { projectId: project.id, name: fresh("model") });
      await expect(
        setModelAlias(store.db, { modelId: model.id, alias: "production", version: 1, at: AT }),
      ).rejects.toMatchObject({ code: "23503" });
    });

    it("deploys and stops an endpoint", async () => {
      const model = await ensureModel(store.db, { projectId: project.id, name: fresh("model") });
      const registered = await register(model.id, { rmse: 1 });
      const endpoint = await ensureEndpoint(store.db, { projectId: project.id, name: fresh("endpoint") });
      const deployment = await store.transaction(async (tx) => {
        const made = await insertDeployment(tx, { endpointId: endpoint.id, modelVersionId: registered.id });
        await updateEndpoint(tx, { id: endpoint.id, status: "running", deploymentId: made.id, at: AT });
        return made;
      });
      expect(await findEndpoint(store.db, { projectId: project.id, ref: endpoint.name })).toMatchObject({
        status: "running",
        deployment_id: deployment.id,
      });
      expect((await listRunningEndpoints(store.db)).map(({ id }) => id)).toContain(endpoint.id);
      expect(await updateEndpoint(store.db, { id: endpoint.id, status: "stopped", at: AT })).toMatchObject({
        status: "stopped",
        deployment_id: deployment.id,
      });
      expect(await listDeployments(store.db, endpoint.id)).toEqual([deployment]);
    });
  });

  describe("usage and audit", () => {
    const window = { windowStart: AT, kind: "predict" as const };

    it("counts a flush once, however often it is written", async () => {
      const projectId = (await ensureProject(store.db, { name: fresh("paying") })).id;
      const entry = {
        ...window,
        projectId,
        flushId: fresh("flush"),
        requests: 3,
        rows: 2 ** 40,
        cost: 0.125,
        keyId: "key_a",
      };
      expect(await insertUsage(store.db, [entry])).toBe(1);
      const again = { ...entry, flushId: fresh("flush"), keyId: null };
      expect(await insertUsage(store.db, [entry, again])).toBe(1);
      expect(await insertUsage(store.db, [])).toBe(0);
      const span = { projectId, from: AT, to: new Date(AT.getTime() + 1) };
      const total = {
        errors: 0,
        cpuSeconds: 0,
        memoryMbSeconds: 0,
        bytesIn: 0,
        bytesOut: 0,
        seconds: 0,
        storedGbHours: 0,
      };
      expect(await sumUsage(store.db, { ...span, by: "kind" })).toEqual([
        { ...total, group: "predict", requests: 6, rows: 2 ** 41, cost: 0.25 },
      ]);
      expect((await sumUsage(store.db, { ...span, by: "key_id" })).map(({ group }) => group)).toEqual(["key_a", null]);
      expect((await sumUsage(store.db, { ...span, by: "day" })).map(({ group }) => group)).toEqual(["2026-03-04"]);
      expect(await listUsage(store.db, span)).toHaveLength(2);
      expect(await listUsage(store.db, { ...span, from: span.to, to: new Date(AT.getTime() + 2) })).toEqual([]);
    });

    it("keeps the audit entry if, and only if, the change is kept", async () => {
      const other = await ensureProject(store.db, { name: fresh("audited") });
      const change = (fail: boolean) =>
        store.transaction(async (tx) => {
          const key = await insertKey(tx, {
            projectId: other.id,
            name: "x",
            role: "viewer",
            hash: fresh("h"),
            prefix: "p",
          });
          await insertAudit(tx, {
            projectId: other.id,
            action: "keys.create",
            resource: key.id,
            detail: { role: "viewer" },
            requestId: "r1",
          });
          if (fail) throw new Error("undo");
          return key;
        });
      const key = await change(false);
      await expect(change(true)).rejects.toThrow("undo");
      expect(await listAudit(store.db, { projectId: other.id })).toMatchObject([
        { action: "keys.create", resource: key.id, detail: { role: "viewer" } },
      ]);
    });
  });

  describe("transactions", () => {
    it("refuses a query beside the open transaction instead of waiting for ever", async () => {
      const id = newId("prj");
      const misuse = store.transaction(async () => findProject(store.db, id));
      await expect(misuse).rejects.toMatchObject({ code: "MISUSE" });
      await expect(store.transaction(async () => store.transaction(async () => {}))).rejects.toMatchObject({
        code: "MISUSE",
      });
    });

    it("keeps the writes of concurrent transactions apart", async () => {
      const names = Array.from({ length: 6 }, () => fresh("apart"));
      const outcomes = await Promise.allSettled(
        names.map((name, i) =>
          store.transaction(async (tx) => {
            await insertProject(tx, { name });
            await new Promise((resolve) => setTimeout(resolve, 5));
            if (i % 2 === 1) throw new Error("undo");
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual([
        "fulfilled",
        "rejected",
        "fulfilled",
        "rejected",
        "fulfilled",
        "rejected",
      ]);
      const there = await store.db
        .selectFrom("projects")
        .select("name")
        .where("name", "in", names)
        .orderBy("name")
        .execute();
      expect(there.map(({ name }) => name).sort()).toEqual(names.filter((_, i) => i % 2 === 0).sort());
    });
  });
});
