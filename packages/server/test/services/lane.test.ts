// Lanes of one study, as processes would work in them: everything between two looks is in the database, so a lane, or
// the whole server around it, may be gone at any moment.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StudyRequest, type Study as StudyResource } from "@massif/api";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBlobs } from "../../src/blobs/folder-blobs.ts";
import { openQueue } from "../../src/queue/boss-queue.ts";
import { TaskDied, TaskFailed } from "../../src/runtime/task-error.ts";
import { NOTHING_USED } from "../../src/runtime/task-protocol.ts";
import type { TaskQuestion, TrialEnd, TrialOrder } from "../../src/runtime/trial-protocol.ts";
import type { Caller } from "../../src/services/caller.ts";
import { Datasets } from "../../src/services/datasets.ts";
import { EventBell } from "../../src/services/event-bell.ts";
import { JOB_POLICIES, type JobKinds } from "../../src/services/job-kinds.ts";
import { Lane, type LaneMeans, type Way } from "../../src/services/lane.ts";
import type { Means } from "../../src/services/means.ts";
import { DEFAULT_PRICES } from "../../src/services/prices.ts";
import { Studies } from "../../src/services/studies.ts";
import { StudyStates } from "../../src/services/study-state.ts";
import { UsageLog } from "../../src/services/usage-log.ts";
import type { Store } from "../../src/store/database.ts";
import { finishDatasetVersion, insertDatasetVersion } from "../../src/store/dataset-versions.ts";
import { ensureDataset } from "../../src/store/datasets.ts";
import { StoreError } from "../../src/store/errors.ts";
import { ensureProject } from "../../src/store/projects.ts";
import { findStudy } from "../../src/store/studies.ts";
import { listTrials } from "../../src/store/trials.ts";
import { ENGINES, openTestStore, type TestStore, temporaryFolder } from "../stores.ts";

const USED = { ...NOTHING_USED, cpuSeconds: 0.5 };
const LIMITS = { uploadBytes: 1, sqlMs: 1, trainMs: 60_000, predictRows: 1 };

