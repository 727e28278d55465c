// Workers: processes that do the queue's work for servers on the same database and folder. Whatever ends one, its work is
// done by another.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer, startWorker } from "../../src/main.ts";
import { type Child, startChild } from "../child.ts";
import { createDatabase, databaseEnvironment, dropDatabase } from "../databases.ts";
import { exampleFile, importAndWait, startTestServer, type TestServer, until } from "../servers.ts";
import { newHome } from "../stores.ts";

const LONG = {
  dataset: "diamonds",
  target: "price",
  candidate: { estimator: "RandomForestRegressor", params: { nEstimators: 2000 } },
};

let server: TestServer;
const workers: Child[] = [];

async function addWorker(): Promise<Child & { health: string }> {
  const environment = await databaseEnvironment(server.home);
  const child = startChild(import.meta.url, "../worker-process.mjs", [server.home, "1"], environment);
  workers.push(child);
  const { health } = JSON.parse(await child.line(/^\{"health"/)) as { health: string };
  return Object.assign(child, { health });
}

beforeAll(async () => {
  // The server itself does no work, so that every run is a worker's.
  server = await startTestServer({ jobs: false });
});
afterAll(async () => {
  for (const worker of workers) if (worker.process.exitCode === null) await worker.kill();
  await server.destroy();
});

const attemptOf = async (id: string) => (await server.client.getRun({ params: { id } })).attempt;

describe("workers of one database", () => {
  test("do what a server leaves to them, and events reach the server's watchers", async () => {
    const worker = await addWorker();
    expect(await (await fetch(worker.health)).json()).toEqual({ status: "ok", checks: [] });
    await importAndWait(server.client, { name: "iris", file: exampleFile("iris.csv") });
    const candidate = { estimator: "DecisionTreeClassifier" };
    const run = await server.client.createRun({ body: { dataset: "iris", target: "species", candidate } });
    const types: string[] = [];
    for await (const { type } of server.client.watchRun({ params: { id: run.id } })) types.push(type);
    expect(types).toEqual(["queued", "started", ...types.slice(2, -1), "succeeded"]);
    const { checks } = await server.client.ready();
    expect(checks.find(({ name }) => name === "workers")?.note).toContain(`:${worker.process.pid}`);
  });

  test("take over from one that is killed, as the next attempt, and from one that is told to stop, at once", async () => {
    const { client } = server;
    await importAndWait(client, { name: "diamonds", file: exampleFile("diamonds.csv") });
    const { id } = await client.createRun({ body: LONG });
    await until(async () => (await attemptOf(id)) === 1 || undefined);
    await (workers.at(-1) as Child).kill();
    const second = await addWorker();
    await until(async () => (await attemptOf(id)) === 2 || undefined, 120);
    const { status } = await client.getRun({ params: { id } });
    expect(status).toBe("running");
    const third = await addWorker();
    second.process.kill("SIGTERM");
    expect(await second.exit()).toBe(0);
    await until(async () => (await attemptOf(id)) === 3 || undefined, 60);
    await client.cancelRun({ params: { id } });
    expect((await client.getRun({ params: { id } })).status).toBe("cancelled");
    third.process.kill("SIGTERM");
    expect(await third.exit()).toBe(0);
  }, 300_000);
});

describe("a worker that could not share", () => {
  test("is refused where the home holds another database's files", async () => {
    const databaseUrl = await createDatabase();
    try {
      const refused = startWorker({ home: server.home, databaseUrl, logLevel: "silent" });
      await expect(refused).rejects.toMatchObject({
        code: "HOME_FOREIGN",
        message: expect.stringContaining("same home"),
      });
    } finally {
      await dropDatabase(databaseUrl);
    }
  });

  test("is refused where the home lacks the files that its database refers to", async () => {
    const home = await newHome();
    const { DATABASE_URL: databaseUrl } = await databaseEnvironment(server.home);
    const refused = startWorker({ home, databaseUrl, logLevel: "silent" });
    await expect(refused).rejects.toMatchObject({
      code: "HOME_FOREIGN",
      message: expect.stringContaining("not in it"),
    });
    rmSync(join(home, ".."), { recursive: true });
  });

  test("is refused on an embedded home, as is a server there that leaves work to others", async () => {
    const home = await newHome();
    const embedded = { home, databaseUrl: undefined, logLevel: "silent" } as const;
    await expect(startWorker(embedded)).rejects.toMatchObject({ code: "NOT_SHARED" });
    await expect(startServer({ ...embedded, port: 0, jobs: false })).rejects.toMatchObject({ code: "NOT_SHARED" });
    rmSync(join(home, ".."), { recursive: true });
  });
});
