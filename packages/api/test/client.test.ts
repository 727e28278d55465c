import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ApiError, createClient, predictionsOf } from "../src/index.ts";

let server: Server | undefined;

afterEach(() => server?.close());

/** A server that answers every request with `status` and `body` and keeps what it was asked. */
async function answering(status: number, body: string, type = "application/json") {
  const asked: { request: IncomingMessage; body: string }[] = [];
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    asked.push({ request, body: Buffer.concat(chunks).toString() });
    response.writeHead(status, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, client: createClient({ url, key: "msf_secret" }) };
}

test("path parameters, query, body and key travel as the route says", async () => {
  const { asked, client } = await answering(200, JSON.stringify({ predictions: [1] }));
  const answer = await client.predict({ params: { name: "a b" }, body: { rows: [{ x: 1 }] }, requestId: "r1" });
  expect(predictionsOf(answer)).toEqual([1]);
  const { request, body } = asked[0];
  expect([request.method, request.url]).toEqual(["POST", "/v1/endpoints/a%20b/predict"]);
  expect([request.headers.authorization, request.headers["x-request-id"]]).toEqual(["Bearer msf_secret", "r1"]);
  expect(JSON.parse(body)).toEqual({ rows: [{ x: 1 }] });
});

test("a file travels as raw bytes, and absent query values are left out", async () => {
  const { asked, client } = await answering(202, "{}");
  await client.importDataset({
    query: { name: "a", filename: "a.csv", format: undefined },
    file: new Uint8Array([65, 66]),
  });
  expect(asked[0].request.url).toBe("/v1/datasets?name=a&filename=a.csv");
  expect(asked[0].body).toBe("AB");
});

test("an error body becomes an ApiError with code, details and request id", async () => {
  const error = {
    code: "INVALID_ROWS",
    message: "row 0",
    cure: "c",
    requestId: "r9",
    details: [{ field: "x", problem: "missing" }],
  };
  const { client } = await answering(422, JSON.stringify({ error }));
  const failure = await client.live().catch((caught: unknown) => caught);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ code: "INVALID_ROWS", message: "row 0", requestId: "r9", details: error.details });
});

test("an answer that is no Massif error says so instead of guessing", async () => {
  const { client } = await answering(502, "<html>bad gateway</html>", "text/html");
  await expect(client.live()).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining("502") });
});

test("no server gives SERVER_UNREACHABLE with the address", async () => {
  const client = createClient({ url: "http://127.0.0.1:9" });
  await expect(client.live()).rejects.toMatchObject({
    code: "SERVER_UNREACHABLE",
    message: expect.stringContaining(":9"),
  });
});

test("events arrive one by one, without comments and whatever the chunk borders", async () => {
  const stream = 'retry: 1\n\ndata: {"seq":1}\n\n: heartbeat\n\nid: 2\ndata: {"seq":2}\n\n';
  const { client } = await answering(200, stream, "text/event-stream");
  const seen: number[] = [];
  for await (const event of client.watchRun({ params: { id: "run_1" } })) seen.push(event.seq);
  expect(seen).toEqual([1, 2]);
});
