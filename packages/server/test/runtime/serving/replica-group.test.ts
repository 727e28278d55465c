// A group of replicas: batches, refusals and retries, over replicas that answer when the test lets them.
import fc from "fast-check";
import pino from "pino";
import { describe, expect, test } from "vitest";
import type { InputRow, NamedTensor, Replica, ReplicaAnswer, TensorAnswer } from "../../../src/runtime/replica.ts";
import { ModelRefused, ReplicaUnavailable } from "../../../src/runtime/replica.ts";
import { QueueRefused } from "../../../src/runtime/serving/queue-refused.ts";
import { ReplicaGroup } from "../../../src/runtime/serving/replica-group.ts";
import { defaultPolicy, type ServingPolicy } from "../../../src/runtime/serving/serving-policy.ts";
import { until } from "../../servers.ts";

const log = pino({ level: "silent" });
const POLICY: ServingPolicy = { ...defaultPolicy(1), maxReplicas: 4, maxBatchSize: 8, tickSeconds: 60 };

interface Held {
  readonly sizes: number[];
  answer(): void;
  die(): void;
}

/** Replicas that hold each batch until the test answers it; an answer doubles `x`. */
class Bench {
  readonly held: Held[] = [];
  started = 0;
  stopped = 0;

  start = async (): Promise<Replica> => {
    this.started++;
    const ask = (requests: readonly (readonly InputRow[])[]) =>
      new Promise<ReplicaAnswer[]>((resolve, reject) => {
        this.held.push({
          sizes: requests.map(({ length }) => length),
          answer: () => resolve(requests.map(doubled)),
          die: () => reject(new ReplicaUnavailable("the model's worker died")),
        });
      });
    return {
      placement: "worker",
      memoryBytes: 0,
      predict: async (rows) => (await ask([rows]))[0],
      predictMany: ask,
      stop: async () => {
        this.stopped++;
      },
    };
  };

