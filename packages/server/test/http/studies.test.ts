// Studies through the API, with real processes on real data: from a request to a registered model.
import type { Client, StudyEvent } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;
let client: Client;

beforeAll(async () => {
  server = await startTestServer({ cores: 2 });
  ({ client } = server);
  await importAndWait(client, { name: "wine", file: exampleFile("wine.csv") });
  await importAndWait(client, { name: "diabetes", file: exampleFile("diabetes.csv") });
}, 180_000);
afterAll(() => server?.destroy());

type Body = Parameters<Client["createStudy"]>[0]["body"];

async function tuned(body: Body) {
  const { name } = await client.createStudy({ body });
  return ended(name);
}

function ended(name: string) {
  return until(async () => {
    const study = await client.getStudy({ params: { name } });
    return study.status === "running" ? undefined : study;
  }, 240);
}

describe("a study", { timeout: 300_000 }, () => {
  const WINE = {
    dataset: "wine",
    target: "cultivar",
    candidate: { estimator: "GradientBoostingClassifier", params: { maxDepth: 3, nEstimators: 30 } },
    space: {
      learningRate: true,
      subsample: true,
      minSamplesLeaf: true,
    },
    trials: 16,
    parallel: 2,
    pruner: { name: "halving", minResource: 8 },
  } satisfies Omit<Body, "name">;

  test("with TPE and halving on real data finds nothing worse than the defaults, and its run is an ordinary one", async () => {
    const study = await tuned({ ...WINE, name: "wine-boost" });
    expect(study).toMatchObject({ status: "finished", metric: "logLoss", better: "lower", error: null });
    const { complete, pruned, failed, waiting, running } = study.counts;
    expect({ failed, waiting, running }).toEqual({ failed: 0, waiting: 0, running: 0 });
    expect(complete + pruned).toBe(16);
    expect(pruned).toBeGreaterThan(0);
    const trials = await client.listTrials({ params: { name: "wine-boost" } });
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(trials[0].params).toMatchObject({ subsample: 1, learningRate: 0.1, minSamplesLeaf: 20 });
    expect(study.best?.value).toBeLessThanOrEqual(trials[0].value!);
    expect(study.steps).toBe(trials.reduce((sum, { step }) => sum + step, 0));
    for (const { state, reports, step, value, metrics } of trials) {
      expect(reports.at(-1)?.step).toBe(step);
      // The last report of a whole fit is its value: the loss of the validation rows after the last tree.
      if (state === "complete") expect(reports.at(-1)?.value).toBeCloseTo(value!, 6);
      if (state === "complete") expect(metrics?.logLoss).toBe(value);
    }
    const run = await until(async () => {
      const found = await client.getRun({ params: { id: study.run! } });
      return found.finishedAt === null ? undefined : found;
    });
    expect(run).toMatchObject({
      status: "succeeded",
      label: "GradientBoostingClassifier (wine-boost)",
      target: "cultivar",
    });
    expect(run.pipeline.estimator.params).toMatchObject({ ...study.best?.params, maxDepth: 3 });
    // The run is trained and judged like any other of its pipeline and seed.
    const candidate = { pipeline: run.pipeline };
    const same = await trainAndWait(client, { dataset: "wine", target: "cultivar", candidate });
    expect(same.modelHash).toBe(run.modelHash);
    expect(await client.registerModel({ body: { name: "wine", run: run.id } })).toMatchObject({ version: 1 });
  });

  test("on folds judges by means, one report a fold", async () => {
    const study = await tuned({
      dataset: "diabetes",
      target: "progression",
      candidate: { estimator: "Ridge" },
      evaluation: { kind: "folds", folds: 4 },
      metric: "r2",
      sampler: { name: "grid", levels: 3 },
      pruner: { name: "none" },
    });
    // The grid has three points, fewer than the trials that were asked for.
    expect(study).toMatchObject({ name: "diabetes-1", status: "finished", counts: { complete: 3 }, better: "higher" });
    expect(study.best?.metrics?.r2).toBe(study.best?.value);
    const trials = await client.listTrials({ params: { name: "diabetes-1" } });
    for (const { reports, unit, total, value } of trials) {
      expect({ steps: reports.map(({ step }) => step), unit, total }).toEqual({
        steps: [1, 2, 3, 4],
        unit: "fold",
        total: 4,
      });
      expect(reports[3].value).toBeCloseTo(value!, 12);
    }
  });

  test("is the same again with one lane and the same seed", async () => {
    const body = { ...WINE, trials: 5, parallel: 1, seed: 7 };
    const names = [(await tuned(body)).name, (await tuned(body)).name];
    expect(names[0]).not.toBe(names[1]);
    const [one, other] = await Promise.all(names.map((name) => client.listTrials({ params: { name } })));
    const facts = (trials: typeof one) =>
      trials.map(({ params, state, value, reports }) => ({ params, state, value, reports }));
    expect(facts(other)).toEqual(facts(one));
  });

  test("tells its course as it goes, and goes on from any place in it", async () => {
    const { name } = await client.createStudy({ body: { ...WINE, trials: 6 } });
    const events: StudyEvent[] = [];
    for await (const event of client.watchStudy({ params: { name } })) events.push(event);
    expect(events.at(-1)?.study.status).toBe("finished");
    const states = new Map(events.flatMap(({ trials }) => trials.map((trial) => [trial.number, trial.state])));
    expect([...states.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 6 }, (_, i) => i));
    expect([...states.values()].filter((state) => state !== "complete" && state !== "pruned")).toEqual([]);
    const sequence = events.map(({ seq }) => seq);
    expect(sequence).toEqual([...new Set(sequence)].sort((a, b) => a - b));
    const again: StudyEvent[] = [];
    for await (const event of client.watchStudy({ params: { name }, query: { after: sequence[1] } })) again.push(event);
    expect(again[0].seq).toBeGreaterThan(sequence[1]);
    expect(again.at(-1)?.seq).toBe(sequence.at(-1));
    await expect(
      client
        .watchStudy({ params: { name: "none" } })
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("is stopped at once in the middle of a fit, resumed by name, and pays for what it used", async () => {
    const body: Body = {
      name: "long",
      dataset: "diabetes",
      target: "progression",
      candidate: { estimator: "RandomForestRegressor", params: { nEstimators: 500 } },
      trials: 2,
      parallel: 2,
    };
    await client.createStudy({ body });
    await expect(client.createStudy({ body })).rejects.toMatchObject({
      code: "CONFLICT",
      details: [{ field: "name" }],
    });
    await until(async () =>
      (await client.getStudy({ params: { name: "long" } })).counts.running > 0 ? true : undefined,
    );
    const stopped = await client.stopStudy({ params: { name: "long" } });
    expect(stopped).toMatchObject({ status: "stopped", counts: { running: 0 } });
    const params = (await client.listTrials({ params: { name: "long" } })).map((trial) => trial.params);
    const resumed = await client.resumeStudy({ params: { name: "long" }, body: {} });
    expect(resumed.status).toBe("running");
    const done = await ended("long");
    expect(done).toMatchObject({ status: "finished", counts: { complete: 2 } });
    const after = (await client.listTrials({ params: { name: "long" } })).map((trial) => trial.params);
    expect(after.slice(0, params.length)).toEqual(params);
    const usage = await client.usage({ query: { groupBy: "kind" } });
    expect(usage.rows.find(({ group }) => group === "train")?.cpuSeconds).toBeGreaterThan(0);
  });

  test("ends with its time limit", async () => {
    const study = await tuned({
      dataset: "diabetes",
      target: "progression",
      candidate: { estimator: "RandomForestRegressor", params: { nEstimators: 20_000 } },
      timeoutSeconds: 2,
    });
    expect(study).toMatchObject({ status: "failed", run: null, error: { code: "TIMEOUT" } });
    expect(study.error?.message).toContain("2 s");
  });

  test("goes on with the next trial when one cannot be fitted", async () => {
    const study = await tuned({
      dataset: "diabetes",
      target: "progression",
      candidate: { estimator: "GradientDescentRegressor", params: { method: "batch", epochs: 50 } },
      space: { learningRate: { type: "categorical", choices: [0.01, 1000] } },
      sampler: { name: "grid" },
    });
    expect(study).toMatchObject({ status: "finished", counts: { complete: 1, failed: 1 } });
    const failed = (await client.listTrials({ params: { name: study.name } })).find(({ state }) => state === "failed");
    expect(failed?.reason).toMatch(/diverge/i);
  });

  test("is seen by its own project and by roles that may", async () => {
    const { secret } = await client.createKey({ body: { name: "reader", role: "viewer" } });
    const headers = { authorization: `Bearer ${secret}` };
    expect((await server.send("/v1/studies", { headers })).status).toBe(200);
    const stop = await server.send("/v1/studies/long/stop", { headers, method: "POST" });
    expect(stop.status).toBe(403);
    expect((await server.send("/v1/studies/none")).status).toBe(404);
    const listed = await client.listStudies({ query: { dataset: "wine", status: "finished" } });
    expect(listed.map(({ name }) => name)).toContain("wine-boost");
  });
});
