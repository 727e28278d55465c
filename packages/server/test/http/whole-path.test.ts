// The whole path as a caller walks it: import, train, compare, register, deploy, predict, count.
import { predictionsOf, rowSignatureOf } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.destroy());

describe("regression on the diabetes data", () => {
  test("a file becomes a ready version with columns, profile and a suggested target", async () => {
    const version = await importAndWait(server.client, { name: "diabetes", file: exampleFile("diabetes.csv") });
    expect(version).toMatchObject({
      status: "ready",
      version: 1,
      rows: 442,
      suggestedTarget: "progression",
      error: null,
    });
    expect(version.columns?.map(({ name }) => name)).toContain("bmi");
    expect(version.profile?.find(({ name }) => name === "age")).toMatchObject({
      count: 442,
      missing: 0,
      min: 19,
      max: 79,
    });
  });

  test("a comparison trains ten pipelines on one split and ranks them by error", async () => {
    const { client } = server;
    const { id } = await client.createComparison({ body: { dataset: "diabetes", target: "progression" } });
    const seen = new Map<string, string[]>();
    for await (const event of client.watchComparison({ params: { id } })) {
      seen.set(event.run, [...(seen.get(event.run) ?? []), event.type]);
    }
    expect(seen.size).toBe(10);
    for (const types of seen.values()) {
      expect(types.slice(0, 2)).toEqual(["queued", "started"]);
      expect(types.at(-1)).toBe("succeeded");
    }
    const comparison = await client.getComparison({ params: { id } });
    expect(comparison).toMatchObject({ status: "finished", sortedBy: { metric: "rmse", better: "lower" } });
    const errors = comparison.leaderboard.map(({ metrics }) => metrics?.rmse as number);
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    const labels = comparison.leaderboard.map(({ estimator }) => estimator);
    expect(labels.indexOf("MeanRegressor")).toBeGreaterThan(labels.indexOf("Ridge"));
    for (const entry of comparison.leaderboard) {
      expect(entry.fitSeconds).toBeGreaterThan(0);
      expect(entry.predictMicros).toBeGreaterThan(0);
    }
  });

  test("a linear run tells its weights in the columns' own units, and they predict", async () => {
    const run = await trainAndWait(server.client, {
      dataset: "diabetes",
      target: "progression",
      candidate: { estimator: "Ridge" },
    });
    expect(run).toMatchObject({ status: "succeeded", attempt: 1, label: "Ridge", error: null });
    expect(run.linear?.weights).toHaveLength(10);
    expect(run.linear?.weights.find(({ feature }) => feature === "bmi")?.weight).toBeGreaterThan(3);
    expect(run.cpuSeconds).toBeGreaterThan(0);
    expect(run.peakMemoryBytes).toBeGreaterThan(10e6);
    const model = await server.client.registerModel({ body: { name: "ridge", run: run.id } });
    await server.client.deploy({ params: { name: "ridge" }, body: { model: "ridge" } });
    const row = Object.fromEntries(
      rowSignatureOf(model.signature).inputs.map(({ name, example }) => [name, example ?? null]),
    );
    const predictions = predictionsOf(
      await server.client.predict({ params: { name: "ridge" }, body: { rows: [row] } }),
    );
    const { intercept, weights } = run.linear as NonNullable<typeof run.linear>;
    const expected = weights.reduce((sum, { feature, weight }) => sum + weight * Number(row[feature]), intercept);
    expect(predictions[0]).toBeCloseTo(expected, 6);
  });

  test("the same request gives the same model, bit by bit", async () => {
    const body = {
      dataset: "diabetes",
      target: "progression",
      seed: 7,
      candidate: { estimator: "RandomForestRegressor" },
    };
    const [a, b] = [await trainAndWait(server.client, body), await trainAndWait(server.client, body)];
    expect(a.modelHash).toBe(b.modelHash);
  });
});

