// kill -9 and Ctrl-C at bad moments: what was acknowledged is there after the restart, nothing is half-done.
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.base.config.ts";

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ["**/node_modules/**"] } },
  defineConfig({ test: { include: ["packages/*/test/**/*.crash.ts"] } }),
);
