// The longer checks: kill -9 sweeps, million-row imports, long property runs.
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.base.config.ts";

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ["**/node_modules/**"] } },
  defineConfig({
    test: { include: ["packages/*/test/**/*.slow.test.ts"], testTimeout: 600_000, hookTimeout: 120_000 },
  }),
);