describe("classification on the penguins data", () => {
  test("missing values and categories are handled, the leaderboard goes by log-loss", async () => {
    const { client } = server;
    await importAndWait(client, { name: "penguins", file: exampleFile("penguins.csv") });
    const candidates = [{ estimator: "LogisticRegression" }, { estimator: "MajorityClassifier" }];
    const { id } = await client.createComparison({ body: { dataset: "penguins", target: "species", candidates } });
    for await (const _ of client.watchComparison({ params: { id } }));
    const { leaderboard, sortedBy, task } = await client.getComparison({ params: { id } });
    expect(task).toBe("classification");
    expect(sortedBy).toEqual({ metric: "logLoss", better: "lower" });
    expect(leaderboard[0]).toMatchObject({ estimator: "LogisticRegression", status: "succeeded" });
    expect(leaderboard[0].metrics?.accuracy).toBeGreaterThan(0.95);
    await client.registerModel({ body: { name: "penguins", run: leaderboard[0].run, alias: "production" } });
  });

  test("an endpoint by alias answers classes with probabilities, takes nulls, and counts what it did", async () => {
    const { client } = server;
    const endpoint = await client.deploy({
      params: { name: "penguins" },
      body: { model: "penguins", version: "production" },
    });
    expect(endpoint).toMatchObject({ status: "running", version: 1, placement: "inline" });
    const { inputs, classes } = rowSignatureOf(endpoint.signature);
    const row = Object.fromEntries(inputs.map(({ name, example }) => [name, example ?? null]));
    const missing = Object.fromEntries(inputs.map(({ name }) => [name, null]));
    const answer = await client.predict({ params: { name: "penguins" }, body: { rows: [row, missing] } });
    expect(predictionsOf(answer)).toHaveLength(2);
    for (const prediction of predictionsOf(answer)) {
      const { class: predicted, probabilities } = prediction as {
        class: string;
        probabilities: Record<string, number>;
      };
      expect(classes).toContain(predicted);
      expect(Object.values(probabilities).reduce((sum, p) => sum + p)).toBeCloseTo(1, 9);
    }
    expect(answer.cost.amount).toBeGreaterThan(0);
    expect(answer.model).toEqual({ name: "penguins", version: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const usage = await client.usage({ query: { groupBy: "endpoint" } });
    const counted = usage.rows.find(({ group }) => group === "penguins");
    expect(counted).toMatchObject({ requests: 1, rows: 2, errors: 0 });
    // The endpoint also pays for the memory that its replica holds.
    expect(counted?.cost.amount).toBeGreaterThanOrEqual(answer.cost.amount - 1e-12);
    expect(counted?.cost.amount).toBeLessThan(answer.cost.amount + 1e-6);
    expect(counted?.bytesIn).toBeGreaterThan(50);
    expect(counted?.bytesOut).toBeGreaterThan(50);
  });

  test("a new version takes over at once and the history of the endpoint goes on after a restart", async () => {
    const { client } = server;
    const run = await trainAndWait(client, {
      dataset: "penguins",
      target: "species",
      candidate: { estimator: "DecisionTreeClassifier" },
    });
    await client.registerModel({ body: { name: "penguins", run: run.id, alias: "production" } });
    const model = await client.getModel({ params: { name: "penguins" } });
    expect(model.versions.map(({ version, aliases }) => [version, aliases])).toEqual([
      [2, ["production"]],
      [1, []],
    ]);
    await client.deploy({ params: { name: "penguins" }, body: { model: "penguins" } });
    await server.restart();
    const row = Object.fromEntries(rowSignatureOf(model.versions[0].signature).inputs.map(({ name }) => [name, null]));
    const answer = await server.client.predict({ params: { name: "penguins" }, body: { rows: [row] } });
    expect(answer.model.version).toBe(2);
    const stopped = await server.client.stopEndpoint({ params: { name: "penguins" } });
    expect(stopped.status).toBe("stopped");
    await expect(server.client.predict({ params: { name: "penguins" }, body: { rows: [row] } })).rejects.toMatchObject({
      code: "ENDPOINT_STOPPED",
    });
    const audit = await server.client.audit();
    const actions = audit.map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(["endpoints.stop", "endpoints.deploy"]);
    expect(actions.at(-1)).toBe("keys.create");
  });

  test("SQL reads data sets by name, and a model's file is what was registered", async () => {
    const { client } = server;
    const { rows, columns } = await client.sql({
      body: { sql: "select species, count(*) as n from penguins group by 1 order by 2 desc" },
    });
    expect(columns.map(({ name }) => name)).toEqual(["species", "n"]);
    expect(rows[0]).toEqual(["Adelie", 152]);
    const file = await client.downloadModel({ params: { name: "penguins", version: 2 } });
    const { createHash } = await import("node:crypto");
    const model = await client.getModel({ params: { name: "penguins" } });
    expect(createHash("sha256").update(file).digest("hex")).toBe(model.versions[0].hash);
  });
});
