// k-means against scikit-learn (bench/peers/features_reference.py), over ranks, and by what clusters must be.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  compilePredictor,
  crossValidate,
  evaluateRows,
  type FittedState,
  fitPipeline,
  KMeans,
  type Table,
} from "../../src/index.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/features.json" with { type: "json" };
import { bitsOf, fitOnRanks, fitting } from "../ranks/shares.ts";
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

function centresOf(model: KMeans): Float64Array {
  return model.getState().tensors.centres.data as Float64Array;
}

describe.each(["iris", "wine"] as const)("on %s", (name) => {
  const { table: data } = example(name, true);
  const expected = fixture.clusters[name];

  it("is as tight as the best of scikit-learn's fifty starts, to 1e-5, with its silhouette and sizes", async () => {
    const spec = {
      steps: [],
      estimator: { type: "KMeans", params: { clusters: expected.k, starts: 20, tolerance: 0 } },
    };
    const pipeline = await fitPipeline(spec, { table: data }, context);
    const { metrics, prediction } = evaluateRows(pipeline, { table: data });
    expect(Math.abs(metrics.inertia / expected.inertia - 1)).toBeLessThan(1e-5);
    expect(metrics.silhouette).toBeCloseTo(expected.silhouette, 3);
    if (prediction.kind !== "cluster") throw new Error("a clusterer predicts clusters");
    const sizes = new Array<number>(expected.k).fill(0);
    for (const code of prediction.codes) sizes[code] += 1;
    expect(sizes).toEqual(expected.sizes);
  });

  it("finds the same over three ranks, to 1e-5, and the same bits again", async () => {
    const params = { clusters: expected.k, tolerance: 0 };
    const make = () => new KMeans(params);
    const alone = await fitting(make, runtime)({ table: data });
    const states = await fitOnRanks(3, { table: data }, fitting(make, runtime));
    const again = await fitOnRanks(3, { table: data }, fitting(make, runtime));
    expect(new Set([...states, ...again].map(bitsOf)).size).toBe(1);
    const centres = (state: FittedState) => state.tensors.centres.data;
    expect(distance(centres(states[0]), centres(alone))).toBeLessThan(1e-5);
  });
});

describe("KMeans", () => {
  const far = (offset: number): Table =>
    table(
      numbers(
        "x",
        [0, 1, 0, 1, 50, 51, 50].map((v) => v + offset),
      ),
      numbers("y", [0, 0, 1, 1, 9, 9, 10]),
    );

  it("numbers clusters by size, and keeps its digits far from 0", async () => {
    for (const offset of [0, 1e9]) {
      const model = await new KMeans({ clusters: 2 }).fit(far(offset), undefined, context);
      expect(model.clusters).toBe(2);
      const prediction = model.predict(far(offset));
      if (prediction.kind !== "cluster") throw new Error("a clusterer predicts clusters");
      expect([...prediction.codes]).toEqual([0, 0, 0, 0, 1, 1, 1]);
      expect(distance(centresOf(model), [offset + 0.5, 0.5, offset + 50 + 1 / 3, 9 + 1 / 3])).toBeLessThan(1e-6);
    }
  });

  it("answers a row with the nearest cluster and the distance to each", async () => {
    const spec = { steps: [], estimator: { type: "KMeans", params: { clusters: 2 } } };
    const predictor = compilePredictor(await fitPipeline(spec, { table: far(0) }, context));
    expect(predictor.output).toEqual({ kind: "cluster", name: "cluster", clusters: 2 });
    expect(predictor.predict({ x: 0.5, y: 1.5 })).toEqual({
      kind: "cluster",
      value: 0,
      distances: [1, expect.closeTo(Math.hypot(50 - 1 / 6, 8 - 1 / 6), 5)],
    });
    expect(() => predictor.predict({ x: null, y: 0 })).toThrow("SimpleImputer");
  });

  it("is cross-validated by how well held-out rows fit its clusters", async () => {
    const spec = { steps: [], estimator: { type: "KMeans", params: { clusters: 3 } } };
    const { table: iris } = example("iris", true);
    const { mean, folds, prediction } = await crossValidate(spec, { table: iris }, { ...context, folds: 3 });
    expect(folds).toHaveLength(3);
    expect(mean.silhouette).toBeGreaterThan(0.4);
    expect(prediction.kind).toBe("cluster");
  });

  it("finds the same bits with bounds and without, on one thread and two", async () => {
    const { table: digits } = example("digits", false);
    const pair = createRuntime({ threads: 2 });
    const states = [];
    for (const algorithm of ["elkan", "lloyd"] as const) {
      for (const where of [runtime, pair]) {
        const model = new KMeans({ clusters: 13, starts: 2, algorithm });
        states.push(bitsOf((await model.fit(digits, undefined, { ...context, runtime: where })).getState()));
      }
    }
    pair.close();
    expect(new Set(states).size).toBe(1);
  });

  it("takes as many clusters as there are rows, each row its own", async () => {
    const model = await new KMeans({ clusters: 7 }).fit(far(0), undefined, context);
    expect(model.getState().meta.inertia).toBeCloseTo(0, 9);
    await expect(new KMeans({ clusters: 8 }).fit(far(0), undefined, context)).rejects.toThrow("at most the 7 rows");
  });
});
