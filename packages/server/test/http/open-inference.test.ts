// Conformance with the Open Inference Protocol v2 over REST, written from its specification (inference_rest.md):
// every address, the fields of every answer, flat and nested data, and errors in its own shape.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ limits: { predictRows: 50 } });
  const { client } = server;
  await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
  await importAndWait(client, { name: "penguins", file: exampleFile("penguins.csv") });
  const candidate = { estimator: "DecisionTreeClassifier" };
  const iris = await trainAndWait(client, { dataset: "iris", target: "species", candidate });
  const mass = await trainAndWait(client, {
    dataset: "penguins",
    target: "body_mass_g",
    candidate: { estimator: "GradientBoostingRegressor", params: { nEstimators: 10 } },
  });
  await client.registerModel({ body: { name: "iris", run: iris.id } });
  await client.registerModel({ body: { name: "mass", run: mass.id } });
  await client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
  await client.deploy({ params: { name: "mass" }, body: { model: "mass" } });
});
afterAll(() => server.destroy());

const COLUMNS = ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"] as const;
const FLOWERS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.3, 3.3, 6.0, 2.5],
];

type Json = Record<string, unknown>;

async function ask(path: string, body?: unknown): Promise<{ status: number; json: Json; response: Response }> {
  const request =
    body === undefined
      ? {}
      : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await server.send(path, request);
  return { status: response.status, json: (await response.json()) as Json, response };
}

function inputs(change: Json = {}): Json[] {
  return COLUMNS.map((name, column) => ({
    name,
    shape: [2],
    datatype: "FP64",
    data: FLOWERS.map((flower) => flower[column]),
    ...change,
  }));
}

describe("the server", () => {
  test("says its name, version and extensions without a key", async () => {
    const response = await fetch(`${server.url}/v2`);
    expect(await response.json()).toEqual({ name: "massif", version: expect.stringMatching(/^\d/), extensions: [] });
  });

  test("says that it is alive and ready, under both spellings", async () => {
    expect(await (await fetch(`${server.url}/v2/health/live`)).json()).toEqual({ live: true });
    expect(await (await fetch(`${server.url}/v2/health/ready`)).json()).toEqual({ live: true, ready: true });
  });

  test("lists its models", async () => {
    expect((await ask("/v2/models")).json).toEqual({ models: ["iris", "mass"] });
  });
});

describe("a model", () => {
  test.each(["/v2/models/iris", "/v2/models/iris/versions/1"])("tells its inputs and outputs at %s", async (path) => {
    const { json } = await ask(path);
    expect(json).toEqual({
      name: "iris",
      versions: ["1"],
      platform: "massif",
      inputs: COLUMNS.map((name) => ({ name, datatype: "FP64", shape: [-1] })),
      outputs: [
        { name: "species", datatype: "BYTES", shape: [-1] },
        { name: "probabilities", datatype: "FP64", shape: [-1, 3] },
      ],
    });
  });

  test("has BYTES for categories", async () => {
    const { json } = await ask("/v2/models/mass");
    expect(json.inputs).toContainEqual({ name: "island", datatype: "BYTES", shape: [-1] });
    expect(json.outputs).toEqual([{ name: "body_mass_g", datatype: "FP64", shape: [-1] }]);
  });

  test.each(["/v2/models/iris/ready", "/v2/models/iris/versions/1/ready"])("is ready at %s", async (path) => {
    expect((await ask(path)).json).toEqual({ name: "iris", ready: true });
  });

  test("that is stopped is not ready, and one that is not there is not found", async () => {
    const { client } = server;
    await client.deploy({ params: { name: "spare" }, body: { model: "iris" } });
    await client.stopEndpoint({ params: { name: "spare" } });
    expect((await ask("/v2/models/spare/ready")).json).toEqual({ name: "spare", ready: false });
    expect((await ask("/v2/models/nobody/ready")).status).toBe(404);
    expect((await ask("/v2/models/iris/versions/9/ready")).status).toBe(404);
  });
});

