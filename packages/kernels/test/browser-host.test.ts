import { afterAll, expect, it } from "vitest";
import { platformHost as browserHost } from "../src/browser-host.ts";
import { platformHost as nodeHost } from "../src/node-host.ts";
import { SharedRuntime } from "../src/shared-runtime.ts";

const runtimes = [browserHost, nodeHost].map((host) => new SharedRuntime(host, { threads: 1 }));
afterAll(() => {
  for (const runtime of runtimes) runtime.close();
});

it("a browser's host carries the module that Node's reads from a file", () => {
  const [found, wanted] = runtimes.map((runtime) => {
    const out = runtime.alloc(8 * 1000);
    runtime.parallel("fillF64", [out, 0.1], 1000, 64);
    return Array.from(runtime.f64(out, 1000));
  });
  expect(found).toEqual(wanted);
});

it("a browser's host computes on one thread, and has no other variant", () => {
  expect(new SharedRuntime(browserHost).threads).toBe(1);
  expect(() => browserHost.loadModule("relaxed")).toThrow('a browser has the kernels\' variant "simd" only');
});
