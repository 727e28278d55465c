// `massif tune` and `massif studies` as a user types them, on the built command line against a real server.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Run, Study, TrialReports } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleData, startTestServer, type TestServer } from "./cli-process.ts";

let server: TestServer;
let folder: string;
beforeAll(async () => {
  [server, folder] = await Promise.all([startTestServer(), mkdtemp(path.join(os.tmpdir(), "massif-tune-"))]);
  await server.json(["data", "import", exampleData("diabetes.csv")]);
}, 180_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Many commands, each a process, beside whatever else runs. */
const SLOW = 300_000;
const TUNE = ["tune", "diabetes", "--target", "progression", "--estimator", "Ridge"];

test("a study ends with a run of its best parameters, and shows what it did", { timeout: SLOW }, async () => {
  const space = path.join(folder, "space.json");
  await writeFile(space, JSON.stringify({ alpha: { type: "float", min: 0.1, max: 100, log: true } }));
  const more = ["--space", space, "--trials", "6", "--name", "ridge", "--cv", "3", "--pruner", "none", "--seed", "3"];
  const { code, stdout, stderr } = await server.run([...TUNE, ...more, "--register", "progression"]);
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^ridge: best rmse \d[\s\S]*RMSE/m),
  });
  expect(stdout).toMatch(/study +ridge \(finished\)[\s\S]*by 3 folds[\s\S]*6 complete of 6[\s\S]* alpha +\d/);
  expect(stdout).toMatch(/registered progression version 1/);
  const { trialList, ...study } = await server.json<Study & { trialList: TrialReports[] }>([
    ...["studies", "show", "ridge", "--trials"],
    ...["--chart", path.join(folder, "history.svg")],
  ]);
  expect(study).toMatchObject({ name: "ridge", status: "finished", seed: 3, parallel: expect.any(Number) });
  expect(trialList).toHaveLength(6);
  expect(await readFile(path.join(folder, "history.svg"), "utf8")).toMatch(/^<svg [\s\S]*Study ridge/);
  const run = await server.json<Run>(["runs", "show", study.run as string]);
  expect(run.pipeline.estimator.params).toMatchObject(study.best?.params ?? {});
  expect((await server.run(["studies", "list"])).stdout).toMatch(
    /ridge +Ridge +diabetes v1 +progression +finished +6\/6/,
  );
  const lines = path.join(folder, "lines.svg");
  const shown = await server.run(["studies", "show", "ridge", "--chart", lines, "--chart-kind", "parallel"]);
  expect(shown.stdout).toContain(`chart  ${lines}`);
  expect(await readFile(lines, "utf8")).toContain("alpha");
});

test("a study goes on by name with more trials, and has nothing to do without", { timeout: SLOW }, async () => {
  const refused = await server.run(["studies", "resume", "ridge"]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/CONFLICT: .*all 6 of its trials/) });
  const { study } = await server.json<{ study: Study }>(["studies", "resume", "ridge", "--trials", "8"]);
  expect(study).toMatchObject({ status: "finished", counts: { complete: 8 } });
  expect((await server.run(["studies", "watch", "ridge"])).code).toBe(0);
});

test.each([
  [
    ["--space", '{"alpha": {"type": "float", "min": 2, "max": 1}}'],
    /INVALID_SPACE: `max` of `alpha` must be >= `min` \(2\), got 1/,
  ],
  [["--space", '{"beta": true}'], /INVALID_SPACE: Ridge has no parameter `beta`; it has: alpha/],
  [["--space", '{"alpha":'], /INVALID_JSON: --space is not valid JSON/],
  [["--space", "none.json"], /none\.json/],
  [["--sampler", "gird"], /INVALID_REQUEST: .*tpe.*random.*grid/],
  [["--timeout", "soon"], /Give a time such as 90s/],
  [["--cv", "5", "--validation-fraction", "0.3"], /either --cv or --validation-fraction/],
])("refuses %j with a clear message", async (more, message) => {
  const { code, stdout, stderr } = await server.run([...TUNE, ...more]);
  expect({ code, stdout, stderr }).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(message) });
});

test("Ctrl-C stops the study on the server, which can be resumed", { timeout: SLOW }, async () => {
  const slow = ["tune", "diabetes", "--target", "progression", "--estimator", "RandomForestRegressor"];
  const tuning = server.start([...slow, "--param", "nEstimators=20000", "--name", "slow", "--trials", "3"]);
  for (let seen = false; !seen; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const studies = await server.json<Study[]>(["studies", "list"]);
    seen = studies.some(({ name, counts }) => name === "slow" && counts.running > 0);
  }
  tuning.child.kill("SIGINT");
  const { code, stdout, stderr } = await tuning.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  expect(stderr).toContain("stopped study slow; go on with: massif studies resume slow");
  expect((await server.json<Study>(["studies", "show", "slow"])).status).toBe("stopped");
  const resumed = await server.json<Study>(["studies", "resume", "slow", "--no-wait"]);
  expect(resumed.status).toBe("running");
  expect((await server.json<Study>(["studies", "stop", "slow"])).status).toBe("stopped");
});
