// Ctrl-C at bad moments: exit code 130, nothing half-done, no process left behind.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Run } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseEnvironment } from "../../server/test/databases.ts";
import { exampleData, type Running, start, startTestServer, type TestServer } from "./cli-process.ts";

let server: TestServer;
let folder: string;
beforeAll(async () => {
  [server, folder] = await Promise.all([startTestServer(), mkdtemp(path.join(os.tmpdir(), "massif-stop-"))]);
  await server.json(["data", "import", exampleData("diabetes.csv")]);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** A training that lasts until it is stopped. */
const ENDLESS = [
  ...["train", "diabetes", "--target", "progression", "--estimator", "GradientDescentRegressor"],
  ...["--param", "method=sgd", "--param", "epochs=100000000", "--param", "tolerance=null"],
];

test("of a training stops the run on the server", async () => {
  const training = server.start(ENDLESS);
  const run = await running(server);
  training.child.kill("SIGINT");
  const { code, stdout, stderr } = await training.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
  expect(stderr).toMatch(/stopped 1 run\n$/);
  expect((await server.json<Run>(["runs", "show", run])).status).toBe("cancelled");
});

test("of watching leaves the run alone", async () => {
  const { id } = await server.json<Run>([...ENDLESS, "--no-wait"]);
  await running(server);
  const watching = server.start(["runs", "watch", id]);
  await settled(watching);
  watching.child.kill("SIGINT");
  expect((await watching.ended).code).toBe(130);
  expect((await server.json<Run>(["runs", "show", id])).status).toBe("running");
  await server.json(["runs", "cancel", id]);
});

test("of a server gives its home back, with the key kept for this user alone", async () => {
  const home = path.join(folder, "home");
  const env = await databaseEnvironment(home);
  const up = start(["up", "--port", "0", "--home", home], { env });
  const [, secret] = await up.until(/admin key {2}(\S+)/);
  await up.until(/Serving until Ctrl-C/);
  up.child.kill("SIGINT");
  expect((await up.ended).code).toBe(130);
  expect(JSON.parse(await readFile(path.join(home, "credentials.json"), "utf8"))).toMatchObject({ key: secret });
  expect(await readdir(home)).not.toContain("server.json");
  const again = start(["up", "--port", "0", "--home", home], { env });
  await again.until(/Serving until Ctrl-C/);
  expect(again.output.stdout).not.toContain("admin key");
  again.child.kill("SIGTERM");
  expect((await again.ended).code).toBe(0);
});

test("of quickstart in the middle of training leaves a home that starts again and no process behind", async () => {
  const home = path.join(folder, "quickstart");
  const quick = start(["quickstart", "--once", "--home", home, "--port", "0"]);
  await quick.until(/2\. Training/);
  const children = await childrenOf(quick.child.pid ?? 0);
  quick.child.kill("SIGINT");
  const { code, stdout, stderr } = await quick.ended;
  expect(code).toBe(130);
  expect(stdout).not.toContain("3. Endpoint");
  expect(stderr).not.toMatch(/error/i);
  for (const pid of children) expect(() => process.kill(pid, 0), `child ${pid}`).toThrow();
  const up = start(["up", "--port", "0", "--home", home]);
  await up.until(/Serving until Ctrl-C/);
  const runs = await start(["runs", "list", "--home", home, "--json"]).ended;
  const statuses = (JSON.parse(runs.stdout) as Run[]).map(({ status }) => status);
  expect(statuses.filter((status) => status !== "cancelled" && status !== "succeeded")).toEqual([]);
  up.child.kill("SIGTERM");
  await up.ended;
});

// The id of a run that is training.
async function running({ json }: TestServer): Promise<string> {
  for (;;) {
    const [run] = await json<Run[]>(["runs", "list", "--status", "running"]);
    if (run !== undefined) return run.id;
  }
}

// A command hears signals once it has loaded its modules: Node catches SIGINT itself, SIGHUP (bit 0) only we do.
async function settled({ child }: Running): Promise<void> {
  for (let caught = 0; (caught & 1) === 0; ) {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    caught = Number.parseInt(status.match(/SigCgt:\s+[0-9a-f]+([0-9a-f])/)?.[1] ?? "0", 16);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.trim().split(" ").filter(Boolean).map(Number);
}
