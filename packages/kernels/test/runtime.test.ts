import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { KernelHost } from "../src/host.ts";
import {
  createRuntime,
  defaultRuntime,
  KernelError,
  type KernelRuntime,
  type RuntimeOptions,
  setDefaultRuntime,
} from "../src/index.ts";
import { platformHost } from "../src/node-host.ts";
import { SharedRuntime } from "../src/shared-runtime.ts";

const open: KernelRuntime[] = [];
afterEach(() => {
  for (const runtime of open.splice(0)) runtime.close();
});

function start(options: RuntimeOptions = {}, host: KernelHost = platformHost): SharedRuntime {
  const runtime = new SharedRuntime(host, options);
  open.push(runtime);
  return runtime;
}

/** Runs until another thread has taken a share; threads need some milliseconds of work and of loading first. */
function warmUp(runtime: SharedRuntime): void {
  const until = performance.now() + 20_000;
  runtime.scope((memory) => {
    const out = memory.alloc(8 * 200_000);
    while (runtime.memberChunks === 0 && performance.now() < until) {
      runtime.parallel("fillF64", [out, 1], 200_000, 500);
    }
  });
  expect(runtime.memberChunks).toBeGreaterThan(0);
}

describe("a kernel runtime", () => {
  it("runs every chunk exactly once, whatever the threads", () => {
    for (const threads of [1, 2, 3]) {
      const runtime = start({ threads });
      if (threads > 1) warmUp(runtime);
      const out = runtime.alloc(8 * 10_007);
      for (let repeat = 0; repeat < 50; repeat++) {
        runtime.f64(out, 10_007).fill(-1);
        runtime.parallel("fillF64", [out, repeat], 10_007, 13);
        expect(runtime.f64(out, 10_007).every((value) => value === repeat)).toBe(true);
      }
    }
  });

  it("gives back what a kernel returns", () => {
    expect(start({ threads: 1 }).call("heapBase")).toBeGreaterThan(0);
  });

  it("does nothing for no rows", () => {
    start({ threads: 2 }).parallel("fillF64", [0, 1], 0, 8);
  });

  it("names a kernel that does not exist", () => {
    const runtime = start({ threads: 1 });
    expect(() => runtime.call("nope")).toThrow(KernelError);
    expect(() => runtime.parallel("nope", [], 1, 1)).toThrow(/no kernel `nope`.*npm run build/);
  });

  it("turns a trap on any thread into an error of the caller, and works on", () => {
    const runtime = start({ threads: 2 });
    warmUp(runtime);
    const out = runtime.alloc(8 * 1000);
    for (let repeat = 0; repeat < 20; repeat++) {
      expect(() => runtime.parallel("fillF64", [0xfff00000, 1], 1_000_000, 100)).toThrow(
        /`fillF64` failed: .*out of bounds/,
      );
      runtime.parallel("fillF64", [out, repeat], 1000, 10);
      expect(runtime.f64(out, 1000).every((value) => value === repeat)).toBe(true);
    }
  });

  it("does all the work itself where no thread can be started", () => {
    const runtime = start({ threads: 4 }, { ...platformHost, startMember: () => false });
    const out = runtime.alloc(8 * 100_000);
    for (let repeat = 0; repeat < 100; repeat++) runtime.parallel("fillF64", [out, repeat], 100_000, 10);
    expect(runtime.f64(out, 100_000).every((value) => value === 99)).toBe(true);
    expect(runtime.memberChunks).toBe(0);
  });

  it("starts no thread for little work", () => {
    let started = 0;
    const host: KernelHost = { ...platformHost, startMember: () => ++started < 0 };
    const runtime = start({ threads: 4 }, host);
    const out = runtime.alloc(800);
    for (let repeat = 0; repeat < 10; repeat++) runtime.parallel("fillF64", [out, 1], 100, 50);
    expect(started).toBe(0);
  });

  it("refuses impossible options", () => {
    expect(() => createRuntime({ threads: 0 })).toThrow(
      /`threads` of the kernel runtime must be a whole number >= 1, got 0/,
    );
    expect(() => start({ threads: 1 }).parallel("fillF64", [0, 1], 1, 0)).toThrow(/`grain`/);
  });

  it("keeps views and kernels valid while the memory grows under running threads", () => {
    const runtime = start({ threads: 2 });
    warmUp(runtime);
    const before = runtime.memory.buffer.byteLength;
    for (let size = 1; size <= 64; size *= 2) {
      const out = runtime.alloc(size * 2 ** 20);
      runtime.parallel("fillF64", [out, size], size * 2 ** 17, 1000);
      expect(runtime.f64(out, size * 2 ** 17).every((value) => value === size)).toBe(true);
    }
    expect(runtime.memory.buffer.byteLength).toBeGreaterThan(before);
  });

  it("closes twice without complaint and refuses memory afterwards", () => {
    const runtime = start({ threads: 1 });
    runtime.close();
    runtime.close();
    expect(() => runtime.memory).toThrow(/closed/);
  });

  it("computes in the relaxed build too", () => {
    const runtime = start({ threads: 1, variant: "relaxed" });
    const out = runtime.alloc(80);
    runtime.parallel("fillF64", [out, 3], 10, 5);
    expect([...runtime.f64(out, 10)]).toEqual(new Array(10).fill(3));
  });

  it("is one per process by default", () => {
    expect(defaultRuntime()).toBe(defaultRuntime());
  });

  it("is the process's where it was set, and is replaced once it is closed", () => {
    const own = createRuntime({ threads: 1 });
    setDefaultRuntime(own);
    expect(defaultRuntime()).toBe(own);
    own.close();
    expect(defaultRuntime()).not.toBe(own);
    expect(defaultRuntime().closed).toBe(false);
  });
});

