// What `npm test` runs. Packages that only compute share one module graph per worker, which saves a third of their time;
// tests of servers and processes have a fresh one per file.
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.base.config.ts";

const COMPUTING = "packages/{api,charts,kernels,learn,tune}/test/**/*.test.ts";
const { include = [], exclude = [], maxWorkers, ...shared } = base.test ?? {};

export default mergeConfig(
  { ...base, test: { maxWorkers } },
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { ...shared, name: "computing", include: [COMPUTING], exclude, isolate: false } },
        { extends: true, test: { ...shared, name: "serving", include, exclude: [...exclude, COMPUTING] } },
      ],
    },
  }),
);
