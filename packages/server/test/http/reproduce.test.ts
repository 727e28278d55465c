// Training again comes to the same model, bit for bit; what cannot be repeated is refused.
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "penguins", file: exampleFile("penguins.csv") });
}, 60_000);

afterAll(() => server?.destroy());

test("a run is trained again to the same model", { timeout: 120_000 }, async () => {
  const { client } = server;
  const run = await trainAndWait(client, {
    dataset: "penguins",
    target: "species",
    seed: 7,
    candidate: { estimator: "RandomForestClassifier", params: { nEstimators: 10 } },
  });
  const { id } = await client.reproduceRun({ params: { id: run.id } });
  const again = await until(async () => {
    const found = await client.getRun({ params: { id } });
    return found.finishedAt === null ? undefined : found;
  }, 100);
  expect(again).toMatchObject({ status: "succeeded", modelHash: run.modelHash, seed: 7, version: 1 });
  expect(await client.getReproduction({ params: { id } })).toEqual({
    run: id,
    original: run.id,
    status: "succeeded",
    same: true,
    differences: [],
  });
  await expect(client.getReproduction({ params: { id: run.id } })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a run without a model is not trained again", { timeout: 60_000 }, async () => {
  const { client } = server;
  const run = await trainAndWait(client, {
    dataset: "penguins",
    target: "species",
    candidate: { pipeline: { steps: [], estimator: { type: "LogisticRegression" } } },
  });
  expect(run.status).toBe("failed");
  await expect(client.reproduceRun({ params: { id: run.id } })).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("is failed; only a run that succeeded"),
  });
});