  /** The next batch that a replica was given. */
  async next(): Promise<Held> {
    for (;;) {
      const next = this.held.shift();
      if (next !== undefined) return next;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function doubled(rows: readonly InputRow[]): ReplicaAnswer {
  if (rows.some(({ x }) => typeof x !== "number"))
    return { ok: false, problems: [{ field: "rows[0].x", problem: "must be a number" }], cpuSeconds: 0.5 };
  return { ok: true, predictions: rows.map(({ x }) => 2 * (x as number)), cpuSeconds: 1 };
}

async function group(bench: Bench, change: Partial<ServingPolicy> = {}, replicas = 1): Promise<ReplicaGroup> {
  const made = new ReplicaGroup({ start: bench.start, policy: { ...POLICY, ...change }, log });
  await made.start(replicas);
  return made;
}

const rows = (...values: unknown[]) => values.map((x) => ({ x }));

describe("batches", () => {
  test("what waits while the replica is busy goes together, each with its own answer", async () => {
    const bench = new Bench();
    const made = await group(bench);
    const first = made.predict(rows(1));
    const rest = [made.predict(rows(2, 3)), made.predict(rows("a")), made.predict(rows(4))];
    (await bench.next()).answer();
    const batch = await bench.next();
    expect(batch.sizes).toEqual([2, 1, 1]);
    batch.answer();
    expect(await first).toMatchObject({ predictions: [2] });
    expect(await Promise.all(rest)).toMatchObject([{ predictions: [4, 6] }, { ok: false }, { predictions: [8] }]);
    await made.stop();
    expect(bench.stopped).toBe(bench.started);
  });

  test("a delay lets a request wait for company, and full batches go at once", async () => {
    const bench = new Bench();
    const made = await group(bench, { maxQueueDelayMs: 50 });
    const both = [made.predict(rows(1)), made.predict(rows(2))];
    const full = made.predict(rows(1, 2, 3, 4, 5, 6));
    const batch = await bench.next();
    expect(batch.sizes).toEqual([1, 1, 6]);
    batch.answer();
    await Promise.all([...both, full]);
    const late = made.predict(rows(7));
    const alone = await bench.next();
    expect(alone.sizes).toEqual([1]);
    alone.answer();
    await late;
    await made.stop();
  });

  test("any requests are answered in full, in batches within the limit, whatever the number of replicas", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 10 }),
        async (all, replicas, most) => {
          const bench = new Bench();
          const made = await group(bench, { maxBatchSize: most }, replicas);
          const asked = all.map((size, i) =>
            made.predict(Array.from({ length: size }, (_, k) => ({ x: 100 * i + k }))),
          );
          const batches: number[][] = [];
          for (let answered = 0; answered < all.length; ) {
            const batch = await bench.next();
            answered += batch.sizes.length;
            batches.push(batch.sizes);
            batch.answer();
          }
          const answers = await Promise.all(asked);
          for (const [i, answer] of answers.entries()) {
            const expected = Array.from({ length: all[i] }, (_, k) => 2 * (100 * i + k));
            expect(answer).toMatchObject({ ok: true, predictions: expected });
          }
          for (const batch of batches) {
            const total = batch.reduce((sum, size) => sum + size, 0);
            expect(batch.length === 1 || total <= most).toBe(true);
          }
          await made.stop();
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("a replica that dies", () => {
  test("has its batch asked once more, one by one; who kills it twice is refused, nobody else is", async () => {
    const bench = new Bench();
    const made = await group(bench);
    const first = made.predict(rows(0));
    const both = Promise.allSettled([made.predict(rows(1)), made.predict(rows(2))]);
    (await bench.next()).answer();
    const batch = await bench.next();
    expect(batch.sizes).toEqual([1, 1]);
    batch.die();
    (await bench.next()).die();
    (await bench.next()).answer();
    await first;
    const [killer, other] = await both;
    expect(killer).toMatchObject({ status: "rejected", reason: expect.any(ReplicaUnavailable) });
    expect(other).toMatchObject({ status: "fulfilled", value: { predictions: [4] } });
    await made.stop();
  });
});

describe("refusals", () => {
  test("beyond the queue's limit come at once, with the reason", async () => {
    const bench = new Bench();
    const made = await group(bench, { queueLimit: 2, maxBatchSize: 1 });
    const taken = [made.predict(rows(1)), made.predict(rows(2)), made.predict(rows(3))];
    const refused = made.predict(rows(4));
    await expect(refused).rejects.toBeInstanceOf(QueueRefused);
    await expect(refused).rejects.toThrow("queueLimit 2");
    for (const _ of taken) (await bench.next()).answer();
    await Promise.all(taken);
    await made.stop();
  });

  test("come to what waited too long, with its place", async () => {
    const bench = new Bench();
    const made = await group(bench, { queueTimeoutSeconds: 0.05 });
    const first = made.predict(rows(1));
    await expect(made.predict(rows(2))).rejects.toThrow(/waited .* place 1 of the queue: all 1 replicas are busy/);
    (await bench.next()).answer();
    await first;
    await made.stop();
  });

  test("come at once to what would miss the objective, when batches are known to take that long", async () => {
    const bench = new Bench();
    const made = await group(bench, { sloMs: 20, maxBatchSize: 1 });
    for (let i = 0; i < 3; i++) {
      const slow = made.predict(rows(i));
      const batch = await bench.next();
      await new Promise((resolve) => setTimeout(resolve, 40));
      batch.answer();
      await slow;
    }
    await expect(made.predict(rows(9))).rejects.toThrow(/would take about \d+ ms .* longer than sloMs 20/);
    await made.stop();
  });

  test("come to all that wait while the model itself cannot be loaded, and end when it can", async () => {
    const bench = new Bench();
    let whole = false;
    const made = new ReplicaGroup({
      start: async () => {
        if (!whole) throw new ModelRefused("this is no model");
        return bench.start();
      },
      policy: { ...POLICY, minReplicas: 0, tickSeconds: 0.1 },
      log,
    });
    await made.start(0);
    await expect(made.predict(rows(1))).rejects.toBeInstanceOf(ModelRefused);
    await expect(made.predict(rows(1))).rejects.toBeInstanceOf(ModelRefused);
    whole = true;
    const answered = until(() => made.predict(rows(3)).catch(() => undefined));
    (await bench.next()).answer();
    expect(await answered).toMatchObject({ predictions: [6] });
    await made.stop();
  });
});

describe("stopping", () => {
  test("lets everything that was asked be answered, and takes no more", async () => {
    const bench = new Bench();
    const made = await group(bench, { maxBatchSize: 1 });
    const asked = [made.predict(rows(1)), made.predict(rows(2))];
    const stopped = made.stop();
    await expect(made.predict(rows(3))).rejects.toBeInstanceOf(QueueRefused);
    for (const _ of asked) (await bench.next()).answer();
    expect(await Promise.all(asked)).toHaveLength(2);
    await stopped;
    expect(bench.stopped).toBe(1);
  });
});

test("requests over tensors are joined along the first axis and cut apart again, unless their shapes differ", async () => {
  const asked: (readonly number[])[] = [];
  const infer = async (inputs: readonly NamedTensor[]): Promise<TensorAnswer> => {
    asked.push(inputs[0].shape);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const data = Float32Array.from(inputs[0].data as Float32Array, (value) => value + 1);
    return { ok: true, outputs: [{ ...inputs[0], name: "y", data }], cpuSeconds: 1 };
  };
  const start = async (): Promise<Replica> => ({
    placement: "process",
    memoryBytes: 0,
    predict: async () => ({ ok: false, problems: [], cpuSeconds: 0 }),
    infer,
    stop: async () => undefined,
  });
  const tensor = (name: string) => ({ name, datatype: "FP32" as const, shape: [-1, -1] });
  const tensors = { task: "tensors" as const, inputs: [tensor("x")], outputs: [tensor("y")] };
  const made = new ReplicaGroup({ start, policy: POLICY, tensors, log });
  await made.start(1);
  const x = (width: number, ...values: number[]): NamedTensor[] => [
    { name: "x", datatype: "FP32", shape: [values.length / width, width], data: Float32Array.from(values) },
  ];
  const answers = await Promise.all([
    made.infer(x(2, 0, 0)),
    made.infer(x(2, 1, 2)),
    made.infer(x(2, 3, 4, 5, 6)),
    made.infer(x(3, 7, 8, 9)),
  ]);
  expect(asked).toEqual([
    [1, 2],
    [3, 2],
    [1, 3],
  ]);
  const data = answers.map((answer) => (answer.ok ? [...(answer.outputs[0].data as Float32Array)] : []));
  expect(data).toEqual([
    [1, 1],
    [2, 3],
    [4, 5, 6, 7],
    [8, 9, 10],
  ]);
  await made.stop();
});
