// Round trip: a model trained here is exported as ONNX, imported again as a foreign model, and answers as before. The same
// models are explained.
import { predictionsOf, rowSignatureOf, type TensorsAnswer } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "penguins", file: exampleFile("penguins.csv") });
}, 60_000);

afterAll(() => server?.destroy());

async function register(estimator: string, name: string, params: Record<string, string> = {}): Promise<void> {
  const { client } = server;
  const candidate = { estimator, params };
  const run = await trainAndWait(client, { dataset: "penguins", target: "species", candidate });
  await client.registerModel({ body: { name, run: run.id } });
}

test("an exported model is imported again and gives the same class and shares", { timeout: 120_000 }, async () => {
  const { client } = server;
  await register("GradientBoostingClassifier", "own");
  await client.deploy({ params: { name: "own" }, body: { model: "own" } });
  const file = await client.exportModel({
    params: { name: "own", version: 1 },
    query: { numbers: "double", format: "onnx" },
  });
  const foreign = await client.importModel({ query: { name: "foreign" }, file });
  await client.deploy({ params: { name: "foreign" }, body: { model: "foreign" } });
  const endpoint = await client.getEndpoint({ params: { name: "own" } });
  const { inputs, classes } = rowSignatureOf(endpoint.signature);
  expect(foreign.signature.inputs.map(({ name }) => name)).toEqual(inputs.map(({ name }) => name));
  const row = Object.fromEntries(inputs.map(({ name, example }) => [name, example ?? null]));
  const [wanted] = predictionsOf(await client.predict({ params: { name: "own" }, body: { rows: [row] } }));
  const tensors = Object.fromEntries(
    inputs.map(({ name, kind }) => [name, [[row[name] ?? (kind === "number" ? null : "")]]]),
  );
  const { outputs } = (await client.predict({
    params: { name: "foreign" },
    body: { inputs: tensors },
  })) as TensorsAnswer;
  expect(wanted).toMatchObject({ class: (outputs.label as string[])[0] });
  for (const [i, label] of (classes ?? []).entries()) {
    const shares = (wanted as { probabilities: Record<string, number> }).probabilities;
    expect((outputs.probabilities as number[][])[0][i]).toBeCloseTo(shares[label], 6);
  }
  // What came as ONNX is given back as it came.
  expect(await client.exportModel({ params: { name: "foreign", version: 1 }, query: {} })).toEqual(file);
});

test("an estimator without operators is refused by name", { timeout: 60_000 }, async () => {
  await register("KNeighborsClassifier", "near", { algorithm: "hnsw" });
  const refusal = server.client.exportModel({ params: { name: "near", version: 1 }, query: {} });
  await expect(refusal).rejects.toMatchObject({
    code: "INVALID_PIPELINE",
    message: expect.stringContaining("KNeighborsClassifier by hnsw cannot be exported to ONNX"),
  });
});

test("a version is exported as a TypeScript module, with tests that name its file", { timeout: 60_000 }, async () => {
  const { client } = server;
  await register("LogisticRegression", "shares");
  const params = { name: "shares", version: 1 };
  const text = async (query: { format: "ts" | "ts-test"; module?: string }) =>
    Buffer.from((await client.exportModel({ params, query })) as Uint8Array).toString();
  const module = await text({ format: "ts" });
  expect(module).toContain("// shares@1: a model of Massif");
  expect(module).toContain("export function predict(row: Input): Output");
  expect(await text({ format: "ts-test", module: "birds.ts" })).toContain('from "./birds.ts"');
  const outside = client.exportModel({ params, query: { format: "ts-test", module: "../birds.ts" } });
  await expect(outside).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  const foreign = client.exportModel({ params: { name: "foreign", version: 1 }, query: { format: "ts" } });
  await expect(foreign).rejects.toMatchObject({
    code: "INVALID_PIPELINE",
    message: expect.stringContaining("was imported as ONNX"),
  });
});

test("predictions of a version are split among the columns, where its estimator allows it", {
  timeout: 60_000,
}, async () => {
  const { client } = server;
  const [{ signature }] = (await client.getModel({ params: { name: "shares" } })).versions;
  const row = Object.fromEntries(rowSignatureOf(signature).inputs.map(({ name, example }) => [name, example ?? null]));
  const explain = (name: string, rows = [row, row]) => client.explain({ params: { name, version: 1 }, body: { rows } });
  for (const [name, method] of [
    ["own", "trees"],
    ["shares", "linear"],
  ]) {
    const answer = await explain(name);
    expect(answer).toMatchObject({ model: { name, version: 1 }, target: "species", method, unit: "score" });
    expect(answer.columns.map((column) => column.name).sort()).toEqual(Object.keys(row).sort());
    expect(answer.explanations).toHaveLength(2);
    const [{ prediction, outputs }] = answer.explanations;
    const sums = outputs.map(({ contributions }, k) =>
      contributions.reduce((sum, each) => sum + each, answer.outputs[k].expected),
    );
    const total = sums.reduce((sum, score) => sum + Math.exp(score), 0);
    const { probabilities } = prediction as { probabilities: Record<string, number> };
    for (const [k, output] of answer.outputs.entries()) {
      expect(outputs[k].value).toBeCloseTo(sums[k], 9);
      expect(Math.exp(sums[k]) / total).toBeCloseTo(probabilities[output.class ?? ""], 9);
    }
  }
  const refused = (code: string, part: string) => ({ code, message: expect.stringContaining(part) });
  await expect(explain("near")).rejects.toMatchObject(refused("NOT_EXPLAINABLE", "KNeighborsClassifier"));
  await expect(explain("foreign")).rejects.toMatchObject(refused("NOT_EXPLAINABLE", "imported as ONNX"));
  await expect(explain("own", [{ ...row, sex: null, beak: 1 }])).rejects.toMatchObject(
    refused("INVALID_ROWS", '"beak" is not an input'),
  );
  await expect(explain("own", new Array(1001).fill(row))).rejects.toMatchObject(refused("TOO_LARGE", "1000 rows"));
});
