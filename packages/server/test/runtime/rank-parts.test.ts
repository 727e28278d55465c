// The parts of training on ranks that need no MPI: who reads which rows, what mpirun is told, what a checkpoint is worth,
// and how many cores a group gets.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { CpuSlots } from "../../src/runtime/cpu-slots.ts";
import { FileCheckpoint } from "../../src/runtime/file-checkpoint.ts";
import { mostPerHost, mpirunArgs } from "../../src/runtime/ranks/mpirun.ts";
import { fromLine, toLine } from "../../src/runtime/ranks/rank-protocol.ts";
import { cutRows } from "../../src/runtime/ranks/rank-rows.ts";

describe("the rows of ranks", () => {
  test("are whole row groups where these come out even", () => {
    expect(cutRows([100, 100, 100, 100], 4)).toEqual([0, 100, 200, 300, 400]);
    expect(cutRows([100, 100, 100, 98], 2)).toEqual([0, 200, 398]);
  });

  test("are even shares where they do not", () => {
    expect(cutRows([1000], 4)).toEqual([0, 250, 500, 750, 1000]);
    expect(cutRows([], 2)).toEqual([0, 0, 0]);
  });

  test("are all rows, each once, in shares that differ by a tenth at most", () => {
    const groups = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 16 }), (sizes, ranks) => {
        const rows = sizes.reduce((sum, size) => sum + size, 0);
        const cuts = cutRows(sizes, ranks);
        expect([cuts[0], cuts.at(-1), cuts.length]).toEqual([0, rows, ranks + 1]);
        for (let rank = 0; rank < ranks; rank++) {
          const share = cuts[rank + 1] - cuts[rank];
          expect(share).toBeGreaterThanOrEqual(Math.floor(0.9 * (rows / ranks)) - 1);
          expect(share).toBeLessThanOrEqual(Math.ceil(1.1 * (rows / ranks)) + 1);
        }
      }),
    );
  });
});

describe("mpirun", () => {
  const launcher = { mpirun: "mpirun", args: [] };

  test("is told to yield, to notice lost hosts within seconds, and where ranks go", () => {
    const hosts = [
      { name: "a", slots: 2 },
      { name: "b", slots: 4 },
    ];
    const args = mpirunArgs({ count: 5, hosts, launcher }, ["node", "rank.js"]).join(" ");
    expect(args).toContain("--mca mpi_yield_when_idle 1");
    expect(args).toContain("--mca oob_tcp_keepalive_time 4");
    expect(args).toContain("BatchMode=yes");
    expect(args).toMatch(/--host a:2,b:4 -np 5 node rank\.js$/);
    expect(mostPerHost({ count: 5, hosts })).toBe(4);
    expect(mostPerHost({ count: 3, hosts: null })).toBe(3);
  });

  test("gets no ssh options for another remote shell", () => {
    const other = { mpirun: "mpirun", args: ["--mca", "plm_rsh_agent", "/bin/agent"] };
    expect(mpirunArgs({ count: 2, hosts: null, launcher: other }, []).join(" ")).not.toContain("BatchMode");
  });
});

describe("lines of ranks", () => {
  test("are told from what libraries print, and cut ones are left out", () => {
    const line = toLine({ type: "joined", rank: 3 });
    expect(fromLine(`[warn] ${line.trimEnd()}`)).toEqual({ type: "joined", rank: 3 });
    expect(fromLine("libibverbs: no devices found")).toBeUndefined();
    expect(fromLine(line.slice(0, 20))).toBeUndefined();
  });
});

describe("a checkpoint", () => {
  const folder = mkdtempSync(join(tmpdir(), "massif-checkpoint-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const place = { path: join(folder, "run.safetensors"), everyMs: 0 };
  const state = () => ({
    tensors: { x: { shape: [3], data: Float64Array.of(1, -0, Number.NaN) } },
    meta: { step: 7, none: null },
  });

  test("gives back what it was given, to the same fit only", async () => {
    expect(await new FileCheckpoint(place, "a").load()).toBeUndefined();
    await new FileCheckpoint(place, "a").save(state);
    expect(await new FileCheckpoint(place, "a").load()).toEqual(state());
    expect(await new FileCheckpoint(place, "b").load()).toBeUndefined();
  });

  test("is as good as none when it is damaged", async () => {
    const bytes = readFileSync(place.path);
    writeFileSync(place.path, bytes.subarray(0, bytes.length - 5));
    expect(await new FileCheckpoint(place, "a").load()).toBeUndefined();
    writeFileSync(place.path, "");
    expect(await new FileCheckpoint(place, "a").load()).toBeUndefined();
  });

  test("is asked for a state only as often as one is to be kept", async () => {
    const checkpoint = new FileCheckpoint({ ...place, everyMs: 3_600_000 }, "a");
    let asked = 0;
    const count = () => {
      asked++;
      return state();
    };
    await checkpoint.save(count);
    await checkpoint.save(count);
    expect(asked).toBe(0);
  });
});

describe("cores for a group", () => {
  test("are waited for until there are enough, and hold back those behind", async () => {
    const slots = new CpuSlots(4);
    const one = await slots.acquire(undefined, { most: 1 });
    const order: string[] = [];
    const group = slots.acquire(undefined, { most: 4, least: 4 }).then((grant) => {
      order.push(`group ${grant.threads}`);
      grant.release();
    });
    const small = slots.acquire(undefined, { most: 1 }).then((grant) => order.push(`small ${grant.threads}`));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(order).toEqual([]);
    one.release();
    await Promise.all([group, small]);
    expect(order).toEqual(["group 4", "small 1"]);
  });

  test("are all that there are where the group wants more", async () => {
    expect((await new CpuSlots(2).acquire(undefined, { most: 8, least: 8 })).threads).toBe(2);
  });
});
