// Finding unusual rows without a target: from a data file to an answer, and what is refused on the way.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "penguins", file: exampleFile("penguins.csv") });
});
afterAll(() => server.destroy());

const FOREST = { estimator: "IsolationForest", params: { contamination: 0.05 } };
const PENGUIN = { island: "Biscoe", beak_length_mm: 46, beak_depth_mm: 14, flipper_length_mm: 215, body_mass_g: 5000 };
const GIANT = { ...PENGUIN, beak_length_mm: 90, beak_depth_mm: 40, flipper_length_mm: 400, body_mass_g: 30000 };
const TRAINING = { dataset: "penguins", leaveOut: ["species", "sex"] };

describe("a detector of outliers", () => {
  test("is trained without a target, registered, deployed and answers with scores and verdicts", async () => {
    const { client } = server;
    const run = await trainAndWait(client, { ...TRAINING, candidate: FOREST });
    expect(run).toMatchObject({ task: "outliers", target: null, status: "succeeded" });
    expect(run.metrics?.outlierShare).toBeLessThan(0.3);
    const chart = await client.getRunChart({ params: { id: run.id } });
    if (chart.kind !== "outliers") throw new Error("outliers have charts of their own");
    expect(chart.scores.reduce((sum, { count }) => sum + count, 0)).toBe(chart.rows);
    await client.registerModel({ body: { name: "odd", run: run.id, alias: "live" } });
    const endpoint = await client.deploy({ params: { name: "odd" }, body: { model: "odd" } });
    expect(endpoint.signature).toMatchObject({ task: "outliers", target: "score", classes: null });
    const answer = await client.predict({ params: { name: "odd" }, body: { rows: [PENGUIN, GIANT] } });
    if (!("predictions" in answer)) throw new Error("a model over rows answers predictions");
    const [usual, unusual] = answer.predictions as { score: number; outlier: boolean }[];
    expect(usual).toEqual({ score: expect.any(Number), outlier: usual.score > 0 });
    expect(unusual.outlier).toBe(true);
    expect(unusual.score).toBeGreaterThan(usual.score);
    const inputs = Object.entries(GIANT).map(([name, value]) => {
      const datatype = typeof value === "number" ? ("FP64" as const) : ("BYTES" as const);
      return { name, datatype, shape: [1], data: [value] };
    });
    const { outputs } = await client.infer({ params: { name: "odd" }, body: { inputs } });
    expect(outputs).toMatchObject([
      { name: "score", datatype: "FP64", data: [unusual.score] },
      { name: "outlier", datatype: "BOOL", data: [true] },
    ]);
    const policy = { dataset: "penguins", everyRows: 100, alias: "live", minImprovement: 0 };
    await expect(client.setPolicy({ params: { name: "odd" }, body: policy })).rejects.toMatchObject({
      code: "INVALID_POLICY",
    });
  });

  test("is compared with the others by how far their outliers lie apart", async () => {
    const { client } = server;
    const made = await client.createComparison({ body: { ...TRAINING, task: "outliers" } });
    const done = await until(async () => {
      const now = await client.getComparison({ params: { id: made.id } });
      return now.status === "finished" ? now : undefined;
    });
    expect(done).toMatchObject({ task: "outliers", target: null });
    expect(done.sortedBy).toEqual({ metric: "separation", better: "higher" });
    expect(done.leaderboard.map(({ type }) => type).sort()).toEqual(["IsolationForest", "LocalOutlierFactor"]);
    expect(done.leaderboard.every(({ status }) => status === "succeeded")).toBe(true);
  });

  test("is cross-validated", async () => {
    const split = { kind: "folds", folds: 3 } as const;
    const candidate = { estimator: "LocalOutlierFactor" };
    const run = await trainAndWait(server.client, { ...TRAINING, split, candidate });
    expect(run).toMatchObject({ status: "succeeded", task: "outliers" });
    expect(run.metrics?.scoreMax).toBeGreaterThan(run.metrics?.scoreMedian ?? Number.NaN);
  });

  test.each([
    ["a target", { target: "species" }, "INVALID_TARGET"],
    ["another task's estimator", { task: "outliers", candidate: { estimator: "KMeans" } }, "INVALID_PIPELINE"],
    ["ranks", { ranks: 2 }, "INVALID_PIPELINE"],
  ] as const)("is refused with %s", async (_, part, code) => {
    const body = { ...TRAINING, candidate: FOREST, ...part };
    await expect(server.client.createRun({ body })).rejects.toMatchObject({ code });
  });
});

test("studies of outliers are refused: nothing says which is right", async () => {
  const body = { dataset: "penguins", target: "species", candidate: { estimator: "IsolationForest" } };
  await expect(server.client.createStudy({ body })).rejects.toThrow("outliers have none");
});
