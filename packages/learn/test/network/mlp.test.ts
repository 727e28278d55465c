// Networks: their gradient against finite differences, their predictions against scikit-learn's with the same weights,
// what they learn, and that an interrupted fit goes on to the same weights.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src/base/checkpoint.ts";
import type { FitContext, FittedState } from "../../src/base/component.ts";
import { Random } from "../../src/base/random.ts";
import { MLPClassifier, MLPRegressor } from "../../src/index.ts";
import { type Activation, DensePass, initialWeights, type Output, penalty } from "../../src/network/dense-network.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import fixture from "../fixtures/networks.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());
const context: FitContext = { runtime, seed: 3, report: async () => {} };

describe("the gradient of a network", () => {
  const kinds = (["relu", "tanh", "logistic"] as const).flatMap((activation) =>
    (["identity", "logistic", "softmax"] as const).map((output) => [activation, output] as const),
  );

  it.each(kinds)("of %s units with %s outputs is that of its loss", (activation: Activation, output: Output) => {
    const outputs = output === "softmax" ? 3 : 1;
    const shape = { sizes: [4, 5, 3, outputs], activation, output };
    const random = new Random(11);
    const weights = initialWeights(shape, random).map((value) => value * 2);
    const rows = 6;
    const targets = new Float64Array(rows * outputs);
    for (let i = 0; i < rows; i++) {
      if (output === "softmax") targets[i * 3 + (i % 3)] = 1;
      else targets[i] = output === "identity" ? random.normal() : i % 2;
    }
    const counts = Float64Array.from({ length: rows }, (_, i) => 0.5 + i);
    const pass = new DensePass(shape, rows);
    for (let i = 0; i < pass.input.length; i++) pass.input[i] = random.normal();
    const alpha = 0.3;
    const lossAt = (w: Float64Array) => {
      pass.forward(w, rows);
      const loss = pass.backward(w, new Float64Array(w.length), { targets, rows, counts });
      return loss + (alpha * penalty(shape, w, { scale: alpha })) / 2;
    };
    const gradient = new Float64Array(weights.length);
    pass.forward(weights, rows);
    pass.backward(weights, gradient, { targets, rows, counts });
    penalty(shape, weights, { scale: alpha, gradient });
    const step = 1e-6;
    for (let i = 0; i < weights.length; i++) {
      const moved = (by: number) => lossAt(weights.map((value, j) => (i === j ? value + by : value)));
      const slope = (moved(step) - moved(-step)) / (2 * step);
      expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
    }
  });
});

describe("a network with scikit-learn's weights", () => {
  it("gives its probabilities to 1e-12", () => {
    const iris = example("iris", true);
    const { units, weights, shown } = fixture.iris;
    const model = new MLPClassifier({ units, activation: "tanh" });
    const columns = iris.table.columns.map(({ name }) => ({ name, kind: "number" }));
    const { classes } = classTargetOf(iris);
    const data = Float64Array.from(weights);
    model.setState({ tensors: { weights: { shape: [data.length], data } }, meta: { columns, classes: [...classes] } });
    const prediction = model.predict(iris.table);
    if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
    shown.forEach((row, i) => {
      expect(distance(prediction.probabilities.subarray(i * 30, i * 30 + 3), row)).toBeLessThan(1e-12);
    });
  });
});

describe("a fitted network", () => {
  it("learns digits about as well as scikit-learn", async () => {
    const digits = example("digits", true);
    const target = classTargetOf(digits);
    const model = await new MLPClassifier({ units: 32, epochs: 12 }).fit(digits.table, target, context);
    const prediction = model.predict(digits.table);
    if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
    const right = prediction.codes.reduce((count, code, row) => count + (code === target.codes[row] ? 1 : 0), 0);
    expect(right / target.codes.length).toBeGreaterThan(fixture.digitsAccuracy - 0.02);
  });

  it.each(["adam", "momentum"] as const)("goes on from a checkpoint to the same weights, by %s", async (optimizer) => {
    const data = example("diabetes", true);
    const params = { units: 8, epochs: 6, optimizer, earlyStopping: true, learningRate: 0.01 };
    const kept: FittedState[] = [];
    const keep: Checkpoint = {
      load: async () => kept[2],
      save: async (state) => void kept.push(state()),
    };
    const fit = (checkpoint?: Checkpoint) =>
      new MLPRegressor(params).fit(data.table, numberTargetOf(data), { ...context, checkpoint });
    const whole = await fit({ ...keep, load: async () => undefined });
    const resumed = await fit(keep);
    expect(resumed.getState().tensors.weights.data).toEqual(whole.getState().tensors.weights.data);
  });

  it("says what to do when it diverges", async () => {
    const data = example("diabetes", false);
    const fit = new MLPRegressor({ optimizer: "momentum", learningRate: 1e6 }).fit(
      data.table,
      numberTargetOf(data),
      context,
    );
    await expect(fit).rejects.toThrow(/diverged in epoch \d+ with `learningRate` 1000000; scale the columns/);
  });
});
