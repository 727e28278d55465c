// Replicas: where a model is placed, and what happens when its worker thread dies.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signature } from "@massif/api";
import { createRuntime, fitPipeline, saveModel, type Table } from "@massif/learn";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelRefused, type ModelSource, ReplicaUnavailable } from "../../src/runtime/replica.ts";
import { startReplica } from "../../src/runtime/start-replica.ts";
import { WorkerReplica } from "../../src/runtime/worker-replica.ts";
import { until } from "../servers.ts";

const log = pino({ level: "silent" });
const SIGNATURE: Signature = {
  task: "regression",
  target: "y",
  classes: null,
  inputs: [{ name: "x", kind: "number", example: 1 }],
};

/** The processes that this one has started. */
function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

let folder: string;
let light: ModelSource;
let heavy: ModelSource;

async function makeModel(name: string, type: string, rows: number): Promise<ModelSource> {
  const values = Float64Array.from({ length: rows }, (_, i) => i % 97);
  const table: Table = { rows, columns: [{ kind: "number", name: "x", values }] };
  const target = { kind: "number", name: "y", values: values.map((x) => 3 * x + 1) } as const;
  const runtime = createRuntime({ threads: 1 });
  const context = { runtime, seed: 1, report: async () => undefined };
  const pipeline = await fitPipeline({ steps: [], estimator: { type } }, { table, target }, context);
  runtime.close();
  const { bytes, sha256 } = await saveModel(pipeline, { dataHash: "0".repeat(64), seed: 1, metrics: {} });
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { path, sha256, signature: SIGNATURE };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "massif-replicas-"));
  light = await makeModel("light", "Ridge", 200);
  heavy = await makeModel("heavy", "KNeighborsRegressor", 500);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a fast model answers in the gateway, few rows and many alike", async () => {
  const replica = await startReplica(light, { log });
  expect(replica.placement).toBe("inline");
  const few = await replica.predict([{ x: 2 }]);
  const many = await replica.predict(Array.from({ length: 5000 }, (_, i) => ({ x: i % 90 })));
  if (!few.ok || !many.ok) throw new Error("refused");
  expect(many.predictions).toHaveLength(5000);
  expect(many.predictions[2]).toBe(few.predictions[0]);
  expect(few.cpuSeconds).toBeGreaterThan(0);
  await replica.stop();
});

test("rows that do not fit are refused with their places, from a worker too", async () => {
  const replica = new WorkerReplica(heavy, log);
  await replica.start();
  expect(await replica.predict([{ x: 1 }, { z: 1 }])).toMatchObject({
    ok: false,
    problems: [{ field: "rows[1].x" }, { field: "rows[1].z", value: 1 }],
  });
  await replica.stop();
});

test("a worker that dies fails what was under way with a clear answer, and is started again", async () => {
  const replica = new WorkerReplica(heavy, log, { memoryMb: 22 });
  await replica.start();
  const many = Array.from({ length: 190_000 }, (_, i) => ({ x: i / 7 }));
  const under = [replica.predict(many), replica.predict([{ x: 5 }])];
  for (const result of await Promise.allSettled(under)) {
    expect(result.status === "rejected" && result.reason).toBeInstanceOf(ReplicaUnavailable);
  }
  await expect(replica.predict([{ x: 5 }])).rejects.toThrow("started again");
  const answer = await until(async () => replica.predict([{ x: 5 }]).catch(() => undefined));
  expect(answer).toMatchObject({ ok: true });
  await replica.stop();
});

test("more rows than may wait are refused, not queued without end", async () => {
  const replica = new WorkerReplica(heavy, log);
  await replica.start();
  const rows = Array.from({ length: 150_000 }, () => ({ x: 5 }));
  const first = replica.predict(rows);
  await expect(replica.predict(rows)).rejects.toThrow("150000 rows are waiting");
  await expect(first).resolves.toMatchObject({ ok: true });
  await replica.stop();
});

test("a stop lets answers under way come out", async () => {
  const replica = new WorkerReplica(heavy, log);
  await replica.start();
  const under = replica.predict([{ x: 1 }]);
  await replica.stop();
  await expect(under).resolves.toMatchObject({ ok: true });
  await expect(replica.predict([{ x: 1 }])).rejects.toBeInstanceOf(ReplicaUnavailable);
});

test.each(["inline", "worker", "process"] as const)(
  "a model asked to be placed %s answers the same there",
  async (placement) => {
    const replica = await startReplica(heavy, { log, placement });
    expect(replica.placement).toBe(placement);
    expect(await replica.predict([{ x: 5 }, { x: 6 }])).toMatchObject({ ok: true, predictions: [16, 19] });
    await replica.stop();
  },
);

test("a child process that is killed fails what was under way, tells so, and is started again", async () => {
  const replica = new WorkerReplica(heavy, log, { placement: "process" });
  const told: boolean[] = [];
  replica.onAvailability((available) => told.push(available));
  const before = new Set(children());
  await replica.start();
  const [pid] = children().filter((one) => !before.has(one));
  const under = replica.predict(Array.from({ length: 100_000 }, (_, i) => ({ x: i % 97 })));
  process.kill(pid, "SIGKILL");
  await expect(under).rejects.toThrow("SIGKILL");
  expect(replica.available).toBe(false);
  await until(() => replica.available || undefined);
  expect(told).toEqual([true, false, true]);
  expect(await replica.predict([{ x: 5 }])).toMatchObject({ ok: true });
  await replica.stop();
  expect(children().filter((one) => !before.has(one))).toEqual([]);
});

test("a child process over its memory limit is ended, and says so", async () => {
  const replica = new WorkerReplica(heavy, log, { placement: "process", memoryMb: 20 });
  // The guard looks at once, and may be later than a small model is ready.
  const problem = await until(() =>
    replica
      .start()
      .then(() => replica.predict(Array.from({ length: 190_000 }, (_, i) => ({ x: i % 97 }))))
      .then(
        () => undefined,
        (error) => error as Error,
      ),
  );
  expect(problem.message).toContain("limit of 20 MB");
  await replica.stop();
});

test("a file that is no model, or another than named, is refused", async () => {
  const path = join(folder, "junk");
  writeFileSync(path, "junk");
  await expect(startReplica({ ...light, path }, { log })).rejects.toBeInstanceOf(ModelRefused);
  await expect(startReplica({ ...light, sha256: heavy.sha256 }, { log })).rejects.toBeInstanceOf(ModelRefused);
});
