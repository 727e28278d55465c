// Foreign models over HTTP: imported, deployed, called; and everything that must be refused, by name.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ErrorBody, TensorSignature, TensorsAnswer } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer, until } from "../servers.ts";
import { ENGINE } from "../stores.ts";
import { echoFile, externalFile, lineFile, nodeFile, SILERO, versionedFile } from "./onnx-files.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 60_000);

afterAll(() => server?.destroy());

describe("an imported model", { timeout: 60_000 }, () => {
  test("says what it takes and gives, is kept by its hash, and gets an alias", async () => {
    const file = lineFile();
    const { client } = server;
    const version = await client.importModel({ query: { name: "line", alias: "best", filename: "line.onnx" }, file });
    expect(version).toMatchObject({
      model: "line",
      version: 1,
      format: "onnx",
      aliases: ["best"],
      bytes: file.length,
      estimator: "onnx (massif)",
      hash: createHash("sha256").update(file).digest("hex"),
      signature: {
        task: "tensors",
        inputs: [{ name: "x", datatype: "FP32", shape: [-1, 3] }],
        outputs: [{ name: "y", datatype: "FP32", shape: [-1, 3] }],
      },
      notes: [],
    });
    expect(await client.downloadModel({ params: { name: "line", version: 1 } })).toEqual(new Uint8Array(file));
    const again = await client.importModel({ query: { name: "line" }, file });
    expect(again.version).toBe(2);
  });

  test("answers from a process of its own, is metered, and comes back after that process was killed", async () => {
    const { client } = server;
    const endpoint = await client.deploy({ params: { name: "line" }, body: { model: "line", version: "best" } });
    expect(endpoint.placement).toBe("process");
    expect(
      await infer("line", {
        x: [
          [1, 2, 3],
          [4, 5, null],
        ],
      }),
    ).toEqual({
      y: [
        [3, 5, 7],
        [9, 11, null],
      ],
    });
    for (const pid of childrenNamed("onnx-host")) process.kill(pid, "SIGKILL");
    const body = { inputs: { x: [[1, 1, 1]] } };
    const answer = await until(() => client.predict({ params: { name: "line" }, body }).catch(() => undefined));
    expect(answer).toMatchObject({ outputs: { y: [[3, 3, 3]] } });
    expect((answer as TensorsAnswer).cost.amount).toBeGreaterThan(0);
  });

  test("answers still after the server was started again", async () => {
    await server.restart();
    expect(await infer("line", { x: [[0, 0, 1]] })).toEqual({ y: [[1, 1, 3]] });
  });

  test("takes and gives every kind of element that JSON has a word for", async () => {
    await importAndDeploy("echo", echoFile());
    const inputs = {
      "float in": [0.5, null],
      "double in": [1e300, -0.1],
      "int64 in": [-3, "9223372036854775807"],
      "bool in": [true, false],
      "string in": ["", "größer ☃"],
    };
    const outputs = await infer("echo", inputs);
    for (const [name, value] of Object.entries(inputs)) {
      expect(outputs[name.replace(" in", " out")]).toEqual(value);
    }
  });

  test("gives types and a typed call", async () => {
    const source = await server.client.getEndpointTypes({ params: { name: "echo" } });
    expect(source).toContain('"int64 in": (number | string)[];');
    expect(source).toContain("predict(inputs: Inputs)");
  });

  test("with a state, such as Silero's voice detector, is carried by the caller", async () => {
    const signature = await importAndDeploy("silero", SILERO);
    expect(signature.inputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
      ["input", "FP32", [-1, -1]],
      ["state", "FP32", [2, -1, 128]],
      ["sr", "INT64", []],
    ]);
    const silence = { input: [new Array(512).fill(0)], state: [[zeros(128)], [zeros(128)]], sr: 16_000 };
    const first = await infer("silero", silence);
    const [[speech]] = first.output as number[][];
    expect(speech).toBeGreaterThanOrEqual(0);
    expect(speech).toBeLessThan(0.1);
    expect(first.stateN).not.toEqual(silence.state);
  });
});

