// The contract of every component of the catalogue.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, it } from "vitest";
import { componentNames } from "../src/catalogue.ts";
import { estimatorChecks, transformerChecks } from "../src/testing/index.ts";

const runtimes = { one: createRuntime({ threads: 1 }), two: createRuntime({ threads: 2 }) };

afterAll(() => {
  runtimes.one.close();
  runtimes.two.close();
});

describe.each(componentNames("transformer"))("%s", (type) => {
  for (const check of transformerChecks(type)) it(check.name, () => check.run(runtimes));
});

describe.each(componentNames("estimator"))("%s", (type) => {
  for (const check of estimatorChecks(type)) it(check.name, () => check.run(runtimes));
});
