// The commands for canaries, roll-backs and settings: on the built command line against a real server, and their texts.
import type { Endpoint, EndpointTraffic, Run, ServingPolicy } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { servingText } from "../src/serving-view.ts";
import { exampleData, startTestServer, type TestServer } from "./cli-process.ts";
import { sampleSession } from "./sample-session.ts";

describe("on a server", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
    await server.json(["data", "import", exampleData("iris.csv")]);
    const train = ["train", "iris", "--target", "species", "--estimator", "DecisionTreeClassifier"];
    const run = await server.json<Run>([...train, "--register", "iris"]);
    await server.json(["models", "register", run.id, "--name", "iris"]);
    await server.json(["deploy", "iris@1"]);
  });
  afterAll(() => server.stop());

  test("a canary is deployed, shared, promoted and taken back", async () => {
    const shares = ({ variants }: Endpoint) => variants.map(({ version, weight }) => [version, weight]);
    const canary = await server.json<Endpoint>(["deploy", "iris@2", "--weight", "10"]);
    expect(shares(canary)).toEqual([
      [1, 90],
      [2, 10],
    ]);
    const even = await server.json<Endpoint>(["endpoints", "set-weights", "iris", "1=50", "iris@2=50"]);
    expect(shares(even)).toEqual([
      [1, 50],
      [2, 50],
    ]);
    expect(shares(await server.json<Endpoint>(["endpoints", "promote", "iris", "2"]))).toEqual([[2, 100]]);
    const back = await server.run(["endpoints", "rollback", "iris"]);
    expect(back.stdout).toMatch(/traffic +iris@1 50 %, iris@2 50 %\nbefore +iris@2 100 %/);
    const shown = await server.run(["endpoints", "show", "iris"]);
    expect(shown.stdout).toMatch(/variant +weight +placement +replicas[\s\S]*iris@1 +50 % +inline/);
  });

  test("settings are shown and changed", async () => {
    const args = [
      "endpoints",
      "policy",
      "iris",
      "--min",
      "0",
      "--max",
      "3",
      "--set",
      "queueLimit=7",
      "--set",
      "sloMs=none",
    ];
    const policy = await server.json<ServingPolicy>(args);
    expect(policy).toMatchObject({ minReplicas: 0, maxReplicas: 3, queueLimit: 7, sloMs: null });
    expect((await server.run(["endpoints", "policy", "iris"])).stdout).toMatch(/maxReplicas +3\n/);
  });

  test.each([
    [
      ["endpoints", "policy", "iris", "--min", "5", "--max", "2"],
      /`minReplicas` must not be above `maxReplicas` \(2\)/,
    ],
    [["endpoints", "policy", "iris", "--set", "colour=red"], /no setting colour/],
    [["endpoints", "policy", "iris", "--set", "queueLimit=0"], /queueLimit/],
    [["endpoints", "set-weights", "iris", "1=60"], /add up to 100/],
    [["endpoints", "set-weights", "iris", "one"], /VERSION=PERCENT/],
    [["endpoints", "promote", "iris", "latest"], /MODEL@VERSION/],
    [["endpoints", "promote", "iris", "9"], /no variant/],
    [["deploy", "iris@2", "--weight", "0"], /whole number from 1 to 100/],
  ])("%j is refused with what is wrong", async (args, message) => {
    const { code, stderr } = await server.run(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

test("traffic is summed over the last minutes, with the latest latencies", () => {
  const point = { errors: 1, replicas: 2, queued: 0, inFlight: 1, batchRows: 8, batchRequests: 4 };
  const quantiles = { p50: 1.5, p95: 20, p99: 2000 };
  const at = "2026-11-23T10:00:00.000Z";
  const traffic: EndpointTraffic = {
    endpoint: "shop",
    bucketSeconds: 10,
    points: [
      { ...point, ...quantiles, at, requests: 1000, rows: 2000 },
      { ...point, at, requests: 0, rows: 0, p50: null, p95: null, p99: null, batchRows: null, batchRequests: null },
    ],
    now: { variants: [], coldStarts: 2, lastColdStartSeconds: 0.123 },
  };
  const text = servingText(traffic, sampleSession());
  expect(text).toContain("1,000 requests, 2,000 rows, 2 errors");
  expect(text).toContain("p50 1.5 ms, p95 20 ms, p99 2.00 s");
  expect(text).toContain("4 requests together");
  expect(text).toContain("2, the last took 0.12 s");
});
