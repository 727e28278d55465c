// Models that other libraries' converters wrote: imported, deployed and called, they answer what their own library does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TensorsAnswer } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../servers.ts";

interface Case {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const FOLDER = join(import.meta.dirname, "exported");
const { cases } = JSON.parse(readFileSync(join(FOLDER, "reference.json"), "utf8")) as {
  readonly cases: Readonly<Record<string, Case>>;
};

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 60_000);

afterAll(() => server?.destroy());

test.each(Object.entries(cases))("%s answers as its own library does", { timeout: 60_000 }, async (name, wanted) => {
  const { client } = server;
  const file = readFileSync(join(FOLDER, `${name}.onnx`));
  const version = await client.importModel({ query: { name }, file });
  expect(version.signature).toMatchObject({ task: "tensors" });
  // A list of maps is no tensor: it is left out, and the note says how to have it.
  const zipmap = expect.stringContaining("zipmap");
  expect(version.notes).toEqual(name === "sklearn-zipmap" ? [zipmap] : []);
  await client.deploy({ params: { name }, body: { model: name } });
  const body = { inputs: wanted.inputs } as Parameters<typeof client.predict>[0]["body"];
  const { outputs } = (await client.predict({ params: { name }, body })) as TensorsAnswer;
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(wanted.outputs).sort());
  for (const [output, values] of Object.entries(wanted.outputs)) expectClose(outputs[output], values);
});

// Internal

/** Labels are equal, numbers within a hundred-thousandth: the models compute in single precision. */
function expectClose(found: unknown, wanted: unknown): void {
  if (Array.isArray(wanted)) {
    expect(found).toHaveLength(wanted.length);
    for (const [i, one] of wanted.entries()) expectClose((found as readonly unknown[])[i], one);
  } else if (typeof wanted === "number") {
    expect(Math.abs((found as number) - wanted) / (1 + Math.abs(wanted))).toBeLessThan(1e-5);
  } else expect(found).toBe(wanted);
}
