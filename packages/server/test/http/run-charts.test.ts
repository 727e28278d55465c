// What the pictures of runs are drawn from, cross-validation, lists of comparisons, losses of failed runs, the console.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiError, type RunChart } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  for (const name of ["iris", "diabetes", "seed_line"]) {
    await importAndWait(server.client, { name, file: exampleFile(`${name}.csv`) });
  }
});
afterAll(() => server.destroy());

type ChartOf<K extends RunChart["kind"]> = Extract<RunChart, { kind: K }>;

async function chartOf<K extends RunChart["kind"]>(id: string): Promise<ChartOf<K>> {
  return (await server.client.getRunChart({ params: { id } })) as ChartOf<K>;
}

describe("the chart of a run", () => {
  test("of classes counts every held-out row and agrees with the run's own metrics", async () => {
    const candidate = { estimator: "LogisticRegression" };
    const run = await trainAndWait(server.client, { dataset: "iris", target: "species", candidate });
    const chart = await chartOf<"classification">(run.id);
    expect(chart).toMatchObject({ kind: "classification", rows: 30, folds: null });
    expect(chart.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(chart.perClass.map(({ support }) => support)).toEqual([10, 10, 10]);
    const mean = (pick: (of: (typeof chart.perClass)[number]) => number) =>
      chart.perClass.reduce((sum, one) => sum + pick(one), 0) / 3;
    expect(mean(({ f1 }) => f1)).toBeCloseTo(run.metrics?.f1Macro as number, 12);
    expect(mean(({ rocAuc }) => rocAuc as number)).toBeCloseTo(run.metrics?.rocAuc as number, 12);
    for (const { roc } of chart.perClass) {
      expect(roc[0]).toEqual([0, 0]);
      expect(roc.at(-1)).toEqual([1, 1]);
    }
  });

  test("of numbers has pairs and the residuals of all held-out rows", async () => {
    const candidate = { estimator: "Ridge" };
    const run = await trainAndWait(server.client, { dataset: "diabetes", target: "progression", candidate });
    const chart = await chartOf<"regression">(run.id);
    expect(chart.rows).toBe(88);
    expect(chart.actual).toHaveLength(88);
    expect(chart.residuals.reduce((sum, { count }) => sum + count, 0)).toBe(88);
    const squares = chart.actual.reduce((sum, value, i) => sum + (value - chart.predicted[i]) ** 2, 0);
    expect(Math.sqrt(squares / 88)).toBeCloseTo(run.metrics?.rmse as number, 9);
  });

  test("is not there for a run that failed, which says so", async () => {
    const run = await diverged();
    const refused = await server.client.getRunChart({ params: { id: run.id } }).catch((error: ApiError) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ code: "NOT_FOUND", message: expect.stringContaining("failed") });
  });
});

test("a cross-validated run has the mean and spread of its folds, and a model of all rows", async () => {
  const candidate = { estimator: "Ridge" };
  const split = { kind: "folds", folds: 4 } as const;
  const run = await trainAndWait(server.client, { dataset: "diabetes", target: "progression", candidate, split });
  expect(run).toMatchObject({ status: "succeeded", split });
  const chart = await chartOf<"regression">(run.id);
  expect(chart.rows).toBe(442);
  const rmse = chart.folds?.map((figures) => figures.rmse) ?? [];
  expect(rmse).toHaveLength(4);
  const mean = rmse.reduce((sum, value) => sum + value, 0) / 4;
  expect(run.metrics?.rmse).toBeCloseTo(mean, 9);
  const spread = Math.sqrt(rmse.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4);
  expect(run.deviations?.rmse).toBeCloseTo(spread, 9);
});

test("comparisons are listed with their best run, newest first", async () => {
  const { client } = server;
  const ids: string[] = [];
  for (const estimator of ["Ridge", "MeanRegressor"]) {
    const candidates = [{ estimator }, { estimator: "MeanRegressor", label: "baseline" }];
    const { id } = await client.createComparison({ body: { dataset: "diabetes", target: "progression", candidates } });
    ids.unshift(id);
    await until(async () =>
      (await client.getComparison({ params: { id } })).status === "finished" ? true : undefined,
    );
  }
  const all = await client.listComparisons();
  expect(all.map(({ id }) => id)).toEqual(ids);
  expect(all[1]).toMatchObject({ runs: 2, status: "finished", best: { estimator: "Ridge" } });
  expect(await client.listComparisons({ query: { limit: 1 } })).toHaveLength(1);
});

test("a run that diverged keeps the losses it told on its way", async () => {
  const { history, error } = await diverged();
  expect(error?.code).toBe("DIVERGED");
  expect(history.length).toBeGreaterThan(0);
  const steps = history.map(({ step }) => step);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});

test("a key learns its own name and role", async () => {
  const { secret } = await server.client.createKey({ body: { name: "asks", role: "predict" } });
  const answer = await server.send("/v1/key", { headers: { authorization: `Bearer ${secret}` } });
  expect(await answer.json()).toMatchObject({ name: "asks", role: "predict" });
});

describe("the console", () => {
  test("is missed in words where it is not built", async () => {
    const answer = await fetch(server.url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("npm run build");
  });

  test("is a page with a policy and a nonce of its own, and assets to keep for ever", async () => {
    const folder = mkdtempSync(join(tmpdir(), "massif-console-"));
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), '<meta name="csp-nonce" content="__MASSIF_NONCE__">');
    writeFileSync(join(folder, "assets", "a-1.js"), "1");
    const own = await startTestServer({ console: folder });
    try {
      const nonces = await Promise.all([1, 2].map(() => nonceOf(own.url)));
      expect(nonces[0]).not.toBe(nonces[1]);
      const asset = await fetch(`${own.url}/assets/a-1.js`);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await fetch(`${own.url}/assets/..%2findex.html`)).status).toBe(404);
      expect((await fetch(`${own.url}/assets/none.js`)).status).toBe(404);
    } finally {
      await own.destroy();
      rmSync(folder, { recursive: true });
    }
  });
});

async function nonceOf(url: string): Promise<string> {
  const page = await fetch(url);
  const policy = page.headers.get("content-security-policy") ?? "";
  const nonce = /content="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`'nonce-${nonce}'`);
  return nonce;
}

/** The naive setting of the worked example. */
function diverged() {
  const params = { method: "batch", learningRate: 0.01, schedule: "constant" };
  const pipeline = { steps: [], estimator: { type: "GradientDescentRegressor", params } };
  return trainAndWait(server.client, {
    dataset: "seed_line",
    target: "y",
    candidate: { pipeline },
    split: { kind: "none" },
  });
}
