// The tests that keep something, on a real PostgreSQL; started by `npm run test:postgres`, which makes the server.
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.base.config.ts";

export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ["**/*.slow.test.ts", "**/node_modules/**"] } },
  defineConfig({
    test: {
      include: [
        "packages/server/test/**/*.test.ts",
        "packages/{cli,server}/test/**/*.crash.ts",
        "packages/server/test/queue/heartbeat.slow.test.ts",
        "packages/cli/test/**/*.test.ts",
        "scripts/readme.test.ts",
      ],
      exclude: ["packages/**/!(heartbeat).slow.test.ts", "**/*.cluster.test.ts", "**/node_modules/**"],
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