describe("a request that does not fit", { timeout: 60_000 }, () => {
  test.each([
    ["a missing input", {}, "inputs.x", "is missing; it is FP32 [-1, 3]"],
    ["an unknown input", { x: [[1, 2, 3]], z: 1 }, "inputs.z", "is not an input of the model; its inputs are x"],
    ["a flat list", { x: [1, 2, 3] }, "inputs.x[0]", "must be nested lists of the shape [-1, 3]"],
    ["a wrong extent", { x: [[1, 2]] }, "inputs.x[0]", "has 2 values where 3 are expected"],
    [
      "ragged rows",
      {
        x: [
          [1, 2, 3],
          [1, 2],
        ],
      },
      "inputs.x[1]",
      "has 2 values where 3 are expected",
    ],
    ["a text for a number", { x: [[1, "2", 3]] }, "inputs.x[0][1]", "must be a number"],
    ["a number beyond the type", { x: [[1, 1e39, 3]] }, "inputs.x[0][1]", "is beyond the range of FP32"],
    ["a list too deep", { x: [[[1], [2], [3]]] }, "inputs.x[0][0]", "must be a number"],
  ])("is refused by field: %s", async (_, inputs, field, problem) => {
    const refusal = server.client.predict({ params: { name: "line" }, body: { inputs } });
    await expect(refusal).rejects.toMatchObject({ code: "INVALID_ROWS", details: [{ field, problem }] });
  });

  test("is refused when it has no value JSON allows, rows instead of inputs, both, or too many elements", async () => {
    const send = (body: string) =>
      server.send("/v1/endpoints/line/predict", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
    const codeOf = async (body: string) => ((await (await send(body)).json()) as ErrorBody).error.code;
    expect(await codeOf('{"inputs": {"x": [[NaN, 1, 2]]}}')).toBe("INVALID_JSON");
    expect(await codeOf('{"rows": [{"x": 1}]}')).toBe("INVALID_REQUEST");
    expect(await codeOf('{"rows": [{"x": 1}], "inputs": {"x": [[1, 2, 3]]}}')).toBe("INVALID_REQUEST");
    expect(await codeOf("{}")).toBe("INVALID_REQUEST");
    expect(await codeOf(`{"inputs": {"x": [${"[1,2,3],".repeat(1_200_000)}[1,2,3]]}}`)).toBe("TOO_LARGE");
  });

  test("is refused when whole numbers are not whole, or truths not true", async () => {
    const inputs = { "float in": [1], "double in": [1], "int64 in": [1.5], "bool in": [1], "string in": [1] };
    const refusal = server.client.predict({ params: { name: "echo" }, body: { inputs } });
    await expect(refusal).rejects.toMatchObject({
      details: [{ field: "inputs.int64 in[0]" }, { field: "inputs.bool in[0]" }, { field: "inputs.string in[0]" }],
    });
  });

  test("of shapes that fit one by one but not together is refused in the model's words, and the next one is answered", async () => {
    const wrong = { input: [zeros(512), zeros(512)], state: [[zeros(128)], [zeros(128)]], sr: 16_000 };
    const refusal = server.client.predict({ params: { name: "silero" }, body: { inputs: wrong } });
    await expect(refusal).rejects.toMatchObject({ code: "INVALID_ROWS", details: [{ field: "inputs" }] });
    const right = { ...wrong, input: [zeros(512)] };
    expect(await infer("silero", right)).toHaveProperty("output");
  });
});

describe("a file that is refused", { timeout: 60_000 }, () => {
  const whole = lineFile();
  const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * 2_654_435_761) >>> 13);
  test.each([
    ["an empty one", new Uint8Array(0), /0 bytes/],
    ["one cut short", whole.subarray(0, whole.length - 30), /cut short|no operator set/],
    ["one cut short in its weights", SILERO.subarray(0, 100_000), /cut short/],
    ["noise", noise, /wire type|cut short|field with the number/],
    ["a ZIP archive", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), /ZIP archive/],
    ["a text", new TextEncoder().encode("carat,cut\n0.3,Ideal\n"), /wire type|cut short|field/],
    ["weights in another file", externalFile("weights.bin"), /kept in another file \("weights.bin"\)/],
    ["weights at an absolute path", externalFile("/etc/passwd"), /"\/etc\/passwd", outside its folder/],
    ["weights above its folder", externalFile("../../secret"), /"\.\.\/\.\.\/secret", outside its folder/],
    ["an operator nobody knows", nodeFile("Frobnicate"), /cannot load it.*Frobnicate/],
    ["an operator of a strange domain", nodeFile("Frobnicate", "com.acme"), /domain "com.acme" \(Frobnicate\)/],
    ["a format too new", versionedFile(20, 20), /IR version 20; the newest that can be read is 13/],
    ["operators too new", versionedFile(10, 99), /version 99 of the operator set "ai.onnx".*26/],
  ])("says why: %s", async (_, file, message) => {
    const refusal = server.client.importModel({ query: { name: "bad" }, file });
    await expect(refusal).rejects.toMatchObject({ code: "INVALID_MODEL", message: expect.stringMatching(message) });
  });

  test("leaves no model, no version and, where no other server could need it, no file behind", async () => {
    const names = (await server.client.listModels()).map(({ name }) => name);
    expect(names).not.toContain("bad");
    if (ENGINE === "postgres") return;
    const blobs = readdirSync(join(server.home, "blobs"), { recursive: true }).map(String);
    const hash = createHash("sha256").update(nodeFile("Frobnicate")).digest("hex");
    expect(blobs.filter((path) => path.endsWith(hash))).toEqual([]);
  });
});

// Internal

function zeros(count: number): number[] {
  return new Array(count).fill(0);
}

async function importAndDeploy(name: string, file: Uint8Array): Promise<TensorSignature> {
  const { signature } = await server.client.importModel({ query: { name }, file });
  await server.client.deploy({ params: { name }, body: { model: name } });
  return signature as TensorSignature;
}

async function infer(name: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  return ((await server.client.predict({ params: { name }, body: { inputs } })) as TensorsAnswer).outputs;
}

function childrenNamed(entry: string): number[] {
  const { execFileSync } = process.getBuiltinModule("node:child_process");
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(" ").includes(entry))
    .map(([pid]) => Number(pid));
}
