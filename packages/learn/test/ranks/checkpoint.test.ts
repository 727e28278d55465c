import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Communicator,
  type FittedState,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  GradientDescentClassifier,
  GradientDescentRegressor,
  KMeans,
  LogisticRegression,
} from "../../src/index.ts";
import { classTargetOf, example, numberTargetOf } from "../example-data.ts";
import { bitsOf, type Data, fitOnRanks, fitting, MemoryCheckpoint } from "./shares.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

const diabetes = example("diabetes", true);
const iris = example("iris", true);
const numbers: Data = { table: diabetes.table, target: numberTargetOf(diabetes) };
const classes: Data = { table: iris.table, target: classTargetOf(iris) };
const minibatch = { method: "minibatch", batchSize: 16, epochs: 20, momentum: 0.5 } as const;
const boosting = { nEstimators: 12, subsample: 0.8, columnSample: 0.7 };

const cases = [
  ["mini-batch descent", () => new GradientDescentRegressor({ ...minibatch, earlyStopping: true }), numbers],
  ["batch descent", () => new GradientDescentClassifier({ method: "batch", epochs: 30 }), classes],
  ["L-BFGS", () => new LogisticRegression({ tolerance: 1e-6 }), classes],
  ["boosting", () => new GradientBoostingRegressor({ ...boosting, earlyStopping: true }), numbers],
  ["boosting of classes", () => new GradientBoostingClassifier(boosting), classes],
  ["k-means", () => new KMeans({ clusters: 5, starts: 3 }), { table: iris.table }],
] as const;

class Killed extends Error {}

describe.each(cases)("%s from a checkpoint", (_name, make, data) => {
  it.each([1, 2])("ends as if it had never been interrupted, on %i rank(s)", async (ranks) => {
    const run = async (extra: (communicator: Communicator | undefined) => object): Promise<FittedState> => {
      if (ranks === 1) return await fitting(make, runtime, extra(undefined))(data);
      const fit = (share: Data, communicator: Communicator) =>
        fitting(make, runtime, extra(communicator))(share, communicator);
      return (await fitOnRanks(ranks, data, fit))[0];
    };
    let steps = 0;
    const whole = await run((communicator) => ({
      report: async () => {
        if (communicator === undefined || communicator.rank === 0) steps++;
      },
    }));
    const checkpoints = new Map<number, MemoryCheckpoint>();
    const kept = (communicator: Communicator | undefined) => {
      const rank = communicator?.rank ?? 0;
      if (!checkpoints.has(rank)) checkpoints.set(rank, new MemoryCheckpoint());
      return { checkpoint: checkpoints.get(rank) };
    };
    for (const end of [Math.ceil(steps / 3), Math.ceil(steps / 2)]) {
      const killed = run((communicator) => {
        let left = end;
        const report = async () => {
          if (left-- === 0) throw new Killed();
        };
        return { ...kept(communicator), report };
      });
      await expect(killed).rejects.toThrow(Killed);
    }
    let left = 0;
    const resumed = await run((communicator) => ({
      ...kept(communicator),
      report: async () => {
        if (communicator === undefined || communicator.rank === 0) left++;
      },
    }));
    expect(bitsOf(resumed)).toBe(bitsOf(whole));
    expect(left).toBeLessThan(steps);
  });
});
