// kill -9 of the server and of trainers, with real processes: what was acknowledged is there afterwards, what was
// interrupted goes on, and nothing is left running.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Client, type RunEvent, rowSignatureOf } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

let home: string;
let server: ServerProcess;
let key: string;
let client: Client;

async function start(): Promise<void> {
  server = await startServerProcess(home);
  key ??= server.adminKey as string;
  client = server.client(key);
}

/** Kills the server and waits until nothing that it started is left. */
async function killServer(): Promise<void> {
  const children = childrenOf(server.pid);
  await server.child.kill();
  await until(() => (children.some(isRunning) ? undefined : true));
}

beforeAll(async () => {
  home = await newHome();
  await start();
  await importAndWait(client, { name: "diamonds", file: exampleFile("diamonds.csv") });
});
afterAll(async () => {
  await killServer();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

describe.runIf(process.platform === "linux")("kill -9", () => {
  test("of the server during an import: the upload that was acknowledged is imported after the restart", async () => {
    const { version } = await client.importDataset({
      query: { name: "again", filename: "again.csv" },
      file: exampleFile("diamonds.csv"),
    });
    await until(() => (childrenOf(server.pid).length > 0 ? true : undefined));
    await killServer();
    await start();
    const found = await until(async () => {
      const now = await client.getDatasetVersion({ params: { name: "again", version } });
      return now.status === "importing" ? undefined : now;
    });
    expect(found).toMatchObject({ status: "ready", rows: 53_940, error: null });
  });

  test("of the server and then of the trainer: the run is picked up each time, and says why", async () => {
    const { id } = await client.createRun({ body: LONG_RUN });
    await until(async () => ((await eventsSoFar(id)).some(({ type }) => type === "progress") ? true : undefined));
    await killServer();
    await start();
    const again = await until(async () => {
      const run = await client.getRun({ params: { id } });
      return run.attempt === 2 ? run : undefined;
    });
    expect(again.status).toBe("running");
    const trainer = await until(() => childrenOf(server.pid)[0]);
    process.kill(trainer, "SIGKILL");
    const run = await until(async () => {
      const now = await client.getRun({ params: { id } });
      return now.attempt === 3 ? now : undefined;
    });
    expect(run.status).toBe("running");
    const reasons = (await eventsSoFar(id)).filter(({ type }) => type === "retried").map(({ data }) => data.reason);
    expect(reasons).toEqual(["the server ended while the run was in progress", "the trainer was killed by SIGKILL"]);
    const last = await until(() => childrenOf(server.pid)[0]);
    process.kill(last, "SIGKILL");
    const failed = await until(async () => {
      const now = await client.getRun({ params: { id } });
      return now.finishedAt === null ? undefined : now;
    });
    expect(failed).toMatchObject({ status: "failed", attempt: 3, error: { code: "INTERRUPTED" } });
    expect(failed.error?.message).toContain("3 attempts");
    const sequence = (await eventsSoFar(id)).map(({ seq }) => seq);
    expect(sequence).toEqual(sequence.map((_, i) => i + 1));
  });

  test("of the server during registration and deployment: what was acknowledged is there, nothing is half-done", async () => {
    const run = await trainAndWait(client, {
      dataset: "diamonds",
      target: "price",
      candidate: { estimator: "DecisionTreeRegressor", params: { maxDepth: 4 } },
    });
    await client.registerModel({ body: { name: "tree", run: run.id } });
    await client.deploy({ params: { name: "tree" }, body: { model: "tree" } });
    const acknowledged = { registered: 1, deployed: 1 };
    const keepOn = async (work: () => Promise<void>) => {
      try {
        for (;;) await work();
      } catch (error) {
        // Until the server dies.
        expect(error).toMatchObject({ code: "SERVER_UNREACHABLE" });
      }
    };
    const busy = [
      keepOn(async () => {
        const { version } = await client.registerModel({ body: { name: "tree", run: run.id } });
        acknowledged.registered = version;
      }),
      keepOn(async () => {
        const { version } = await client.deploy({ params: { name: "tree" }, body: { model: "tree" } });
        acknowledged.deployed = version;
      }),
    ];
    await until(() => (acknowledged.registered > 5 && acknowledged.deployed > 1 ? true : undefined));
    await killServer();
    await Promise.all(busy);
    await start();
    const model = await client.getModel({ params: { name: "tree" } });
    const versions = model.versions.map(({ version }) => version).reverse();
    expect(versions).toEqual(versions.map((_, i) => i + 1));
    expect(versions.length).toBeGreaterThanOrEqual(acknowledged.registered);
    const row = Object.fromEntries(
      rowSignatureOf(model.versions[0].signature).inputs.map(({ name, example }) => [name, example ?? null]),
    );
    const answer = await client.predict({ params: { name: "tree" }, body: { rows: [row] } });
    expect(answer.model.version).toBeGreaterThanOrEqual(acknowledged.deployed);
    expect(answer.model.version).toBeLessThanOrEqual(versions.length);
    // Metering: what is older than a second has been written, and a start writes nothing again.
    for (let i = 0; i < 20; i++) await client.predict({ params: { name: "tree" }, body: { rows: [row] } });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await killServer();
    await start();
    const usage = await client.usage({ query: { groupBy: "endpoint" } });
    expect(usage.rows.find(({ group }) => group === "tree")).toMatchObject({ requests: 21, rows: 21 });
  });

  test("an orderly stop gives running work back uncounted and leaves no process", async () => {
    const { id } = await client.createRun({ body: LONG_RUN });
    await until(async () => ((await eventsSoFar(id)).some(({ type }) => type === "progress") ? true : undefined));
    const children = childrenOf(server.pid);
    server.child.process.kill("SIGTERM");
    expect(await server.child.exit()).toBe(0);
    expect(children.filter(isRunning)).toEqual([]);
    await start();
    await until(async () => ((await client.getRun({ params: { id } })).attempt === 2 ? true : undefined));
    const cancelled = await client.cancelRun({ params: { id } });
    expect(cancelled.status).toBe("cancelled");
    await until(() => (childrenOf(server.pid).length === 0 ? true : undefined));
  });
});

// Internal

/** Long enough to be caught in the middle, on any machine. */
const LONG_RUN = {
  dataset: "diamonds",
  target: "price",
  candidate: { estimator: "RandomForestRegressor", params: { nEstimators: 1000 } },
};

async function eventsSoFar(id: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  try {
    const signal = AbortSignal.timeout(300);
    for await (const event of client.watchRun({ params: { id }, signal })) events.push(event);
  } catch {
    // The stream of a running run ends by our abort.
  }
  return events;
}

function childrenOf(pid: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((candidate) => {
    try {
      const stat = readFileSync(`/proc/${candidate}/stat`, "utf8");
      // After the name in parentheses: state, then the parent's pid.
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(parent) === pid && state !== "Z";
    } catch {
      return false;
    }
  });
}