describe.each(ENGINES)("a lane on %s", (engine) => {
  const folder = temporaryFolder();
  let opened: TestStore;
  let means: Means;
  let studies: Studies;
  let caller: Caller;
  let now = Date.UTC(2026, 10, 23);

  beforeAll(async () => {
    opened = await openTestStore(engine);
    const { store } = opened;
    const queue = openQueue<JobKinds>(store, { kinds: JOB_POLICIES });
    await queue.start();
    const blobs = await openBlobs(join(folder, "blobs"), { exclusive: true });
    const shared = { store, blobs, queue, bell: new EventBell(), prices: DEFAULT_PRICES, limits: LIMITS };
    means = { ...shared, log: pino({ level: "silent" }), clock: () => now } as unknown as Means;
    const project = await ensureProject(store.db, { name: "default" });
    caller = { projectId: project.id, keyId: "key_1", role: "admin", requestId: "r" };
    const { id: datasetId } = await ensureDataset(store.db, { projectId: project.id, name: "goods" });
    const version = await insertDatasetVersion(store.db, { datasetId, source: {} });
    const file = join(folder, "goods.parquet");
    writeFileSync(file, "columns");
    const { hash, bytes } = await blobs.put({ file });
    const result = { blob: hash, bytes, rows: 100, columns: ["size", "price"].map(columnOf), profile: [] };
    await finishDatasetVersion(store.db, { id: version.id, at: new Date(now), ...result } as never);
    studies = new Studies(means, new Datasets(means), 2);
  });

  afterAll(async () => {
    await means?.queue.stop({ graceSeconds: 0 });
    await opened?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What one server or worker holds in memory. */
  function host(): LaneMeans {
    return { means, usage: new UsageLog(means as never), states: new StudyStates() };
  }

  async function begin(change: Record<string, unknown> = {}): Promise<StudyResource> {
    const base = {
      dataset: "goods",
      target: "price",
      candidate: { estimator: "Ridge" },
      space: { alpha: { type: "float", min: 0.01, max: 100, log: true } },
      trials: 8,
      pruner: { name: "none" },
      parallel: 2,
    };
    return studies.create(caller, StudyRequest.parse({ ...base, ...change }));
  }

  async function rowOf({ name }: { name: string }) {
    return (await findStudy(means.store.db, { projectId: caller.projectId, name }))!;
  }

  async function trialsOf(study: { name: string }) {
    return listTrials(means.store.db, { studyId: (await rowOf(study)).id });
  }

  async function laneOf(study: { name: string }, lane = 0, parts = host()): Promise<Lane> {
    const { id, lanes } = await rowOf(study);
    return new Lane({ studyId: id, lane, turn: lanes[lane] }, parts);
  }

  test("shares a study with lanes of other processes: no trial twice, none left out, one run", async () => {
    const study = await begin({ trials: 14, parallel: 4 });
    const hosts = [host(), host()];
    const lanes = await Promise.all([0, 1, 2, 3].map((i) => laneOf(study, i, hosts[i % 2])));
    const done = await Promise.all(lanes.map((lane) => work(lane)));
    expect(done.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i));
    const ended = await studies.get(caller, study.name);
    expect(ended).toMatchObject({ status: "finished", counts: { complete: 14 }, best: { state: "complete" } });
    const runs = await means.store.db.selectFrom("runs").selectAll().where("id", "=", ended.run!).execute();
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ status: "queued", seed: 0 });
    expect((runs[0].pipeline as { estimator: object }).estimator).toMatchObject({ params: ended.best?.params });
    // Every trial is paid for.
    const usage = await means.store.db.selectFrom("usage").selectAll().where("kind", "=", "train").execute();
    const { id } = await rowOf(study);
    expect(usage.filter(({ flush_id }) => flush_id.startsWith(`${id}:`))).toHaveLength(14);
  });

  test("goes on as if never put down, when nothing but the rows is left after each trial", async () => {
    const [kept, read] = [await begin({ trials: 13, parallel: 1 }), await begin({ trials: 13, parallel: 1 })];
    await work(await laneOf(kept));
    const parts = host();
    const lane = await laneOf(read, 0, parts);
    const { id } = await rowOf(read);
    await work(lane, { between: () => parts.states.forget(id) });
    const params = async (study: { name: string }) => (await trialsOf(study)).map((trial) => trial.params);
    expect(await params(read)).toEqual(await params(kept));
  });

  test("does the trial of a dead process again, with the same number and parameters; a late word changes nothing", async () => {
    const study = await begin({ trials: 2, parallel: 1 });
    const first = await laneOf(study);
    await first.open();
    const order = await next(first);
    // The whole server dies here. Its job is offered again, to another one.
    const second = await laneOf(study);
    await second.open();
    expect((await trialsOf(study))[0]).toMatchObject({ number: 0, state: "waiting", attempts: 1 });
    const again = await next(second);
    expect(again).toMatchObject({ number: order!.number, attempt: 2, pipeline: order!.pipeline });
    // The first was not dead after all, only slow: its figures are not taken.
    expect(await tell(first, order!, 1)).not.toMatchObject({ number: 0 });
    expect(await report(first, order!, 1, 5)).toBe("stop");
    expect((await trialsOf(study))[0]).toMatchObject({ state: "running", attempts: 2, value: null });
    await tell(second, again!, 7);
    expect((await trialsOf(study))[0]).toMatchObject({ state: "complete", attempts: 2, value: 7 });
  });

  test("marks a trial pruned together with the report that it was pruned for", async () => {
    const study = await begin({ trials: 12, parallel: 1, pruner: { name: "median", startup: 2 } });
    const lane = await laneOf(study);
    await lane.open();
    let order = (await next(lane))!;
    for (let i = 0; i < 2; i++) {
      for (const step of [1, 2, 3]) expect(await report(lane, order, step, 10 - step)).toBe("continue");
      order = (await tell(lane, order, 7))!;
    }
    expect(await report(lane, order, 1, 9)).toBe("continue");
    expect(await report(lane, order, 2, 8)).toBe("continue");
    expect(await report(lane, { ...order, number: 11 }, 3, 8)).toBe("stop");
    expect(await report(lane, order, 3, 50)).toBe("stop");
    expect((await trialsOf(study))[2]).toMatchObject({
      state: "pruned",
      step: 3,
      total: 10,
      unit: "tree",
      value: null,
    });
    const [, , pruned] = await studies.trials(caller, study.name, { from: 0, limit: 100 });
    expect(pruned.reports).toEqual([
      { step: 1, value: 9 },
      { step: 2, value: 8 },
      { step: 3, value: 50 },
    ]);
    expect(pruned.reason).toContain("tree 3 of 10");
    // The process asks on without telling an end, because the server knows it.
    expect(await next(lane)).toMatchObject({ number: 3 });
  });

  test("writes reports of a long trial while it goes on", async () => {
    const study = await begin({ trials: 1, parallel: 1 });
    const lane = await laneOf(study);
    await lane.open();
    const order = (await next(lane))!;
    await report(lane, order, 1, 3);
    expect((await trialsOf(study))[0].step).toBe(0);
    now += 2000;
    await report(lane, order, 2, Number.NaN);
    expect((await trialsOf(study))[0].step).toBe(2);
    const [trial] = await studies.trials(caller, study.name, { from: 0, limit: 1 });
    expect(trial.reports).toEqual([
      { step: 1, value: 3 },
      { step: 2, value: null },
    ]);
  });

  test("takes a trial for failed once its process has died three times, or has no memory left", async () => {
    const study = await begin({ trials: 3, parallel: 1 });
    const lane = await laneOf(study);
    for (const state of ["waiting", "waiting", "failed"]) {
      await lane.open();
      await next(lane);
      await lane.settle(new TaskDied("killed", "was killed by SIGKILL", USED), false);
      expect((await trialsOf(study))[0].state).toBe(state);
    }
    await lane.open();
    const order = await next(lane);
    expect(order).toMatchObject({ number: 1, attempt: 1 });
    await lane.settle(new TaskDied("memory", "ran out of memory", USED), false);
    expect((await trialsOf(study))[1]).toMatchObject({ state: "failed", reason: expect.stringContaining("memory") });
    // A server that stops in good order gives its trial back uncounted.
    await lane.open();
    await next(lane);
    await lane.settle(new TaskDied("stopping", "was stopped", USED), false);
    expect((await trialsOf(study))[2]).toMatchObject({ state: "waiting", attempts: 0 });
    await lane.open();
    const last = (await next(lane))!;
    expect(last).toMatchObject({ number: 2, attempt: 1 });
    expect(await tell(lane, last, 4)).toBeNull();
    expect(await studies.get(caller, study.name)).toMatchObject({ status: "finished", best: { number: 2 } });
  });

  test("ends the study when none of its trials has a value, and says why", async () => {
    const study = await begin({ trials: 2, parallel: 1 });
    const lane = await laneOf(study);
    await lane.open();
    let order = await next(lane);
    while (order !== null) {
      const problem = { code: "DIVERGED", message: "the loss left for infinity" };
      const { number, attempt } = order;
      order = await next(lane, { number, attempt, seconds: 1, outcome: { problem } });
    }
    expect(await studies.get(caller, study.name)).toMatchObject({
      status: "failed",
      run: null,
      error: { code: "TRAINING_FAILED", message: expect.stringContaining("left for infinity") },
    });
  });

  test("fails the study at once when no trial can begin", async () => {
    const study = await begin({ parallel: 1 });
    const lane = await laneOf(study);
    await lane.open();
    await lane.settle(new TaskFailed({ code: "INVALID_TARGET", message: "too few rows" }, USED), false);
    expect(await studies.get(caller, study.name)).toMatchObject({
      status: "failed",
      error: { code: "INVALID_TARGET" },
    });
    expect(lane.over).toBe(true);
  });

  test("ends with its study's time: what is complete counts, what is not waits", async () => {
    const study = await begin({ parallel: 2, timeoutSeconds: 60 });
    const [one, other] = [await laneOf(study, 0), await laneOf(study, 1)];
    await one.open();
    await other.open();
    await tell(one, (await next(one))!, 3);
    await next(other);
    now += 61_000;
    await other.settle(new TaskDied("cancelled", "was stopped on request", USED), true);
    await one.settle(new TaskDied("cancelled", "was stopped on request", USED), true);
    const ended = await studies.get(caller, study.name);
    expect(ended).toMatchObject({
      status: "finished",
      counts: { complete: 1, waiting: 2, failed: 0 },
      best: { number: 0 },
    });
    const waiting = (await trialsOf(study)).filter(({ state }) => state === "waiting");
    await studies.resume(caller, study.name, { timeoutSeconds: 3600 });
    const lane = await laneOf(study);
    await lane.open();
    expect(await next(lane)).toMatchObject({ number: waiting[0].number, attempt: 2 });
    expect((await rowOf(study)).deadline?.getTime()).toBe(now + 3_600_000);
  });

  test("stops with its study, and a resumption goes on with what was open", async () => {
    const study = await begin({ trials: 4, parallel: 2 });
    const [one, other] = [await laneOf(study, 0), await laneOf(study, 1)];
    await one.open();
    await other.open();
    const order = (await next(one))!;
    await next(other);
    expect(await studies.stop(caller, study.name)).toMatchObject({
      status: "stopped",
      counts: { waiting: 2, running: 0 },
    });
    expect(await tell(one, order, 1)).toBeNull();
    expect(one.over).toBe(true);
    await expect(studies.stop(caller, study.name)).rejects.toMatchObject({ code: "CONFLICT" });
    await studies.resume(caller, study.name, { parallel: 1 });
    await expect(studies.resume(caller, study.name, {})).rejects.toMatchObject({ code: "CONFLICT" });
    // The lanes of before are not those of now.
    expect(await other.open()).toBeUndefined();
    expect((await work(await laneOf(study))).sort()).toEqual([0, 1, 2, 3]);
    await expect(studies.resume(caller, study.name, {})).rejects.toMatchObject({ code: "CONFLICT" });
    const { run } = await studies.get(caller, study.name);
    await studies.resume(caller, study.name, { trials: 5 });
    expect(await work(await laneOf(study), { value: () => 1e9 })).toEqual([4]);
    // Nothing better was found: the run of before stays.
    expect(await studies.get(caller, study.name)).toMatchObject({ status: "finished", run, trials: 5 });
  });

  test("waits while the database is away, whether it was cut off before a commit or after", async () => {
    const study = await begin({ trials: 4, parallel: 1 });
    const { store } = means;
    let calls = 0;
    const away = () => new StoreError("DATABASE_UNREACHABLE", "cut off");
    const transaction: Store["transaction"] = async (inner) => {
      calls++;
      // The third is rolled back, the fifth has happened and nobody hears of it.
      if (calls === 3) await store.transaction(async (tx) => Promise.reject(await inner(tx).then(away)));
      const result = await store.transaction(inner);
      if (calls === 5) throw away();
      return result;
    };
    const { usage, states } = host();
    const lane = await laneOf(study, 0, { means: { ...means, store: { ...store, transaction } }, usage, states });
    await work(lane);
    expect(calls).toBeGreaterThan(6);
    const trials = await trialsOf(study);
    expect(trials.map(({ number, state }) => `${number} ${state}`)).toEqual([0, 1, 2, 3].map((n) => `${n} complete`));
    const { id } = await rowOf(study);
    const paid = await store.db.selectFrom("usage").selectAll().where("flush_id", "like", `${id}:%`).execute();
    expect(paid).toHaveLength(4);
    expect(await studies.get(caller, study.name)).toMatchObject({ status: "finished" });
  });

  test("hands over to a new job between two trials, and is then over", async () => {
    const study = await begin({ trials: 3, parallel: 1 });
    const lane = await laneOf(study);
    await lane.open();
    const order = (await next(lane))!;
    expect(await tell(lane, order, 1, "yield")).toBeNull();
    expect(lane.over).toBe(false);
    await lane.open();
    const second = (await next(lane))!;
    expect(await tell(lane, second, 2, "hand over")).toBeNull();
    expect(lane.over).toBe(true);
    expect((await rowOf(study)).lanes).toEqual([2]);
    expect(await lane.open()).toBeUndefined();
    expect(await work(await laneOf(study))).toEqual([2]);
  });

  test("gives up its study in words when whatever works in it keeps dying", async () => {
    const study = await begin({ parallel: 1 });
    const lane = await laneOf(study);
    await lane.open();
    await next(lane);
    await (await laneOf(study)).giveUp("the worker was lost");
    expect(await studies.get(caller, study.name)).toMatchObject({
      status: "failed",
      counts: { waiting: 1 },
      error: { code: "INTERRUPTED", message: expect.stringContaining("the worker was lost") },
    });
    expect(await studies.resume(caller, study.name, {})).toMatchObject({ status: "running", error: null });
  });
});

