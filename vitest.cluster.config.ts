// Training on ranks, with a real MPI: correctness, deaths, and two hosts made of network namespaces where that may be.
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.base.config.ts";

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ["**/node_modules/**"] } },
  defineConfig({
    test: {
      include: ["packages/*/test/cluster/*.cluster.ts"],
      // Every test fills all cores by itself.
      fileParallelism: false,
      testTimeout: 180_000,
      hookTimeout: 120_000,
    },
  }),
);
