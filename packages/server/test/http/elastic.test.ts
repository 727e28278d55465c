// Elastic serving through real HTTP: constant load while versions change and replicas come and go, without one failed
// request; canaries and roll-backs; requests that find no replica; replicas that are killed.
import { readFileSync } from "node:fs";
import type { ServingPolicyRequest } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;
const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };
/** Short enough for a test; the rules are the same. */
const SHORT: ServingPolicyRequest = {
  tickSeconds: 0.2,
  stableWindowSeconds: 1,
  panicWindowSeconds: 1,
  scaleToZeroGraceSeconds: 0,
  keepPreviousSeconds: 60,
};

beforeAll(async () => {
  server = await startTestServer();
  const { client } = server;
  await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
  for (const maxDepth of [1, 4]) {
    const candidate = { estimator: "DecisionTreeClassifier", params: { maxDepth } };
    const run = await trainAndWait(client, { dataset: "iris", target: "species", candidate });
    await client.registerModel({ body: { name: "iris", run: run.id } });
  }
});
afterAll(() => server.destroy());

function deploy(name: string, body: { version?: number; weight?: number; policy?: ServingPolicyRequest }) {
  return server.client.deploy({ params: { name }, body: { model: "iris", ...body } });
}

async function call(name: string): Promise<number> {
  const { model } = await server.client.predict({ params: { name }, body: { rows: [ROW] } });
  return model.version;
}

async function replicas(name: string): Promise<number> {
  const { now } = await server.client.getEndpointTraffic({ params: { name } });
  return now.variants.reduce((sum, { ready }) => sum + ready, 0);
}

