// Recommendations over HTTP: a model trained on real use, deployed inline and in a worker, asked for items.
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const { client } = server;
  await importAndWait(client, { name: "tools", file: exampleFile("npm_tools.csv") });
  const params = { feedback: "implicit", regularization: 3 };
  const run = await trainAndWait(client, {
    dataset: "tools",
    target: "uses",
    task: "regression",
    split: { kind: "none" },
    candidate: { estimator: "MatrixFactorization", params },
  });
  expect(run.error).toBeNull();
  await client.registerModel({ body: { name: "tools", run: run.id } });
  await client.deploy({ params: { name: "tools" }, body: { model: "tools" } });
}, 120_000);

afterAll(() => server?.destroy());

test("a user gets items that the user does not have, best first, at a price", { timeout: 60_000 }, async () => {
  const { client } = server;
  const answer = await client.recommend({ params: { name: "tools" }, body: { user: "mafintosh", k: 5 } });
  expect(answer).toMatchObject({ user: "mafintosh", known: true, model: { name: "tools", version: 1 } });
  expect(answer.items).toHaveLength(5);
  const scores = answer.items.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  const owned = await client.sql({ body: { sql: "SELECT package FROM tools WHERE owner = 'mafintosh'" } });
  const has = owned.rows.map(([name]) => name);
  for (const { item } of answer.items) expect(has).not.toContain(item);
  const seen = await client.recommend({
    params: { name: "tools" },
    body: { user: "mafintosh", k: 1, excludeSeen: false },
  });
  expect(has).toContain(seen.items[0].item);
  expect(answer.cost.amount).toBeGreaterThan(0);
});

test("a user nobody knows gets what suits users at large, and is told so", { timeout: 60_000 }, async () => {
  const answer = await server.client.recommend({ params: { name: "tools" }, body: { user: "nobody-at-all" } });
  expect(answer.known).toBe(false);
  expect(answer.items).toHaveLength(10);
});

test("a worker and a process recommend the same as the gateway itself", { timeout: 60_000 }, async () => {
  const { client } = server;
  const ask = async () => (await client.recommend({ params: { name: "tools" }, body: { user: "fastify" } })).items;
  const inline = await ask();
  for (const placement of ["worker", "process"] as const) {
    const body = { model: "tools", policy: { placement } };
    expect((await client.deploy({ params: { name: "tools" }, body })).placement).toBe(placement);
    expect(await ask()).toEqual(inline);
  }
});

test("the same endpoint predicts single pairs, and an impossible number of items is refused", async () => {
  const { client } = server;
  const rows = [
    { owner: "fastify", package: "standard" },
    { owner: "fastify", package: null },
  ];
  const answer = await client.predict({ params: { name: "tools" }, body: { rows } });
  expect(answer).toMatchObject({ predictions: [expect.any(Number), 0] });
  for (const k of [0, 1001, 1.5]) {
    const refusal = client.recommend({ params: { name: "tools" }, body: { user: "fastify", k } });
    await expect(refusal).rejects.toMatchObject({ code: "INVALID_REQUEST", details: [{ field: "k" }] });
  }
});

test("a model that only predicts says so", { timeout: 60_000 }, async () => {
  const { client } = server;
  await importAndWait(client, { name: "wine", file: exampleFile("wine.csv") });
  const run = await trainAndWait(client, {
    dataset: "wine",
    target: "cultivar",
    candidate: { estimator: "DecisionTreeClassifier" },
  });
  await client.registerModel({ body: { name: "wine", run: run.id } });
  await client.deploy({ params: { name: "wine" }, body: { model: "wine" } });
  const refusal = client.recommend({ params: { name: "wine" }, body: { user: 1 } });
  await expect(refusal).rejects.toMatchObject({ code: "INVALID_REQUEST" });
});
