// Every wrong request gets one clear answer: status, code, what and where, the cure, the request id, and nothing else.
import { ERRORS, type ErrorCode } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ limits: { bodyBytes: 20_000, uploadBytes: 100_000, predictRows: 50, bodyMs: 400 } });
  const { client } = server;
  await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
  const run = await trainAndWait(client, {
    dataset: "iris",
    target: "species",
    candidate: { estimator: "DecisionTreeClassifier" },
  });
  await client.registerModel({ body: { name: "iris", run: run.id } });
  await client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
});
afterAll(() => server.destroy());

interface Refusal {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly code: ErrorCode;
  /** Parts of the message. */
  readonly says: readonly string[];
  /** The fields named in the details. */
  readonly fields?: readonly string[];
}

async function refused({ path, method = "POST", body, headers = {}, code, says, fields }: Refusal): Promise<void> {
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const response = await server.send(path, { method, body, headers: { ...type, ...headers } });
  const { error } = (await response.json()) as { error: Record<string, unknown> & { details?: { field: string }[] } };
  expect(error.code).toBe(code);
  expect(response.status).toBe(ERRORS[code].status);
  expect(error.cure).toBe(ERRORS[code].cure);
  expect(error.requestId).toBe(response.headers.get("x-request-id"));
  for (const part of says) expect(error.message).toContain(part);
  expect(JSON.stringify(error)).not.toMatch(/node_modules|\.ts:\d|at .*\(/);
  if (fields !== undefined) expect(error.details?.map(({ field }) => field)).toEqual(fields);
}

const PREDICT = "/v1/endpoints/iris/predict";
const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };
const rows = (...all: unknown[]) => JSON.stringify({ rows: all });

describe("bodies", () => {
  test.each([
    { name: "text that is not JSON", body: "carat=1", code: "INVALID_JSON", says: ["not valid JSON"] },
    { name: "an empty body", body: "", code: "INVALID_JSON", says: ["empty"] },
    {
      name: "NaN, which is not JSON",
      body: '{"rows":[{"sepal_length_cm":NaN}]}',
      code: "INVALID_JSON",
      says: ["JSON"],
    },
    { name: "a prototype key", body: '{"rows":[{"__proto__":{"a":1}}]}', code: "INVALID_JSON", says: ["__proto__"] },
    {
      name: "JSON nested deeply",
      body: "[".repeat(9000) + "]".repeat(9000),
      code: "INVALID_JSON",
      says: ["32 levels"],
    },
    { name: "no rows", body: rows(), code: "INVALID_REQUEST", says: ["rows", "at least one row"] },
    { name: "a list instead of an object", body: "[]", code: "INVALID_REQUEST", says: ["body"] },
    {
      name: "a nested value",
      body: rows({ ...ROW, sepal_length_cm: { a: 1 } }),
      code: "INVALID_REQUEST",
      says: ["rows[0].sepal_length_cm"],
    },
  ] as const)("$name is refused", ({ body, code, says }) => refused({ path: PREDICT, body, code, says }));

  test("a body over the limit is refused with the limit", () =>
    refused({ path: PREDICT, body: " ".repeat(20_001), code: "TOO_LARGE", says: ["20000"] }));

  test("another content type is refused", async () => {
    const headers = { "content-type": "text/plain" };
    await refused({
      path: PREDICT,
      body: "x",
      headers,
      code: "UNSUPPORTED_MEDIA_TYPE",
      says: ["application/json", "text/plain"],
    });
    const upload = "/v1/datasets?name=a&filename=a.csv";
    await refused({ path: upload, body: "{}", code: "UNSUPPORTED_MEDIA_TYPE", says: ["application/octet-stream"] });
  });
});

describe("rows", () => {
  const { sepal_width_cm: _, ...lacking } = ROW;
  test.each([
    {
      name: "an absent column",
      body: rows(ROW, lacking),
      fields: ["rows[1].sepal_width_cm"],
      says: ["sepal_width_cm"],
    },
    { name: "an unknown column", body: rows({ ...ROW, colour: "red" }), fields: ["rows[0].colour"], says: ["colour"] },
    {
      name: "a text for a number",
      body: rows({ ...ROW, petal_width_cm: "wide" }),
      fields: ["rows[0].petal_width_cm"],
      says: ["wide"],
    },
    {
      name: "infinity by overflow",
      body: `{"rows":[${JSON.stringify(ROW).replace("5.1", "1e999")}]}`,
      fields: undefined,
      says: ["sepal_length_cm"],
    },
  ])("$name is refused with its place", async ({ body, fields, says }) => {
    const code = fields === undefined ? "INVALID_REQUEST" : "INVALID_ROWS";
    await refused({ path: PREDICT, body, code, says, fields });
  });

  test("more rows than the limit are refused", () =>
    refused({ path: PREDICT, body: rows(...Array(51).fill({})), code: "TOO_LARGE", says: ["51 rows", "50"] }));
});

