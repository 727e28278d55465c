// A column of weights: it counts in fits, folds and trials, is no feature, travels with the run, and is refused in words
// where it cannot be.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

const ROWS = 40;
let server: TestServer;

/** y = 2x for even rows and 50 − x for odd ones; each weight column counts one of the two lines, or has a fault. */
function lines(): Uint8Array {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const isEven = i % 2 === 0;
    const y = isEven ? 2 * i : 50 - i;
    return [i, y, isEven ? 1 : 0, i === 7 ? -2 : 1, i === 3 ? "" : 1, isEven ? "a" : "b", 0, (i * 7) % 13].join(",");
  });
  return new TextEncoder().encode(["x,y,even,negative,gap,word,none,z", ...rows].join("\n"));
}

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "lines", file: lines() });
}, 60_000);

afterAll(() => server?.destroy());

const line = { pipeline: { features: ["x"], steps: [], estimator: { type: "LinearRegression" } } };
const asked = { dataset: "lines", target: "y", split: { kind: "none" as const }, candidate: line };

describe("curves", { timeout: 120_000 }, () => {
  const over = { dataset: "lines", target: "y", candidate: line };
  const folds = { kind: "folds" as const, folds: 2 };

  test("tell a figure by fold at numbers of rows, or at values of a parameter", async () => {
    const { client } = server;
    const learning = await client.createCurve({ body: { ...over, split: folds, sizes: [0.5, 1], weights: "z" } });
    expect(learning).toMatchObject({ dataset: "lines", metric: "rmse", higherIsBetter: false, param: null });
    expect(learning.points.map(({ at }) => at)).toEqual([10, 20]);
    for (const { train, test: held } of learning.points) expect([train.length, held.length]).toEqual([2, 2]);
    const candidate = { estimator: "KNeighborsRegressor" };
    const body = { ...over, split: folds, candidate, param: "k", values: [1, 9], metric: "mae" };
    const { points } = await client.createCurve({ body });
    // One neighbour knows the rows that it learned from by heart.
    expect(points[0]).toMatchObject({ at: 1, train: [0, 0] });
    expect(points[1].train[0]).toBeGreaterThan(0);
  });

  test.each([
    [{ param: "alpha" }, "INVALID_REQUEST", /`param` and `values` go together/],
    [{ param: "alpha", values: [1], sizes: [1] }, "INVALID_REQUEST", /either `sizes` or `param`/],
    [{ split: { kind: "none" } }, "INVALID_REQUEST", /`split` must be folds/],
    [{ metric: "beauty" }, "INVALID_REQUEST", /"beauty" is none for regression; there are rmse/],
    [{ param: "steps.3.alpha", values: [1] }, "INVALID_REQUEST", /no step 3/],
    [{ param: "alpha", values: [1] }, "INVALID_PIPELINE", /no parameter `alpha`/],
    [{ sizes: [5000] }, "INVALID_REQUEST", /from 2 to 20, got 5000/],
  ])("that cannot be are refused: %o", async (change, code, message) => {
    const curve = server.client.createCurve({ body: { ...over, split: folds, ...change } as never });
    await expect(curve).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("weights", { timeout: 120_000 }, () => {
  test("count in the fit, are kept with the run, and are reproduced", async () => {
    const { client } = server;
    const run = await trainAndWait(client, { ...asked, weights: "even" });
    expect(run).toMatchObject({ status: "succeeded", weights: "even" });
    expect(run.linear?.weights[0].weight).toBeCloseTo(2, 8);
    const plain = await trainAndWait(client, asked);
    expect(plain.weights).toBeNull();
    expect(plain.linear?.weights[0].weight).toBeLessThan(1);
    const { id } = await client.reproduceRun({ params: { id: run.id } });
    const again = await until(async () => {
      const found = await client.getRun({ params: { id } });
      return found.finishedAt === null ? undefined : found;
    }, 100);
    expect(again).toMatchObject({ weights: "even", modelHash: run.modelHash });
  });

  test("are left out of the features, with the reason", async () => {
    const { client } = server;
    const { id } = await client.createRun({
      body: { ...asked, weights: "even", candidate: { estimator: "Ridge" } } as never,
    });
    const run = await client.getRun({ params: { id } });
    expect(run.pipeline.features).not.toContain("even");
  });

  test("count in the folds of a cross-validation", async () => {
    const { client } = server;
    const split = { kind: "folds" as const, folds: 4 };
    const run = await trainAndWait(client, { ...asked, split, weights: "even" });
    const plain = await trainAndWait(client, { ...asked, split });
    expect(run.status).toBe("succeeded");
    // Judged on all rows alike, a line that is right on half of them is worse than one between the two.
    expect(run.metrics?.rmse).toBeGreaterThan(plain.metrics?.rmse ?? 0);
  });

  test("count in the trials of a study and in the run of the best", async () => {
    const { client } = server;
    const { name } = await client.createStudy({
      body: {
        dataset: "lines",
        target: "y",
        candidate: { pipeline: { features: ["x"], steps: [], estimator: { type: "Ridge" } } },
        weights: "even",
        trials: 2,
        parallel: 1,
      } as never,
    });
    const study = await until(async () => {
      const found = await client.getStudy({ params: { name } });
      return found.finishedAt === null ? undefined : found;
    }, 100);
    expect(study).toMatchObject({ status: "finished", weights: "even", counts: { complete: 2 } });
    expect(await client.getRun({ params: { id: study.run ?? "" } })).toMatchObject({ weights: "even" });
  });

  test.each([
    [{ weights: "wait" }, /there is no column "wait" to weigh rows by; columns of numbers: x, even,/],
    [{ weights: "y" }, /"y" is the target/],
    [{ weights: "word" }, /"word" is a category column; weights are numbers from 0 on/],
    [{ weights: "x" }, /"x" is a feature of the pipeline and the weights at once/],
    [{ weights: "even", candidate: { estimator: "KNeighborsRegressor" } }, /KNeighborsRegressor cannot weigh rows/],
    [{ weights: "even", ranks: 2 }, /ranks cannot weigh rows/],
  ])("are refused where they cannot be: %j", async (change, message) => {
    const body = { ...asked, ...change } as never;
    await expect(server.client.createRun({ body })).rejects.toMatchObject({
      code: "INVALID_WEIGHTS",
      message: expect.stringMatching(message),
      details: [{ field: "weights" }],
    });
  });

  test.each([
    ["negative", /row 8 has the weight -2 in "negative": weights are numbers from 0 on/],
    ["gap", /row 4 has no weight in "gap"/],
    ["none", /all weights in "none" are 0: no row counts/],
  ])("fail the run with the row, the value and the cure: %s", async (weights, message) => {
    const run = await trainAndWait(server.client, { ...asked, weights });
    expect(run.error).toMatchObject({ code: "INVALID_WEIGHTS", message: expect.stringMatching(message) });
  });

  test("narrow a comparison that names no candidates to what can weigh", async () => {
    const { client } = server;
    const { candidate: _, ...body } = { ...asked, weights: "even" };
    const { leaderboard, id } = await client.createComparison({ body: body as never });
    expect(leaderboard.length).toBeGreaterThan(0);
    const names = (await client.catalogue({})).filter(({ weighs }) => weighs).map(({ name }) => name);
    for (const entry of leaderboard) expect(names).toContain(entry.type);
    await until(
      async () => ((await client.getComparison({ params: { id } })).finishedAt === null ? undefined : true),
      100,
    );
  });
});
