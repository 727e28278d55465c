// Ranks, launchers and servers that die in the middle of a training: the attempt ends soon and says why, nothing is left
// running, and the run goes on from its checkpoint to the model that an undisturbed run gives.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@massif/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  exampleFile,
  importAndWait,
  isRunning,
  type ServerProcess,
  startServerProcess,
  trainAndWait,
  until,
} from "../servers.ts";
import { newHome } from "../stores.ts";
import { ranksUnder } from "./groups.ts";

let home: string;
let server: ServerProcess;
let key: string;
let client: Client;
let undisturbed: string | null;

/** Long enough to be disturbed in the middle. */
const BODY: Parameters<Client["createRun"]>[0]["body"] = {
  dataset: "diamonds",
  target: "price",
  seed: 3,
  split: { kind: "holdout", testFraction: 0.2 },
  ranks: 2,
  candidate: { estimator: "GradientBoostingRegressor", params: { nEstimators: 150, subsample: 0.9 } },
};

async function start(): Promise<void> {
  server = await startServerProcess(home, { checkpointMs: 100 });
  key ??= server.adminKey as string;
  client = server.client(key);
}

beforeAll(async () => {
  home = await newHome();
  await start();
  await importAndWait(client, { name: "diamonds", file: exampleFile("diamonds.csv") });
  const run = await trainAndWait(client, BODY);
  expect(run).toMatchObject({ status: "succeeded", ranks: { count: 2, hosts: null } });
  expect(run.ranks?.rowsPerSecond).toBeGreaterThan(0);
  expect(run.ranks?.communicationSeconds).toBeGreaterThan(0);
  undisturbed = run.modelHash;
});
afterAll(async () => {
  await server.child.kill();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

const checkpoints = () => readdirSync(join(home, "checkpoints")).filter((name) => name.endsWith(".safetensors"));

/** Starts a run and waits until it has left a checkpoint. */
async function startRun(): Promise<string> {
  const { id } = await client.createRun({ body: BODY });
  await until(() => (existsSync(join(home, "checkpoints", `${id}.safetensors`)) ? true : undefined));
  return id;
}

async function ended(id: string) {
  return await until(async () => {
    const run = await client.getRun({ params: { id } });
    return run.finishedAt === null ? undefined : run;
  }, 90);
}

async function eventsOf(id: string) {
  const events = [];
  for await (const event of await client.watchRun({ params: { id }, query: { after: 0 } })) events.push(event);
  return events;
}

/** The run ended well in its second attempt, which began where the first had come to. */
async function expectResumed(id: string): Promise<string> {
  const run = await ended(id);
  expect(run).toMatchObject({ status: "succeeded", attempt: 2, modelHash: undisturbed });
  const events = await eventsOf(id);
  const retried = events.findIndex(({ type }) => type === "retried");
  const next = events.slice(retried).find(({ type, data }) => type === "progress" && typeof data.step === "number");
  expect(next?.data.step).toBeGreaterThan(1);
  await until(() => (checkpoints().length === 0 ? true : undefined), 15);
  return String(events[retried].data.reason);
}

describe.runIf(process.platform === "linux")("kill -9", () => {
  it("of a rank ends all of them within 15 s and says so; the run goes on from its checkpoint", async () => {
    const id = await startRun();
    const { ranks } = ranksUnder(home);
    expect(ranks).toHaveLength(2);
    process.kill(ranks[1], "SIGKILL");
    await until(() => (ranks.some(isRunning) ? undefined : true), 15);
    expect(await expectResumed(id)).toMatch(/lost its ranks: .*signal 9/);
  });

  it("of mpirun leaves no rank behind; the run goes on from its checkpoint", async () => {
    const id = await startRun();
    const { ranks, launchers } = ranksUnder(home);
    expect(launchers).toHaveLength(1);
    process.kill(launchers[0], "SIGKILL");
    await until(() => (ranks.some(isRunning) ? undefined : true), 15);
    expect(await expectResumed(id)).toContain("lost its ranks");
  });

  it("of the server leaves no rank behind; the next server goes on from the checkpoint", async () => {
    const id = await startRun();
    const { ranks, launchers } = ranksUnder(home);
    await server.child.kill();
    await until(() => ([...ranks, ...launchers].some(isRunning) ? undefined : true), 15);
    await start();
    expect(await expectResumed(id)).toContain("server ended");
  });

  it("is not needed to stop a run: cancelling ends its ranks, and its checkpoint is gone", async () => {
    const id = await startRun();
    const { ranks } = ranksUnder(home);
    await client.cancelRun({ params: { id } });
    await until(() => (ranks.some(isRunning) ? undefined : true), 15);
    expect((await client.getRun({ params: { id } })).status).toBe("cancelled");
    await until(() => (checkpoints().length === 0 ? true : undefined), 15);
  });
});

describe("requests for ranks", () => {
  const refused = async (change: object) => {
    const body = { ...BODY, ...change } as typeof BODY;
    return (await client.createRun({ body }).catch((error: unknown) => error)) as { code: string; message: string };
  };

  it("are refused where they cannot be met, with the field and the cure", async () => {
    const hosts = [{ name: "h0", slots: 1 }];
    expect(await refused({ ranks: 4, hosts })).toMatchObject({ code: "INVALID_REQUEST" });
    expect((await refused({ ranks: 4, hosts })).message).toContain("4 ranks do not fit 1 host(s) with 1 slot(s)");
    expect((await refused({ ranks: 1000 })).message).toContain("name hosts");
    expect((await refused({ split: { kind: "folds", folds: 3 } })).message).toContain("cross-validation");
    const ridge = await refused({ candidate: { estimator: "Ridge" } });
    expect(ridge).toMatchObject({ code: "INVALID_PIPELINE" });
    expect(ridge.message).toContain("Ridge cannot be trained on ranks");
  });
});