describe("keys", () => {
  test.each([
    { name: "no key", headers: { authorization: "" }, says: ["authorization"] },
    { name: "another scheme", headers: { authorization: "Basic abc" }, says: ["Bearer"] },
    { name: "a wrong key", headers: { authorization: "Bearer msf_wrong" }, says: ["wrong"] },
  ])("$name is refused", ({ headers, says }) =>
    refused({ path: "/v1/datasets", method: "GET", headers, code: "UNAUTHENTICATED", says }),
  );

  test("a role that is too low is refused with the role it takes, and a revoked key stops at once", async () => {
    const { client } = server;
    const { id, secret } = await client.createKey({ body: { name: "app", role: "predict" } });
    const headers = { authorization: `Bearer ${secret}` };
    const allowed = await server.send(PREDICT, {
      method: "POST",
      body: rows(ROW),
      headers: { ...headers, "content-type": "application/json" },
    });
    expect(allowed.status).toBe(200);
    await refused({ path: "/v1/datasets", method: "GET", headers, code: "FORBIDDEN", says: ["viewer", "predict"] });
    await refused({ path: "/v1/keys", method: "GET", headers, code: "FORBIDDEN", says: ["admin"] });
    await client.revokeKey({ params: { id } });
    await refused({ path: PREDICT, body: rows(ROW), headers, code: "UNAUTHENTICATED", says: ["revoked"] });
    const listed = (await client.listKeys()).find((key) => key.id === id);
    expect(listed?.revokedAt).not.toBeNull();
    expect(JSON.stringify(listed)).not.toContain(secret.slice(12));
  });

  test("a key cannot revoke itself", async () => {
    const { client } = server;
    const [own] = await client.listKeys();
    await expect(client.revokeKey({ params: { id: own.id } })).resolves.toBeDefined();
  });
});

describe("names", () => {
  test.each([
    ["GET", "/v1/datasets/nowhere", ["nowhere", "iris"]],
    ["GET", "/v1/datasets/iris/versions/9", ["version 9"]],
    ["GET", "/v1/models/nowhere", ["nowhere", "iris"]],
    ["GET", "/v1/models/iris/versions/9/file", ["version 9"]],
    ["GET", "/v1/endpoints/nowhere", ["nowhere", "iris"]],
    ["GET", "/v1/runs/run_1", ["run_1"]],
    ["GET", "/v1/runs/run_1/events", ["run_1"]],
    ["GET", "/v1/comparisons/cmp_1", ["cmp_1"]],
    ["POST", "/v1/runs/run_1/cancel", ["run_1"]],
    ["DELETE", "/v1/keys/key_1", ["key_1"]],
    ["GET", "/v1/dataset", ["/v1/dataset", "GET /v1/datasets"]],
    ["PUT", "/v1/datasets", ["GET", "POST", "PUT"]],
  ] as const)("%s %s says what there is instead", (method, path, says) =>
    refused({ path, method, code: "NOT_FOUND", says }),
  );

  test("a name that could not be a name is refused with the rule", () =>
    refused({ path: "/v1/datasets/..%2F..", method: "GET", code: "INVALID_REQUEST", says: ["name", "lower-case"] }));

  test("an unknown query parameter is refused", () =>
    refused({ path: "/v1/runs?limt=5", method: "GET", code: "INVALID_REQUEST", says: ["limt"], fields: ["limt"] }));
});

