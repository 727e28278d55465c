// The examples of the guides, run as they are written.
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.base.config.ts";

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ["**/node_modules/**"] } },
  defineConfig({ test: { include: ["scripts/*.docs.ts"], testTimeout: 120_000 } }),
);
