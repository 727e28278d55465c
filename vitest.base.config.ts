// Sources run unbuilt through the `massif-source` export condition; only workers, child processes and
// WebAssembly come from `dist`, which is why `npm test` builds first.
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["massif-source"] },
  ssr: { resolve: { conditions: ["massif-source"], externalConditions: ["massif-source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/*.slow.test.ts", "**/*.postgres.test.ts", "**/node_modules/**"],
    pool: "forks",
    // Most tests wait for real servers and child processes; one more worker than the usual cores - 1 fills the gaps.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
