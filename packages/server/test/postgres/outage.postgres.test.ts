// A database that goes away for half a minute in the middle of training and serving, and comes back.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@massif/api";
import { expect, test } from "vitest";
import { startServer } from "../../src/main.ts";
import { exampleFile, importAndWait, trainAndWait, until } from "../servers.ts";
import { newHome } from "../stores.ts";
import { startCluster } from "./cluster.ts";

/** Longer than the time after which a worker that is not heard of is called dead. */
const AWAY_MS = 30_000;
const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };

test("trainings go on and are recorded, predictions are answered and counted once, everything else says why", async () => {
  const cluster = await startCluster();
  const home = await newHome();
  const server = await startServer({ home, databaseUrl: cluster.url, port: 0, cores: 1, logLevel: "silent" });
  const client = createClient({ url: server.url, key: server.adminKey });
  try {
    await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
    await importAndWait(client, { name: "diamonds", file: exampleFile("diamonds.csv") });
    const tree = { estimator: "DecisionTreeClassifier" };
    const run = await trainAndWait(client, { dataset: "iris", target: "species", candidate: tree });
    await client.registerModel({ body: { name: "iris", run: run.id } });
    await client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
    const predict = () => client.predict({ params: { name: "iris" }, body: { rows: [ROW] } });
    await predict();
    // One ends while the database is away, whichever it takes: the first, or the second that follows it.
    const forest = { estimator: "RandomForestRegressor", params: { nEstimators: 40 } };
    const { id } = await client.createRun({ body: { dataset: "diamonds", target: "price", candidate: forest } });
    await until(async () => (await client.getRun({ params: { id } })).status === "running" || undefined);

    await cluster.pause();
    const end = Date.now() + AWAY_MS;
    let predicted = 1;
    while (Date.now() < end) {
      await predict();
      predicted++;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(JSON.stringify(await ready.json())).toContain("database");
    const refused = await fetch(`${server.url}/v1/datasets`, {
      headers: { authorization: `Bearer ${server.adminKey}` },
    });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await refused.json()).toMatchObject({ error: { code: "DATABASE_UNREACHABLE" } });
    const unknown = createClient({ url: server.url, key: "msf_unknown" });
    await expect(unknown.listDatasets()).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });

    await cluster.resume();
    const ended = await until(async () => {
      const found = await client.getRun({ params: { id } }).catch(() => undefined);
      return found === undefined || found.finishedAt === null ? undefined : found;
    }, 200);
    expect(ended).toMatchObject({ status: "succeeded", attempt: 1, error: null });
    const seqs: number[] = [];
    for await (const { seq } of client.watchRun({ params: { id } })) seqs.push(seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    await until(async () => ((await fetch(`${server.url}/readyz`)).status === 200 ? true : undefined));
    const counted = await until(async () => {
      const { rows } = await client.usage({ query: { groupBy: "kind" } });
      const requests = rows.find(({ group }) => group === "predict")?.requests ?? 0;
      return requests >= predicted ? requests : undefined;
    });
    expect(counted).toBe(predicted);
    const again = await trainAndWait(client, { dataset: "iris", target: "species", candidate: tree });
    expect(again.status).toBe("succeeded");
  } finally {
    await cluster.resume();
    await server.stop();
    await cluster.stop();
    rmSync(join(home, ".."), { recursive: true, force: true });
  }
}, 400_000);