describe("training", () => {
  const ask = (change: object) =>
    JSON.stringify({
      dataset: "iris",
      target: "species",
      candidate: { estimator: "DecisionTreeClassifier" },
      ...change,
    });
  test.each([
    { name: "a target that is no column", change: { target: "spezies" }, code: "INVALID_TARGET", says: ["spezies"] },
    { name: "regression on classes", change: { task: "regression" }, code: "INVALID_TARGET", says: ["species"] },
    {
      name: "an unknown estimator",
      change: { candidate: { estimator: "DecisionTree" } },
      code: "INVALID_PIPELINE",
      says: ["DecisionTree", "did you mean"],
    },
    {
      name: "an estimator of the other task",
      change: { task: "classification", candidate: { estimator: "Ridge" } },
      code: "INVALID_PIPELINE",
      says: ["Ridge", "regression"],
    },
    {
      name: "an impossible parameter",
      change: { candidate: { estimator: "DecisionTreeClassifier", params: { maxDepth: -3 } } },
      code: "INVALID_PIPELINE",
      says: ["maxDepth", "-3"],
    },
    {
      name: "an unknown parameter",
      change: { candidate: { estimator: "DecisionTreeClassifier", params: { depth: 3 } } },
      code: "INVALID_PIPELINE",
      says: ["depth"],
    },
    {
      name: "both an estimator and a pipeline",
      change: { candidate: { estimator: "Ridge", pipeline: { steps: [], estimator: { type: "Ridge" } } } },
      code: "INVALID_REQUEST",
      says: ["candidate"],
    },
    {
      name: "an impossible split",
      change: { split: { kind: "holdout", testFraction: 1 } },
      code: "INVALID_REQUEST",
      says: ["split.testFraction"],
    },
    { name: "an unknown data set", change: { dataset: "irish" }, code: "NOT_FOUND", says: ["irish", "iris"] },
  ] as const)("$name is refused", ({ change, code, says }) =>
    refused({ path: "/v1/runs", body: ask(change), code, says }),
  );

  test.each([
    ["constant", "a,b\n1,x\n2,x\n3,x\n", "b", ["same value"]],
    ["all distinct text", "a,b\n1,x\n2,y\n3,z\n4,w\n", "b", ["different value in every row"]],
    ["without values", "a,b\n1,\n2,\n3,\n", "b", ["no values"]],
  ] as const)("a target %s is refused", async (_name, text, target, says) => {
    const { version, dataset } = await importAndWait(server.client, { name: "targets", file: Buffer.from(text) });
    const body = JSON.stringify({ dataset, version, target });
    await refused({ path: "/v1/comparisons", body, code: "INVALID_TARGET", says });
  });

  test("gradient descent that diverges fails with the reason and the cure", async () => {
    const pipeline = { steps: [], estimator: { type: "GradientDescentRegressor", params: { learningRate: 100 } } };
    await importAndWait(server.client, { name: "line", file: exampleFile("seed_line.csv") });
    const [x, y] = (await server.client.getDataset({ params: { name: "line" } })).columns ?? [];
    const run = await trainAndWait(server.client, {
      dataset: "line",
      target: y.name,
      candidate: { pipeline: { ...pipeline, features: [x.name] } },
    });
    expect(run).toMatchObject({ status: "failed", attempt: 1, error: { code: "DIVERGED" } });
    expect(run.error?.message).toMatch(/curvature.*learningRate/);
  });
});

describe("files", () => {
  test.each([
    ["ragged", "a,b\n1,2\n3\n4,5\n", "INVALID_FILE"],
    ["header only", "a,b\n", "INVALID_FILE"],
    ["binary", "\u0000\u0001\u0002PK\u0003\u0004\u0000\u0000".repeat(100), "INVALID_FILE"],
    ["with one column twice", "a,a\n1,2\n2,3\n", "INVALID_FILE"],
  ] as const)(
    "a %s file fails to import with the reason, and leaves no version to train on",
    async (name, text, code) => {
      const set = `bad-${name.split(" ")[0]}`;
      const version = await importAndWait(server.client, { name: set, file: Buffer.from(text) });
      expect(version).toMatchObject({ status: "failed", rows: null, hash: null, error: { code } });
      expect(version.error?.message).not.toMatch(/\/tmp|INTERNAL|node:/);
      await refused({
        path: "/v1/comparisons",
        body: JSON.stringify({ dataset: set, target: "a" }),
        code: "CONFLICT",
        says: ["failed", set],
      });
    },
  );

  const upload = (body: string) => ({
    path: "/v1/datasets?name=upload&filename=upload.csv",
    body,
    headers: { "content-type": "application/octet-stream" },
  });

  test("an empty file is refused at once", () =>
    refused({ ...upload(""), code: "INVALID_FILE", says: ["upload.csv", "empty"] }));

  test("a file over the limit is refused with the limit, and nothing of it is kept", async () => {
    await refused({ ...upload("a,b\n".repeat(30_000)), code: "TOO_LARGE", says: ["100000"] });
    await refused({ path: "/v1/datasets/upload", method: "GET", code: "NOT_FOUND", says: ["upload"] });
  });
});

describe("SQL", () => {
  test.each([
    ["delete from iris", []],
    ["select * from iris; select 1", []],
    ["select * from read_csv('/etc/passwd')", []],
    ["select nope from iris", ["nope"]],
  ] as const)("%s is refused", (sql, says) =>
    refused({ path: "/v1/sql", body: JSON.stringify({ sql }), code: "INVALID_SQL", says }),
  );
});