// Internal

function columnOf(name: string) {
  const counts = { count: 100, missing: 0, distinct: 90, distinctApproximate: false, integer: false, flags: [] };
  return { name, kind: "number", role: "feature", storage: "DOUBLE", ...counts };
}

function ask(lane: Lane, question: TaskQuestion, way: Way = "on") {
  return lane.answer(question, USED, () => way);
}

function next(lane: Lane, ended: TrialEnd | null = null, way: Way = "on"): Promise<TrialOrder | null> {
  return ask(lane, { kind: "next", ended }, way) as Promise<TrialOrder | null>;
}

function tell(lane: Lane, { number, attempt }: TrialOrder, rmse: number, way: Way = "on"): Promise<TrialOrder | null> {
  return next(lane, { number, attempt, seconds: 0.1, outcome: { metrics: { rmse } } }, way);
}

function report(lane: Lane, { number, attempt }: TrialOrder, step: number, value: number) {
  return ask(lane, { kind: "report", report: { number, attempt, step, total: 10, unit: "tree", value } });
}

/** Works in a lane until it is over; the numbers of the trials it did. */
async function work(
  lane: Lane,
  { between = () => undefined, value = lossOf }: { between?: () => void; value?: (order: TrialOrder) => number } = {},
): Promise<number[]> {
  const done: number[] = [];
  if ((await lane.open()) === undefined) return done;
  let order = await next(lane);
  while (order !== null) {
    done.push(order.number);
    between();
    order = await tell(lane, order, value(order));
  }
  return done;
}

/** Best where alpha is 3. */
function lossOf({ pipeline }: TrialOrder): number {
  return (Math.log(pipeline.estimator.params?.alpha as number) - Math.log(3)) ** 2;
}
