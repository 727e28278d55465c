// Answers for thin lines: compressed when asked for and large enough, plain otherwise, and counted as they went out.
import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";

let server: TestServer;
const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };

beforeAll(async () => {
  server = await startTestServer();
  const { client } = server;
  await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
  const candidate = { estimator: "DecisionTreeClassifier" };
  const run = await trainAndWait(client, { dataset: "iris", target: "species", candidate });
  await client.registerModel({ body: { name: "iris", run: run.id } });
  await client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
});
afterAll(() => server.destroy());

/** An answer as it came, without unpacking. */
function raw(rows: number, encoding: string): Promise<{ encoding: string | undefined; bytes: Buffer }> {
  const body = JSON.stringify({ rows: Array.from({ length: rows }, () => ROW) });
  const headers = {
    authorization: `Bearer ${server.key}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "accept-encoding": encoding,
  };
  return new Promise((resolve, reject) => {
    const sending = request(
      `${server.url}/v1/endpoints/iris/predict`,
      { method: "POST", headers },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ encoding: response.headers["content-encoding"], bytes: Buffer.concat(chunks) });
      },
    );
    sending.on("error", reject);
    sending.end(body);
  });
}

async function bytesOut(): Promise<number> {
  const { total } = await server.client.usage({ query: { groupBy: "kind" } });
  return total.bytesOut;
}

/** What is counted when the requests before are in it: usage is written once a second. */
async function settledBytesOut(): Promise<number> {
  for (let last = await bytesOut(); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const now = await bytesOut();
    if (now === last) return now;
    last = now;
  }
}

test.each([
  ["gzip", gunzipSync],
  ["br", brotliDecompressSync],
] as const)("many predictions come as %s when asked for, and hold the same", async (encoding, unpack) => {
  const plain = await raw(500, "identity");
  const packed = await raw(500, encoding);
  expect(plain.encoding).toBeUndefined();
  expect(packed.encoding).toBe(encoding);
  const predictions = (bytes: Buffer) => (JSON.parse(bytes.toString()) as { predictions: unknown[] }).predictions;
  expect(predictions(unpack(packed.bytes))).toEqual(predictions(plain.bytes));
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 10);
});

test("a single prediction stays plain", async () => {
  expect((await raw(1, "gzip, br")).encoding).toBeUndefined();
});

test.each([500, 60_000])("what went out is counted as it went out, for %i rows", async (rows) => {
  const before = await settledBytesOut();
  const { bytes } = await raw(rows, "gzip");
  const after = await until(async () => {
    const now = await bytesOut();
    return now > before ? now : undefined;
  });
  expect(after - before).toBeGreaterThanOrEqual(bytes.length);
  // Headers and chunk marks may be counted where the length is not known before.
  expect(after - before).toBeLessThan(bytes.length + 4096);
});