describe("inference", () => {
  test("answers what the native way answers, with the id, the name and the version", async () => {
    const rows = FLOWERS.map((flower) => Object.fromEntries(COLUMNS.map((name, i) => [name, flower[i]])));
    const native = await server.client.predict({ params: { name: "iris" }, body: { rows } });
    if (!("predictions" in native)) throw new Error("no rows");
    const { json, response } = await ask("/v2/models/iris/infer", { id: "a-1", inputs: inputs() });
    const [species, probabilities] = json.outputs as Json[];
    expect(json).toMatchObject({ model_name: "iris", model_version: "1", id: "a-1" });
    const all = native.predictions as { class: string; probabilities: Record<string, number> }[];
    expect(species).toEqual({ name: "species", datatype: "BYTES", shape: [2], data: all.map((one) => one.class) });
    expect(probabilities).toMatchObject({ name: "probabilities", datatype: "FP64", shape: [2, 3] });
    const { classes } = (probabilities as { parameters: { classes: string } }).parameters;
    const order = JSON.parse(classes) as string[];
    expect(probabilities.data).toEqual(all.flatMap((one) => order.map((name) => one.probabilities[name])));
    expect(response.headers.get("x-massif-model")).toBe("iris@1");
  });

  test("takes data flat or nested, as [n] or [n, 1], in any number type, and answers the same", async () => {
    const flat = await ask("/v2/models/iris/infer", { inputs: inputs() });
    const column = await ask("/v2/models/iris/infer", { inputs: inputs({ shape: [2, 1] }) });
    const nested = await ask("/v2/models/iris/versions/1/infer", {
      inputs: inputs().map((input) => ({
        ...input,
        shape: [2, 1],
        data: (input.data as number[]).map((value) => [value]),
      })),
    });
    const single = await ask("/v2/models/iris/infer", { inputs: inputs({ datatype: "FP32" }) });
    for (const { status, json } of [column, nested, single]) {
      expect(status).toBe(200);
      expect(json.outputs).toEqual(flat.json.outputs);
    }
    expect(flat.json).not.toHaveProperty("id");
  });

  test("answers the outputs asked for, in their order", async () => {
    const { json } = await ask("/v2/models/iris/infer", { inputs: inputs(), outputs: [{ name: "probabilities" }] });
    expect((json.outputs as Json[]).map(({ name }) => name)).toEqual(["probabilities"]);
  });

  test("takes texts, and null for what is missing", async () => {
    const { inputs: columns } = (await server.client.getEndpoint({ params: { name: "mass" } })).signature;
    const rows = [0, 1].map((i) =>
      Object.fromEntries(
        columns.map((one) => [one.name, i === 1 || !("example" in one) ? null : (one.example ?? null)]),
      ),
    );
    const native = await server.client.predict({ params: { name: "mass" }, body: { rows } });
    const given = columns.map((one) => ({
      name: one.name,
      shape: [2],
      datatype: "kind" in one && one.kind === "number" ? "FP64" : "BYTES",
      data: rows.map((row) => row[one.name]),
    }));
    const { json } = await ask("/v2/models/mass/infer", { inputs: given });
    expect(json.outputs).toEqual([
      { name: "body_mass_g", datatype: "FP64", shape: [2], data: "predictions" in native ? native.predictions : [] },
    ]);
  });

  test("is counted and paid for like any prediction", async () => {
    const { response } = await ask("/v2/models/iris/infer", { inputs: inputs() });
    expect(response.headers.get("x-massif-cost")).toMatch(/^\S+ USD$/);
    const traffic = await server.client.getEndpointTraffic({ params: { name: "iris" } });
    expect(traffic.points.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(2);
  });
});

describe("an error", () => {
  test.each([
    {
      what: "an unknown model",
      path: "/v2/models/nobody/infer",
      body: { inputs: inputs() },
      status: 404,
      says: "nobody",
    },
    {
      what: "an unknown version",
      path: "/v2/models/iris/versions/7/infer",
      body: { inputs: inputs() },
      status: 404,
      says: "version 7",
    },
    { what: "an unknown address", path: "/v2/nothing", body: {}, status: 404, says: "no route" },
    { what: "no inputs", body: { inputs: [] }, status: 400, says: "at least one input" },
    { what: "an unknown datatype", body: { inputs: inputs({ datatype: "FP80" }) }, status: 400, says: "datatype" },
    { what: "a missing column", body: { inputs: inputs().slice(1) }, status: 422, says: "sepal_length_cm" },
    {
      what: "an unknown column",
      body: { inputs: [...inputs(), { ...inputs()[0], name: "x" }] },
      status: 422,
      says: "`x`",
    },
    { what: "a column twice", body: { inputs: [...inputs(), inputs()[0]] }, status: 422, says: "twice" },
    { what: "text for a number", body: { inputs: inputs({ datatype: "BYTES" }) }, status: 422, says: "number type" },
    { what: "data that is no number", body: { inputs: inputs({ data: ["a", 1] }) }, status: 422, says: "data[0]" },
    { what: "fewer elements than the shape", body: { inputs: inputs({ shape: [3] }) }, status: 422, says: "[3]" },
    { what: "a shape that is no column", body: { inputs: inputs({ shape: [1, 2] }) }, status: 422, says: "[n, 1]" },
    {
      what: "columns of different lengths",
      body: { inputs: [{ ...inputs()[0], shape: [1], data: [1] }, ...inputs().slice(1)] },
      status: 422,
      says: "rows",
    },
    { what: "no row", body: { inputs: inputs({ shape: [0], data: [] }) }, status: 422, says: "no row" },
    {
      what: "too many rows",
      body: { inputs: inputs({ shape: [51], data: Array(51).fill(1) }) },
      status: 413,
      says: "limit of 50",
    },
    { what: "an unknown output", body: { inputs: inputs(), outputs: [{ name: "y" }] }, status: 422, says: '"y"' },
  ])("for $what is text under `error`, with its status", async ({ path, body, status, says }) => {
    const answer = await ask(path ?? "/v2/models/iris/infer", body);
    expect(answer.json).toEqual({ error: expect.stringContaining(says) });
    expect(answer.status).toBe(status);
  });

  test("for a missing key is text too, and the typed client still knows its code", async () => {
    const response = await fetch(`${server.url}/v2/models`, { headers: {} });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: expect.any(String) });
    await expect(server.client.inferenceModel({ params: { name: "nobody" } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
