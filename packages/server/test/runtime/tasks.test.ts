// Task processes, real ones: how they answer, fail, are stopped and die.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Supervisor } from "../../src/runtime/supervisor.ts";
import { TaskDied, TaskFailed } from "../../src/runtime/task-error.ts";
import type { ImportTask, TaskProgress } from "../../src/runtime/task-protocol.ts";
import type { TrainTask } from "../../src/runtime/train-protocol.ts";
import { startChild } from "../child.ts";
import { exampleFile, isRunning, until } from "../servers.ts";

const SPLIT = { kind: "holdout", testFraction: 0.2 } as const;

let folder: string;
let data: string;

function importTask(name: string, text: string | Uint8Array): ImportTask {
  const source = join(folder, `${name}.upload`);
  writeFileSync(source, text);
  return { kind: "import", source, filename: `${name}.csv`, format: null, output: join(folder, name, "data.parquet") };
}

function trainTask(change: Partial<TrainTask> = {}): TrainTask {
  return {
    kind: "train",
    data,
    dataHash: "0".repeat(64),
    target: "price",
    task: "regression",
    pipeline: {
      features: ["carat", "x"],
      steps: [],
      estimator: { type: "RandomForestRegressor", params: { nEstimators: 20 } },
    },
    split: SPLIT,
    seed: 1,
    output: join(folder, "model.safetensors"),
    ...change,
  };
}

/** Runs long enough to be caught in the middle. */
const LONG: TrainTask["pipeline"] = {
  features: ["carat", "depth", "table", "x", "y", "z"],
  steps: [],
  estimator: { type: "RandomForestRegressor", params: { nEstimators: 2000 } },
};

function supervisor(change: object = {}): Supervisor {
  return new Supervisor({ cores: 2, memoryMb: 2000, queries: 1, ...change });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "massif-tasks-"));
  const { outcome } = await supervisor().run(importTask("diamonds", exampleFile("diamonds.csv")));
  expect(outcome).toMatchObject({ rows: 53_940, warnings: [] });
  data = join(folder, "diamonds", "data.parquet");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a task", () => {
  test("that ends well gives its outcome, what it used, and its last progress", async () => {
    const seen: TaskProgress[] = [];
    const { outcome, usage } = await supervisor().run(trainTask(), { onProgress: (progress) => seen.push(progress) });
    expect(outcome.metrics.r2).toBeGreaterThan(0.8);
    expect(outcome).toMatchObject({
      rowsTrained: 43_152,
      linear: null,
      signature: { task: "regression", target: "price" },
    });
    expect(outcome.chart).toMatchObject({ kind: "regression" });
    expect(outcome.predictMicros).toBeGreaterThan(0);
    expect(existsSync(join(folder, "model.safetensors"))).toBe(true);
    expect(usage.cpuSeconds).toBeGreaterThan(0.1);
    expect(usage.peakMemoryBytes).toBeGreaterThan(50e6);
    const fits = seen.filter(({ stage }) => stage === "fit");
    expect(fits.at(-1)).toMatchObject({ step: 20, total: 20, unit: "tree" });
    expect(seen.at(-1)?.stage).toBe("evaluate");
  });

  test("gives the same model for any number of threads", async () => {
    const model = async (cores: number) => {
      await supervisor({ cores }).run(trainTask());
      return readFileSync(join(folder, "model.safetensors"));
    };
    expect(Buffer.compare(await model(1), await model(2))).toBe(0);
  });

  test("without a split is measured on all rows", async () => {
    const { outcome } = await supervisor().run(trainTask({ split: { kind: "none" } }));
    expect(outcome.rowsTrained).toBe(53_940);
  });

  test("that cannot do its work says why in one code", async () => {
    const wrong = supervisor().run(trainTask({ target: "prize" }));
    await expect(wrong).rejects.toBeInstanceOf(TaskFailed);
    await expect(wrong).rejects.toMatchObject({ problem: { message: expect.stringContaining("prize") } });
    const ragged = supervisor().run(importTask("ragged", "a,b\n1,2\n3\n"));
    await expect(ragged).rejects.toMatchObject({
      problem: { code: "INVALID_FILE", message: expect.stringContaining("ragged.csv") },
    });
  });

  test("over its time limit is ended", async () => {
    const late = supervisor().run(trainTask({ pipeline: LONG }), { timeoutMs: 800 });
    await expect(late).rejects.toMatchObject({ kind: "timeout", message: "took longer than 0.8 s" });
  });

  test("over its memory limit is ended with the limit named", async () => {
    const died = supervisor({ memoryMb: 60 }).run(trainTask({ pipeline: LONG }));
    await expect(died).rejects.toMatchObject({ kind: "memory", message: expect.stringContaining("60 MB") });
  });

  test("that is cancelled stops, one that waits for cores never starts", async () => {
    const tasks = supervisor({ cores: 1 });
    const abort = new AbortController();
    let begun = 0;
    const onProgress = () => {
      begun++;
      if (begun === 2) abort.abort("cancelled");
    };
    const running = tasks.run(trainTask({ pipeline: LONG }), { signal: abort.signal, onProgress });
    const waiting = tasks.run(trainTask(), { signal: abort.signal });
    const [first, second] = await Promise.allSettled([running, waiting]);
    expect(first).toMatchObject({ reason: { kind: "cancelled" } });
    expect(second).toMatchObject({
      reason: { kind: "cancelled", message: expect.stringContaining("before it began") },
    });
    expect(tasks.running).toBe(0);
  });

  test("is ended by a stop, which leaves no process", async () => {
    const tasks = supervisor();
    const running = tasks.run(trainTask({ pipeline: LONG }));
    running.catch(() => undefined);
    await until(() => (tasks.running === 1 ? true : undefined));
    await tasks.stop();
    await expect(running).rejects.toMatchObject({ kind: "stopping" });
    await expect(tasks.run(trainTask())).rejects.toBeInstanceOf(TaskDied);
  });
});

describe.runIf(process.platform === "linux")("an orphan", () => {
  test("ends itself, even in the middle of one long call that never yields", async () => {
    const parent = startChild(import.meta.url, "./orphan-maker.ts", []);
    const pid = Number((await parent.line(/^busy \d+/)).split(" ")[1]);
    expect(isRunning(pid)).toBe(true);
    await parent.kill();
    await until(() => (isRunning(pid) ? undefined : true), 3);
  });
});

test("nothing is left in the folder of an import that failed", async () => {
  await supervisor()
    .run(importTask("torn", "a,b\n1,2\n3\n"))
    .catch(() => undefined);
  expect(readdirSync(join(folder, "torn"))).toEqual(["source"]);
});
