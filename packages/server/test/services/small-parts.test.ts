// Parts of the services that need no server: leaderboards, the bell, the gate, keys.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { CpuSlots } from "../../src/runtime/cpu-slots.ts";
import { LossHistory } from "../../src/runtime/loss-history.ts";
import { byteLimit } from "../../src/services/byte-limit.ts";
import { requireRole } from "../../src/services/caller.ts";
import { EventBell } from "../../src/services/event-bell.ts";
import { makeSecret } from "../../src/services/key-ring.ts";
import { leaderboard } from "../../src/services/run-resource.ts";
import { UploadGate } from "../../src/services/upload-gate.ts";
import type { Row } from "../../src/store/schema.ts";

describe("a leaderboard", () => {
  const row = (id: string, metrics: Record<string, number> | null) =>
    ({ id, metrics, label: id, pipeline: { estimator: { type: "T" } }, error: null }) as unknown as Row<"runs">;

  test("goes from best to worst, what has no figures comes last in its own order", () => {
    const rows = [row("d", null), row("b", { rmse: 2 }), row("c", null), row("a", { rmse: 1 })];
    expect(leaderboard(rows, "regression").map(({ run }) => run)).toEqual(["a", "b", "c", "d"]);
  });
});

describe("the bell", () => {
  const never = new AbortController().signal;

  test("wakes whoever listens, also when it rang before they waited", async () => {
    const bell = new EventBell();
    const wait = bell.listen("run");
    bell.ring("run");
    expect(await wait.rung(10_000, never)).toBe("rung");
    const other = bell.listen("run");
    const heard = other.rung(10_000, never);
    bell.ring("run");
    expect(await heard).toBe("rung");
  });

  test("lets a wait end in silence or by its caller's leaving", async () => {
    const bell = new EventBell();
    expect(await bell.listen("run").rung(5, never)).toBe("silence");
    const abort = new AbortController();
    const left = bell.listen("run").rung(10_000, abort.signal);
    abort.abort();
    expect(await left).toBe("silence");
  });
});

describe("the upload gate", () => {
  test("removes nothing while an upload is under way, and holds uploads while it removes", async () => {
    const gate = new UploadGate();
    const order: string[] = [];
    let finish = (): void => undefined;
    const uploading = gate.upload(() => new Promise<void>((resolve) => (finish = resolve)));
    await Promise.resolve();
    await gate.remove(async () => void order.push("removed too early"));
    finish();
    await uploading;
    const removing = gate.remove(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push("removed");
    });
    await gate.upload(async () => void order.push("uploaded"));
    await removing;
    expect(order).toEqual(["removed", "uploaded"]);
  });
});

describe("keys", () => {
  test("are 256 random bits of which only the hash is to be stored", () => {
    const { secret, hash, prefix } = makeSecret();
    expect(secret).toMatch(/^msf_[0-9A-Za-z]{43}$/);
    expect(hash).toBe(createHash("sha256").update(secret).digest("hex"));
    expect(secret.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(12);
    expect(makeSecret().secret).not.toBe(secret);
  });

  test("of a higher role may do what a lower one may, not the reverse", () => {
    expect(() => requireRole({ role: "admin" }, "predict")).not.toThrow();
    expect(() => requireRole({ role: "viewer" }, "viewer")).not.toThrow();
    expect(() => requireRole({ role: "viewer" }, "member")).toThrow("member or admin; this key's role is viewer");
  });
});

describe("cores", () => {
  test("are shared by those who wait together, and all given to one who waits alone", async () => {
    const slots = new CpuSlots(4);
    const alone = await slots.acquire();
    expect(alone.threads).toBe(4);
    const together = [slots.acquire(), slots.acquire()];
    alone.release();
    alone.release();
    expect((await Promise.all(together)).map(({ threads }) => threads)).toEqual([2, 2]);
    expect(slots.waiting).toBe(0);
  });

  test("are not given to one who left the queue", async () => {
    const slots = new CpuSlots(1);
    const first = await slots.acquire();
    const abort = new AbortController();
    const left = slots.acquire(abort.signal);
    const next = slots.acquire();
    abort.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    first.release();
    expect((await next).threads).toBe(1);
  });
});

describe("a loss history", () => {
  test("is thinned when long, in order, and keeps its first and last point", () => {
    const history = new LossHistory();
    for (let step = 1; step <= 10_000; step++) history.add({ step, total: 10_000, unit: "epoch", loss: 1 / step });
    const points = history.points();
    expect(points.length).toBeLessThanOrEqual(502);
    expect(points[0].step).toBe(1);
    expect(points.at(-1)?.step).toBe(10_000);
    expect(points.map(({ step }) => step)).toEqual(points.map(({ step }) => step).sort((a, b) => a - b));
  });
});

test("bytes pass up to the limit and not one more", async () => {
  const count = async (bytes: number) => {
    let seen = 0;
    for await (const chunk of Readable.from([Buffer.alloc(bytes)]).pipe(byteLimit(10)))
      seen += (chunk as Buffer).length;
    return seen;
  };
  expect(await count(10)).toBe(10);
  await expect(count(11)).rejects.toMatchObject({ code: "TOO_LARGE" });
});
