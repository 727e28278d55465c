// Learning without a target, and from text: from a data file to an answer.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "penguins", file: exampleFile("penguins.csv") });
});
afterAll(() => server.destroy());

const KMEANS = { estimator: "KMeans", params: { clusters: 3 } };
const PENGUIN = { island: "Biscoe", beak_length_mm: 46, beak_depth_mm: 14, flipper_length_mm: 215, body_mass_g: 5000 };

describe("a clustering", () => {
  test("is trained without a target, registered, deployed and answers with the nearest cluster", async () => {
    const { client } = server;
    const run = await trainAndWait(client, { dataset: "penguins", leaveOut: ["species", "sex"], candidate: KMEANS });
    expect(run).toMatchObject({ task: "clustering", target: null, status: "succeeded" });
    expect(run.pipeline.features).toEqual(Object.keys(PENGUIN));
    expect(run.metrics?.silhouette).toBeGreaterThan(0.3);
    await client.registerModel({ body: { name: "groups", run: run.id } });
    const endpoint = await client.deploy({ params: { name: "groups" }, body: { model: "groups" } });
    expect(endpoint.signature).toMatchObject({ task: "clustering", target: "cluster", classes: null });
    const answer = await client.predict({
      params: { name: "groups" },
      body: { rows: [PENGUIN, { ...PENGUIN, island: null, body_mass_g: null }] },
    });
    if (!("predictions" in answer)) throw new Error("a model over rows answers predictions");
    for (const prediction of answer.predictions) {
      if (typeof prediction === "number" || !("cluster" in prediction)) throw new Error("a clusterer answers clusters");
      const { cluster, distances } = prediction;
      expect(distances).toHaveLength(3);
      expect(cluster).toBe(distances.indexOf(Math.min(...distances)));
    }
  });

  test("is compared by the silhouettes of several numbers of clusters", async () => {
    const { client } = server;
    const made = await client.createComparison({
      body: {
        dataset: "penguins",
        leaveOut: ["species"],
        candidates: [2, 4, 6].map((clusters) => ({ estimator: "KMeans", params: { clusters } })),
      },
    });
    const done = await until(async () => {
      const now = await client.getComparison({ params: { id: made.id } });
      return now.status === "finished" ? now : undefined;
    });
    expect(done).toMatchObject({ task: "clustering", target: null });
    expect(done.sortedBy).toEqual({ metric: "silhouette", better: "higher" });
    const order = done.leaderboard.map(({ metrics }) => metrics?.silhouette ?? Number.NaN);
    expect(order).toHaveLength(3);
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });

  test.each([
    ["with a target", { dataset: "penguins", target: "species", candidate: KMEANS }, "INVALID_TARGET"],
    ["for an estimator that needs one", { dataset: "penguins", candidate: { estimator: "Ridge" } }, "INVALID_TARGET"],
    [
      "of a column to leave out that is none",
      { dataset: "penguins", leaveOut: ["x"], candidate: KMEANS },
      "INVALID_REQUEST",
    ],
  ])("is refused %s", async (_, body, code) => {
    await expect(server.client.createRun({ body })).rejects.toMatchObject({ code });
  });

  test("of more clusters than rows fails with the reason", async () => {
    const candidate = { estimator: "KMeans", params: { clusters: 999 } };
    const run = await trainAndWait(server.client, { dataset: "penguins", candidate });
    expect(run).toMatchObject({ status: "failed", error: { code: "INVALID_PIPELINE" } });
    expect(run.error?.message).toContain("275 rows");
  });
});

test("text is classified by its words", async () => {
  const { client } = server;
  await importAndWait(client, { name: "speeches", file: exampleFile("speeches.csv") });
  const candidate = { estimator: "MultinomialNB" };
  const run = await trainAndWait(client, { dataset: "speeches", target: "president", candidate });
  expect(run.pipeline.steps.map(({ type }) => type)).toEqual(["TfidfVectorizer"]);
  expect(run.metrics?.accuracy).toBeGreaterThan(0.65);
  await client.registerModel({ body: { name: "speakers", run: run.id } });
  await client.deploy({ params: { name: "speakers" }, body: { model: "speakers" } });
  const rows = [{ passage: "We will invest in clean energy, in schools and in the jobs of tomorrow." }];
  const answer = await client.predict({ params: { name: "speakers" }, body: { rows } });
  if (!("predictions" in answer)) throw new Error("a model over rows answers predictions");
  expect(answer.predictions[0]).toMatchObject({ class: "Barack Obama" });
});
