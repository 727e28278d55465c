import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FittedPipeline, fitPipeline } from "../../src/compose/pipeline.ts";
import { loadModel, type ModelProvenance, saveModel } from "../../src/model/model-file.ts";
import { ModelFileError } from "../../src/model/model-file-error.ts";
import { readTensors, writeTensors } from "../../src/model/safetensors.ts";
import { VERSION } from "../../src/version.ts";
import { categories, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

const provenance: ModelProvenance = { dataHash: "ab".repeat(32), seed: 7, metrics: { rmse: 0.5, rocAuc: Number.NaN } };
const rows = table(
  numbers("carat", [0.2, 0.5, null, 1.1, 0.9, 0.7]),
  categories("cut", ["Fair", "Good", "Good", null, "Fair", "Good"]),
);
let pipeline: FittedPipeline;

beforeAll(async () => {
  const target = { kind: "number", name: "price", values: Float64Array.of(1, 2, 3, 4, 5, 6) } as const;
  const spec = {
    steps: [{ type: "SimpleImputer" }, { type: "OneHotEncoder" }, { type: "StandardScaler" }],
    estimator: { type: "Ridge" },
  };
  pipeline = await fitPipeline(spec, { table: rows, target }, { runtime, seed: 7, report: async () => {} });
});

/** The saved model with some of its metadata changed, undefined to leave one out. */
async function altered(changes: Record<string, string | undefined>): Promise<Uint8Array> {
  const { tensors, metadata } = readTensors((await saveModel(pipeline, provenance)).bytes);
  const changed = Object.entries({ ...Object.fromEntries(metadata), ...changes });
  const kept = changed.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return writeTensors({ tensors, metadata: new Map(kept) });
}

describe("a model file", () => {
  it("gives back pipeline, schemas and provenance, and predicts the same", async () => {
    const { bytes, sha256 } = await saveModel(pipeline, provenance);
    const model = await loadModel(bytes, { sha256 });
    expect(model).toMatchObject({ dataHash: provenance.dataHash, seed: 7, metrics: { rmse: 0.5 }, version: VERSION });
    expect(model.pipeline.spec).toEqual(pipeline.spec);
    expect(model.pipeline.input).toEqual(pipeline.input);
    expect(model.pipeline.output).toEqual(pipeline.output);
    expect(model.pipeline.predict(rows)).toEqual(pipeline.predict(rows));
  });

  it("has bytes that depend on its content alone", async () => {
    const [first, second] = [await saveModel(pipeline, provenance), await saveModel(pipeline, provenance)];
    expect(second).toEqual(first);
    const reloaded = await loadModel(first.bytes);
    expect(await saveModel(reloaded.pipeline, reloaded)).toEqual(first);
    expect((await saveModel(pipeline, { ...provenance, seed: 8 })).sha256).not.toBe(first.sha256);
  });

  it("names the version of its package", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(VERSION).toBe(manifest.version);
  });

  it("is refused when its hash is not the expected one", async () => {
    const { bytes, sha256 } = await saveModel(pipeline, provenance);
    bytes[bytes.length - 1] ^= 1;
    await expect(loadModel(bytes, { sha256 })).rejects.toThrow("the file is damaged or another");
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ["without our metadata", { "massif.format": undefined }, 'lack "massif.format"'],
    ["of a later format", { "massif.format": "2" }, "model format 2; this version reads 1"],
    ["with metadata that is not JSON", { "massif.input": "{" }, '"massif.input" of the model is not JSON'],
    ["with a seed that is no number", { "massif.seed": "many" }, "seed"],
    ["with an unknown estimator", { "massif.pipeline": '{"steps":[],"estimator":{"type":"Oracle"}}' }, "Oracle"],
    ["with fewer steps than states", { "massif.pipeline": '{"steps":[],"estimator":{"type":"Ridge"}}' }, "0 steps"],
    ["with an input that is no schema", { "massif.input": '[{"name":1}]' }, "a name, a kind"],
    ["with an input of nothing", { "massif.input": "null" }, "must be a list"],
    ["with columns that are not there", { "massif.columns": '[["x"],["cut"],["carat"]]' }, 'no column "x"'],
    ["with columns that are no names", { "massif.columns": "[[1],[2],[3]]" }, "not a list of names"],
    ["with fewer states than steps", { "massif.state": "[{}]" }, "differ in length"],
    ["with states that are no objects", { "massif.state": "[1,2,3,4]" }, "state 0 is no object"],
    ["with states of other components", { "massif.state": "[{},{},{},{}]" }, "lacks"],
    ["with an output of another kind", { "massif.output": '{"kind":"class","name":"p","classes":["a"]}' }, "Ridge"],
    ["with an output of nothing", { "massif.output": "null" }, "output must have a name"],
    ["with metrics that are no numbers", { "massif.metrics": '{"rmse":"low"}' }, "metrics must be numbers"],
  ])("is refused %s", async (_, changes, reason) => {
    const load = loadModel(await altered(changes));
    await expect(load).rejects.toThrow(ModelFileError);
    await expect(loadModel(await altered(changes))).rejects.toThrow(reason);
  });

  it("is refused by ModelFileError for every single damaged byte of its header, or still loads", async () => {
    const { bytes } = await saveModel(pipeline, provenance);
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at] = damaged[at] ^ (1 + (at % 250));
      try {
        await loadModel(damaged);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(ModelFileError);
      }
    }
  });
});
