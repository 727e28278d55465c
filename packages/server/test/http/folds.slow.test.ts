// Cross-validation by groups, in order of time and repeated; the interval of a hold-out; how sure a ranking is.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;

/** Four sites, each with a level of its own that `x` gives away; every row is of one site and one day. */
function sites(): Uint8Array {
  const rows = Array.from({ length: 48 }, (_, i) => {
    const site = i % 4;
    const day = new Date(Date.UTC(2026, 0, 1 + ((i * 5) % 48))).toISOString().slice(0, 10);
    return [site * 10 + (i % 3), site * site * 5 + ((i * 7) % 5), `site ${site}`, day, i === 9 ? "" : site].join(",");
  });
  return new TextEncoder().encode(["x,y,site,day,gap", ...rows].join("\n"));
}

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "sites", file: sites() });
}, 60_000);

afterAll(() => server?.destroy());

const near = { pipeline: { features: ["x"], steps: [], estimator: { type: "KNeighborsRegressor", params: { k: 2 } } } };
const folds = (more: object) => ({ kind: "folds" as const, folds: 4, ...more });
const body = (more: object) => ({ dataset: "sites", target: "y", candidate: near, split: folds(more) });

describe("folds", { timeout: 120_000 }, () => {
  test("by groups show what rows of a known group hide", async () => {
    const { client } = server;
    const plain = await trainAndWait(client, body({}));
    const grouped = await trainAndWait(client, body({ groups: "site" }));
    expect(grouped).toMatchObject({ status: "succeeded", split: { groups: "site" } });
    expect(grouped.metrics?.rmse).toBeGreaterThan(2 * (plain.metrics?.rmse ?? 0));
    const { id } = await client.createRun({ body: { ...body({ groups: "site" }), candidate: { estimator: "Ridge" } } });
    expect((await client.getRun({ params: { id } })).pipeline.features).toEqual(["x", "day", "gap"]);
  });

  test("by time leave the earliest rows to learn from alone, and repeated ones are more", async () => {
    const { client } = server;
    const timed = await trainAndWait(client, body({ time: "day" }));
    // 48 rows in five parts: nine each, the first twelve are never tested.
    expect(await client.getRunChart({ params: { id: timed.id } })).toMatchObject({ rows: 36 });
    const repeated = await trainAndWait(client, body({ repeats: 3 }));
    expect((await client.getRunChart({ params: { id: repeated.id } })).folds).toHaveLength(12);
  });

  test.each([
    [{ groups: "plant" }, "split.groups", /there is no column "plant"/],
    [{ groups: "y" }, "split.groups", /"y" is the target/],
    [{ time: "site" }, "split.time", /"site" is a category column/],
    [{ time: "day", groups: "site" }, "split.time", /not by both/],
    [{ time: "day", repeats: 2 }, "split.repeats", /leave `repeats` out/],
  ])("are refused where they cannot be: %j", async (more, field, message) => {
    await expect(server.client.createRun({ body: body(more) })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringMatching(message),
      details: [{ field }],
    });
  });

  test("fail the run with the row that has no group", async () => {
    const run = await trainAndWait(server.client, body({ groups: "gap" }));
    expect(run.error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringMatching(/row 10 has no group/) });
    const few = await trainAndWait(server.client, {
      ...body({ groups: "site" }),
      split: folds({ folds: 5, groups: "site" }),
    });
    expect(few.error).toMatchObject({ code: "INVALID_REQUEST", message: expect.stringContaining("to the 4 groups") });
  });
});

test("a hold-out has an interval, folds have none", { timeout: 60_000 }, async () => {
  const split = { kind: "holdout" as const, testFraction: 0.4 };
  const run = await trainAndWait(server.client, { ...body({}), split });
  const { low = 0, high = 0, value } = run.interval ?? {};
  expect(run.interval).toMatchObject({ metric: "rmse", confidence: 0.95 });
  expect(value).toBeCloseTo(run.metrics?.rmse ?? 0, 10);
  expect(low < high && low <= (value ?? 0) && high >= (value ?? 0)).toBe(true);
  expect((await trainAndWait(server.client, body({}))).interval).toBeNull();
});

test("a comparison on folds says which differences are more than chance", { timeout: 60_000 }, async () => {
  const { client } = server;
  const mean = { pipeline: { features: ["x"], steps: [], estimator: { type: "MeanRegressor" } } };
  const { candidate: _, ...asked } = body({});
  const { id } = await client.createComparison({
    body: { ...asked, candidates: [near, { ...near, label: "same" }, mean] },
  });
  const { leaderboard } = await until(async () => {
    const found = await client.getComparison({ params: { id } });
    return found.finishedAt === null ? undefined : found;
  }, 60);
  expect(leaderboard[0].difference).toBeUndefined();
  expect(leaderboard[1].difference).toEqual({ mean: 0, p: 1 });
  expect(leaderboard[2].difference?.p).toBeLessThan(0.05);
});