describe("scope", () => {
  it("frees what its body reserved, also when it throws", () => {
    const runtime = start({ threads: 1 });
    const kept = runtime.alloc(64);
    expect(runtime.scope((memory) => memory.alloc(1000))).toBeGreaterThan(0);
    expect(() =>
      runtime.scope((memory) => {
        memory.free(memory.alloc(10));
        memory.alloc(1000);
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(runtime.allocatedBytes).toBe(64);
    runtime.free(kept);
  });

  it("frees after its promise settles, and interleaved scopes keep their own memory", async () => {
    const runtime = start({ threads: 1 });
    const ends: (() => void)[] = [];
    const work = () =>
      runtime.scope(async (memory) => {
        const pointer = memory.alloc(80);
        runtime.f64(pointer, 10).fill(pointer);
        await new Promise<void>((done) => ends.push(done));
        return runtime.f64(pointer, 10).every((value) => value === pointer);
      });
    const first = work();
    const second = work();
    expect(runtime.allocatedBytes).toBe(160);
    ends[0]();
    expect(await first).toBe(true);
    expect(runtime.allocatedBytes).toBe(80);
    ends[1]();
    expect(await second).toBe(true);
    expect(runtime.allocatedBytes).toBe(0);
    await expect(runtime.scope(async (memory) => Promise.reject(new Error(`${memory.alloc(8) > 0}`)))).rejects.toThrow(
      "true",
    );
    expect(runtime.allocatedBytes).toBe(0);
  });
});

describe("a process", () => {
  it("ends by itself while threads wait for work", () => {
    const entry = new URL("../dist/index.js", import.meta.url).href;
    const script = `
      import { createRuntime } from ${JSON.stringify(entry)};
      const runtime = createRuntime({ threads: 3 });
      const out = runtime.alloc(8e6);
      // Until another thread has helped, which on a busy machine may take it a while.
      const until = performance.now() + 20_000;
      while (runtime.memberChunks === 0 && performance.now() < until) runtime.parallel("fillF64", [out, 1], 1e6, 1000);
      process.stdout.write(String(runtime.memberChunks > 0));`;
    const args = ["--input-type=module", "--eval", script];
    const options = { encoding: "utf8", timeout: 30_000, cwd: fileURLToPath(new URL("..", import.meta.url)) } as const;
    expect(execFileSync(process.execPath, args, options)).toBe("true");
  });
});
