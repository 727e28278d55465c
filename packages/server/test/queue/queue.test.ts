import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openQueue } from "../../src/queue/boss-queue.ts";
import { type ExhaustedJob, type Job, JobAborted, type Queue } from "../../src/queue/queue.ts";
import type { Store } from "../../src/store/database.ts";
import { findProject, insertProject, listProjects } from "../../src/store/projects.ts";
import { ENGINES, openTestStore, type TestStore } from "../stores.ts";
import { KINDS, type TestJobs } from "./kinds.ts";

describe.each(ENGINES)("the queue on %s", (engine) => {
  let test: TestStore;
  let queue: Queue<TestJobs>;
  let errors: unknown[];
  const queues: Queue<TestJobs>[] = [];

  async function startQueue(store: Store): Promise<Queue<TestJobs>> {
    const made = openQueue<TestJobs>(store, { kinds: KINDS, onError: (error) => errors.push(error) });
    queues.push(made);
    await made.start();
    return made;
  }

  beforeAll(async () => {
    test = await openTestStore(engine);
  });

  afterAll(() => test?.destroy());

  beforeEach(async () => {
    errors = [];
    queue = await startQueue(test.store);
  });

  afterEach(async () => {
    for (const made of queues.splice(0)) await made.stop();
    expect(errors).toEqual([]);
  });

  it("hands a job over with its payload, and keeps a job and its row together or away together", async () => {
    const { store } = test;
    const seen: string[] = [];
    const found: boolean[] = [];
    await queue.work("task", { concurrency: 2 }, async (job) => {
      found.push((await findProject(store.db, job.payload.name)) !== undefined);
      seen.push(job.payload.name);
    });
    const write = (fail: boolean) =>
      store.transaction(async (transaction) => {
        const project = await insertProject(transaction, { name: fail ? "undone" : "done" });
        await queue.enqueue("task", { name: project.id }, { transaction });
        if (fail) throw new Error("undo");
        return project.id;
      });
    await expect(write(true)).rejects.toThrow("undo");
    const id = await write(false);
    await queue.enqueue("task", { name: "last" });
    await expect.poll(() => [...seen].sort(), { timeout: 20_000 }).toEqual(["last", id].sort());
    expect(found.filter(Boolean)).toHaveLength(1);
    expect((await listProjects(store.db)).map(({ name }) => name)).toEqual(["done"]);
  });

  it("adds a job once per idempotency key, also after the job is done", async () => {
    const seen: number[] = [];
    const first = await queue.enqueue("other", { n: 1 }, { idempotencyKey: "run_1" });
    expect(await queue.enqueue("other", { n: 2 }, { idempotencyKey: "run_1" })).toBe(first);
    await queue.work("other", { concurrency: 1 }, async ({ payload }) => void seen.push(payload.n));
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1]);
    await queue.enqueue("other", { n: 3 }, { idempotencyKey: "run_1" });
    await queue.enqueue("other", { n: 4 }, { idempotencyKey: "run_2" });
    await expect.poll(() => seen, { timeout: 20_000 }).toEqual([1, 4]);
  });

  it("tries again after a failure up to the limit, then tells that no attempt is left and why", async () => {
    const attempts: Pick<Job<unknown>, "attempt" | "lastAttempt">[] = [];
    const exhausted: ExhaustedJob<TestJobs["task"]>[] = [];
    const onExhausted = async (job: ExhaustedJob<TestJobs["task"]>) => void exhausted.push(job);
    await queue.work("task", { concurrency: 1, exhausted: onExhausted }, async ({ attempt, lastAttempt }) => {
      attempts.push({ attempt, lastAttempt });
      throw new Error("no luck");
    });
    const id = await queue.enqueue("task", { name: "doomed" });
    await expect
      .poll(() => exhausted, { timeout: 30_000 })
      .toEqual([{ id, payload: { name: "doomed" }, reason: "no luck" }]);
    expect(attempts).toEqual([
      { attempt: 1, lastAttempt: false },
      { attempt: 2, lastAttempt: true },
    ]);
  });

  it("aborts a running job that is cancelled, does not try it again, and never begins a cancelled one", async () => {
    let begun = 0;
    const reasons: unknown[] = [];
    const waiting = await queue.enqueue("task", { name: "waiting" });
    await queue.cancel(waiting);
    await queue.work("task", { concurrency: 1 }, (_job, signal) => {
      begun++;
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          reject(signal.reason);
        });
      });
    });
    const id = await queue.enqueue("task", { name: "running" });
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(1);
    await queue.cancel(id);
    expect(reasons).toEqual([expect.objectContaining({ name: "JobAborted", reason: "cancelled" })]);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(begun).toBe(1);
  });

  it("gives an unfinished job back at a stop, and does not count that attempt", async () => {
    const begun = deferred();
    let reason: unknown;
    await queue.work("task", { concurrency: 1 }, (_job, signal) => {
      begun.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    });
    await queue.enqueue("task", { name: "long" });
    await begun.promise;
    await queue.stop();
    expect(reason).toBeInstanceOf(JobAborted);
    expect(reason).toMatchObject({ reason: "stopping" });
    const next = await startQueue(test.store);
    const attempts: number[] = [];
    await next.work("task", { concurrency: 1 }, async ({ attempt }) => void attempts.push(attempt));
    await expect.poll(() => attempts, { timeout: 20_000 }).toEqual([1]);
  });

  it("gives back a job whose handler ignores the stop, and leaves that handler's late end without effect", async () => {
    const begun = deferred();
    const end = deferred();
    await queue.work("task", { concurrency: 1 }, async () => {
      begun.resolve();
      await end.promise;
    });
    await queue.enqueue("task", { name: "stubborn" });
    await begun.promise;
    const stopped = queue.stop({ graceSeconds: 0 });
    await stopped;
    end.resolve();
    const next = await startQueue(test.store);
    const attempts: number[] = [];
    await next.work("task", { concurrency: 1 }, async ({ attempt }) => void attempts.push(attempt));
    await expect.poll(() => attempts, { timeout: 20_000 }).toEqual([1]);
  });

  it("does many jobs one after the other without waiting between them", async () => {
    const seen = new Set<number>();
    for (let n = 0; n < 60; n++) await queue.enqueue("other", { n });
    await queue.work("other", { concurrency: 2 }, async ({ payload }) => void seen.add(payload.n));
    // At one job per polling interval this would take a minute; the limit is the test's own.
    await expect.poll(() => seen.size, { timeout: 40_000 }).toBe(60);
  });

  it("does not begin a job before its time", async () => {
    const startAfter = new Date(Date.now() + 1500);
    const times: number[] = [];
    await queue.work("other", { concurrency: 1 }, async () => void times.push(Date.now()));
    await queue.enqueue("other", { n: 1 }, { startAfter });
    await expect.poll(() => times.length, { timeout: 20_000 }).toBe(1);
    // A little slack, because the database's clock decides.
    expect(times[0]).toBeGreaterThanOrEqual(startAfter.getTime() - 50);
  });

  it("refuses a kind of job that it does not know, and an id that is none", async () => {
    await expect(queue.enqueue("unknown" as "task", { name: "x" })).rejects.toMatchObject({ code: "MISUSE" });
    await expect(queue.cancel("nonsense")).rejects.toMatchObject({ code: "MISUSE" });
  });

  it("refuses an enqueue beside an open transaction instead of waiting for ever", async () => {
    const misuse = test.store.transaction(async () => queue.enqueue("task", { name: "beside" }));
    await expect(misuse).rejects.toMatchObject({ code: "MISUSE" });
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