/** Calls from `count` callers, one after the other each, until `stop`. */
function constantLoad(
  name: string,
  count: number,
): { stop(): Promise<{ calls: number; versions: Set<number>; failures: unknown[] }> } {
  let going = true;
  let calls = 0;
  const versions = new Set<number>();
  const failures: unknown[] = [];
  const callers = Array.from({ length: count }, async () => {
    while (going) {
      calls++;
      await call(name).then(
        (version) => versions.add(version),
        (error) => failures.push(error),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  return {
    async stop() {
      going = false;
      await Promise.all(callers);
      return { calls, versions, failures };
    },
  };
}

/** The processes that this one has started. */
function children(): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

describe("constant load", () => {
  test.each(["inline", "worker"] as const)("through ten version changes fails not once, %s", async (placement) => {
    const name = `changes-${placement}`;
    await deploy(name, { version: 1, policy: { ...SHORT, placement, maxReplicas: 2 } });
    const load = constantLoad(name, 3);
    for (let change = 0; change < 10; change++) {
      if (change === 4) await deploy(name, { version: 1, weight: 50 });
      else if (change === 7) await server.client.rollback({ params: { name } });
      else await deploy(name, { version: 1 + ((change + 1) % 2) });
      await call(name);
    }
    const { calls, versions, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(10);
    expect([...versions].sort()).toEqual([1, 2]);
  });

  test("through five cycles to zero and back fails not once", async () => {
    const policy = { ...SHORT, placement: "worker" as const, minReplicas: 0, maxReplicas: 2 };
    await deploy("cycles", { version: 2, policy });
    for (let cycle = 0; cycle < 5; cycle++) {
      await until(async () => ((await replicas("cycles")) === 0 ? true : undefined));
      const load = constantLoad("cycles", 4);
      await until(async () => ((await replicas("cycles")) > 0 ? true : undefined));
      const { failures } = await load.stop();
      expect(failures).toEqual([]);
    }
    const { now } = await server.client.getEndpointTraffic({ params: { name: "cycles" } });
    expect(now.coldStarts).toBe(5);
    expect(now.lastColdStartSeconds).toBeGreaterThan(0);
  });

  test("over killed processes fails not once: what was under way is asked again", async () => {
    const before = new Set(children());
    const policy = { ...SHORT, placement: "process" as const, minReplicas: 2, maxReplicas: 2 };
    await deploy("killed", { version: 2, policy });
    await until(async () => ((await replicas("killed")) === 2 ? true : undefined));
    const load = constantLoad("killed", 4);
    for (let kill = 0; kill < 3; kill++) {
      const [pid] = await until(() => {
        const own = children().filter((one) => !before.has(one));
        return own.length === 2 ? own : undefined;
      });
      process.kill(pid, "SIGKILL");
      await until(async () => ((await replicas("killed")) < 2 ? true : undefined)).catch(() => undefined);
      await until(async () => ((await replicas("killed")) === 2 ? true : undefined));
    }
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
    await server.client.stopEndpoint({ params: { name: "killed" } });
    await until(() => (children().every((one) => before.has(one)) ? true : undefined));
  });
});

describe("variants", () => {
  test("a canary gets its share, weights move it, and promotion ends it", async () => {
    const { client } = server;
    const params = { name: "canary" };
    await deploy("canary", { version: 1 });
    expect((await deploy("canary", { version: 2, weight: 10 })).variants).toEqual([
      { model: "iris", version: 1, weight: 90 },
      { model: "iris", version: 2, weight: 10 },
    ]);
    const answered = { 1: 0, 2: 0 } as Record<number, number>;
    for (let i = 0; i < 300; i++) answered[await call("canary")]++;
    // Seven standard deviations of a binomial share of 10 % of 300.
    expect(answered[2]).toBeGreaterThan(0);
    expect(answered[2]).toBeLessThan(70);
    await client.setWeights({ params, body: { weights: { 1: 0, "iris@2": 100 } } });
    expect(await call("canary")).toBe(2);
    const promoted = await client.promote({ params, body: {} });
    expect(promoted.variants).toEqual([{ model: "iris", version: 2, weight: 100 }]);
    expect(promoted.previous).toHaveLength(2);
  });

  test("a roll-back goes to the deployment before, whose replicas are still there, and forward again", async () => {
    const { client } = server;
    const params = { name: "back" };
    await deploy("back", { version: 1, policy: { ...SHORT, placement: "worker" } });
    await expect(client.rollback({ params })).rejects.toMatchObject({ code: "CONFLICT" });
    await deploy("back", { version: 2 });
    expect((await client.rollback({ params })).version).toBe(1);
    expect(await call("back")).toBe(1);
    expect((await client.rollback({ params })).version).toBe(2);
    const audit = await client.audit();
    expect(
      audit.filter(({ action, detail }) => action === "endpoints.rollback" && detail.endpoint === "back"),
    ).toHaveLength(2);
  });

  test("a model with other inputs is refused as a variant, and weights that make no sense with what is wrong", async () => {
    const { client } = server;
    const params = { name: "odd" };
    await deploy("odd", { version: 1 });
    await importAndWait(client, { name: "penguins", file: exampleFile("penguins.csv") });
    const candidate = { estimator: "DecisionTreeClassifier" };
    const run = await trainAndWait(client, { dataset: "penguins", target: "species", candidate });
    await client.registerModel({ body: { name: "penguins", run: run.id } });
    const other = client.deploy({ params, body: { model: "penguins", weight: 10 } });
    await expect(other).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("inputs differ") });
    const weights = (given: Record<string, number>) => client.setWeights({ params, body: { weights: given } });
    await expect(weights({ 1: 90 })).rejects.toThrow("add up to 100");
    await expect(weights({ 7: 100 })).rejects.toThrow("iris@1");
    await expect(client.promote({ params, body: { version: 9 } })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await call("odd")).toBe(1);
  });
});

describe("settings", () => {
  test.each([
    { policy: { minReplicas: 3, maxReplicas: 2 }, field: "minReplicas" },
    { policy: { panicWindowSeconds: 90 }, field: "panicWindowSeconds" },
    { policy: { preferredBatchSizes: [128] }, field: "preferredBatchSizes" },
    { policy: { maxQueueDelayMs: 200, sloMs: 100 }, field: "maxQueueDelayMs" },
    { policy: { targetConcurrency: 0 }, field: "policy.targetConcurrency" },
    { policy: { maxReplicas: 0 }, field: "policy.maxReplicas" },
  ])("that make no sense are refused: $policy", async ({ policy, field }) => {
    const refused = await deploy("senseless", { version: 1, policy }).catch((error) => error);
    expect(refused).toMatchObject({ code: "INVALID_REQUEST", details: [{ field }] });
    await expect(server.client.getEndpoint({ params: { name: "senseless" } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("are kept from one deployment to the next and over a restart", async () => {
    const { client } = server;
    await deploy("kept", { version: 1, policy: { minReplicas: 0, targetConcurrency: 3 } });
    await client.setServingPolicy({ params: { name: "kept" }, body: { maxReplicas: 1 } });
    await deploy("kept", { version: 2 });
    const expected = { minReplicas: 0, targetConcurrency: 3, maxReplicas: 1, stableWindowSeconds: 60 };
    expect((await client.getEndpoint({ params: { name: "kept" } })).policy).toMatchObject(expected);
    await server.restart();
    expect((await server.client.getEndpoint({ params: { name: "kept" } })).policy).toMatchObject(expected);
    expect(await replicas("kept")).toBe(0);
    expect(await call("kept")).toBe(2);
  });
});

describe("too much", () => {
  test("is refused with the place, the reason and when to come back; what waits is answered", async () => {
    const policy = { ...SHORT, placement: "process" as const, minReplicas: 0, maxReplicas: 1, queueLimit: 3 };
    await deploy("busy", { version: 1, policy });
    await until(async () => ((await replicas("busy")) === 0 ? true : undefined));
    const calls = await Promise.allSettled(
      Array.from({ length: 8 }, () => server.send("/v1/endpoints/busy/predict", predictRequest())),
    );
    const answers = calls.map((one) => (one.status === "fulfilled" ? one.value : undefined));
    const refused = answers.find((answer) => answer?.status === 503) as Response;
    expect(answers.filter((answer) => answer?.status === 200).length).toBeGreaterThanOrEqual(3);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const { error } = (await refused.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("OVERLOADED");
    expect(error.message).toContain("queueLimit 3");
    expect(error.message).toContain("replica");
  });
});

test("the metrics tell replicas, queues, batches and cold starts", async () => {
  const text = await (await server.send("/metrics")).text();
  for (const name of [
    "replicas_ready",
    "autoscaler_desired",
    "autoscaler_panic",
    "requests_queued",
    "batch_rows_bucket",
    "cold_starts_total",
  ]) {
    expect(text).toMatch(new RegExp(`^massif_${name}\\{`, "m"));
  }
});

// Internal

function predictRequest(): RequestInit {
  return { method: "POST", body: JSON.stringify({ rows: [ROW] }), headers: { "content-type": "application/json" } };
}
