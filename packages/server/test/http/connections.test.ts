// What happens on the wire below the routes: request ids, slow and broken callers, metrics, ports, the orderly stop.
import { connect } from "node:net";
import { ApiError, createClient } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "../../src/main.ts";
import { databaseOf } from "../databases.ts";
import { startTestServer, type TestServer } from "../servers.ts";
import { ENGINE, newHome } from "../stores.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ limits: { bodyMs: 300, stopMs: 2000 } });
});
afterAll(() => server.destroy());

/** Sends raw text, and more after a while, and gives what came back until the connection closed. */
function raw(...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => {
      for (const [i, part] of parts.entries()) setTimeout(() => socket.writable && socket.write(part), i * 50);
    });
    socket.setEncoding("utf8").on("data", (text) => {
      answer += text;
      if (answer.includes('"requestId"')) socket.end();
    });
    socket.on("close", () => resolve(answer)).on("error", reject);
  });
}

describe("requests", () => {
  test("a request id that is given comes back, one that could break a log does not", async () => {
    const given = await server.send("/healthz", { headers: { "x-request-id": "abc-123" } });
    expect(given.headers.get("x-request-id")).toBe("abc-123");
    const odd = await server.send("/healthz", { headers: { "x-request-id": 'a" evil' } });
    expect(odd.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
  });

  test("what is not HTTP gets an error of the usual shape", async () => {
    expect(await raw("this is not HTTP\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"INVALID_REQUEST"/);
  });

  test("headers without end are refused", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*16 KB/);
  });

  test("a body that does not arrive in time is refused with the limit", async () => {
    const head = `POST /v1/sql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.key}\r\n`;
    const answer = await raw(
      `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{"sql"`,
      ":",
      '"s',
      "e",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"TIMEOUT"[\s\S]*0\.3 s/);
  });

  test("an upload that breaks off leaves nothing", async () => {
    const { hostname, port } = new URL(server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = `POST /v1/datasets?name=torn&filename=torn.csv HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.key}\r\n`;
        socket.write(`${head}content-type: application/octet-stream\r\ncontent-length: 100000\r\n\r\na,b\n1,2\n`, () =>
          setTimeout(() => socket.destroy(), 100),
        );
      });
      socket.on("close", () => resolve());
    });
    const names = (await server.client.listDatasets()).map(({ name }) => name);
    expect(names).not.toContain("torn");
  });

  test("health says why, metrics count by route, neither needs a key", async () => {
    const anonymous = createClient({ url: server.url });
    const ready = await anonymous.ready();
    expect(ready).toMatchObject({ status: "ok" });
    const parts = ["server", "database", "files", "disk", "queue", "endpoints", "workers"];
    expect(ready.checks.map(({ name }) => name)).toEqual(parts);
    const text = await anonymous.metrics();
    expect(text).toMatch(/massif_http_requests_total\{method="GET",route="\/readyz",status="200"\} \d/);
    expect(text).toContain("massif_http_request_seconds_bucket");
    expect(text).toContain("massif_queue_jobs");
    expect(text).toContain("process_resident_memory_bytes");
  });

  test("the system and the catalogue describe themselves", async () => {
    const system = await server.client.system();
    expect(system).toMatchObject({
      database: ENGINE === "embedded" ? "pglite" : "postgres",
      home: server.home,
      node: process.version,
    });
    expect(system.startupSeconds).toBeGreaterThan(0);
    const catalogue = await server.client.catalogue();
    const forest = catalogue.find(({ name }) => name === "RandomForestRegressor");
    expect(forest).toMatchObject({ kind: "estimator", task: "regression" });
    expect(forest?.params.nEstimators.allowed).toContain("whole number");
  });
});

describe("starting", () => {
  test("a second server on the port is told who has it, and leaves nothing open", async () => {
    const home = await newHome();
    const databaseUrl = await databaseOf(home);
    const port = Number(new URL(server.url).port);
    const failed = startServer({ home, databaseUrl, port, logLevel: "silent" });
    await expect(failed).rejects.toMatchObject({ code: "PORT_IN_USE" });
    await expect(failed).rejects.toThrow(`port ${port} on 127.0.0.1 is in use by a Massif server (pid ${process.pid})`);
    const other = await startServer({ home, databaseUrl, port: 0, logLevel: "silent" });
    await other.stop();
  });

  test.runIf(ENGINE === "embedded")("a second server on the home is told who has it", async () => {
    const failed = startServer({ home: server.home, port: 0, logLevel: "silent" });
    await expect(failed).rejects.toBeInstanceOf(ApiError);
    await expect(failed).rejects.toMatchObject({ code: "HOME_LOCKED" });
  });

  test("the admin key is told at the first start only", async () => {
    const home = await newHome();
    const databaseUrl = await databaseOf(home);
    const first = await startServer({ home, databaseUrl, port: 0, logLevel: "silent" });
    expect(first.adminKey).toMatch(/^msf_[0-9A-Za-z]{43}$/);
    await first.stop();
    const second = await startServer({ home, databaseUrl, port: 0, logLevel: "silent" });
    expect(second.adminKey).toBeUndefined();
    await expect(createClient({ url: second.url, key: first.adminKey }).listDatasets()).resolves.toEqual([]);
    await second.stop();
  });
});
