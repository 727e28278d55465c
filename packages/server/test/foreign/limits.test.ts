// A model that wants too much harms itself only: it is refused at import, or its process ends and others go on.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../servers.ts";
import { hungryFile, lineFile } from "./onnx-files.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ taskMemoryMb: 600 });
}, 60_000);

afterAll(() => server?.destroy());

test("a model that needs more memory than a task may have is refused, and the next import goes well", {
  timeout: 120_000,
}, async () => {
  const { client } = server;
  // 4 GB of zeros.
  const refusal = client.importModel({ query: { name: "hungry" }, file: hungryFile(1_000_000_000) });
  await expect(refusal).rejects.toMatchObject({
    code: "INVALID_MODEL",
    message: expect.stringMatching(/needed more than its limit of 600 MB|trial with zeros failed/),
  });
  const version = await client.importModel({ query: { name: "line" }, file: lineFile() });
  expect(version.version).toBe(1);
  expect((await client.live()).status).toBe("ok");
});

test("a server that stops in the middle of calls ends the model's processes and nothing else fails", {
  timeout: 120_000,
}, async () => {
  const { client } = server;
  await client.deploy({ params: { name: "line" }, body: { model: "line" } });
  const body = { inputs: { x: [[1, 2, 3]] } };
  const calls = Array.from({ length: 20 }, () => client.predict({ params: { name: "line" }, body }));
  const answers = await Promise.all(calls);
  expect(answers).toHaveLength(20);
  await server.restart();
  const again = await server.client.predict({ params: { name: "line" }, body });
  expect(again).toMatchObject({ outputs: { y: [[3, 5, 7]] } });
});
