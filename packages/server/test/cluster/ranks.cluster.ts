// Estimators on four real ranks of this machine, and what happens where ranks cannot be.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TaskFailed } from "../../src/runtime/task-error.ts";
import type { TrainTask } from "../../src/runtime/train-protocol.ts";
import { Folder, localRanks, train } from "./groups.ts";

const folder = new Folder();
let diamonds: string;
let penguins: string;
let iris: string;

beforeAll(async () => {
  diamonds = await folder.version("diamonds");
  penguins = await folder.version("penguins");
  iris = await folder.version("iris");
});
afterAll(() => folder.destroy());

/** The same training on so many ranks; 0 is one process without MPI. */
function on(count: number, task: TrainTask): TrainTask {
  return { ...task, ranks: count === 0 ? undefined : localRanks(count) };
}

describe("boosting on ranks", () => {
  it("gives one file, byte for byte, on one rank and on four", async () => {
    const params = { nEstimators: 20, subsample: 0.8, earlyStopping: true };
    const one = await train(on(1, folder.task(diamonds, "GradientBoostingRegressor", { params })));
    const four = await train(on(4, folder.task(diamonds, "GradientBoostingRegressor", { params })));
    expect(four.model.equals(one.model)).toBe(true);
    expect(four.outcome.metrics).toEqual(one.outcome.metrics);
    expect(four.outcome.rowsTrained).toBe(43_152);
    const { rowsPerSecond, communicationSeconds, library } = four.outcome.ranks ?? {};
    expect(rowsPerSecond).toBeGreaterThan(0);
    expect(communicationSeconds).toBeGreaterThan(0);
    expect(communicationSeconds).toBeLessThan(four.outcome.fitSeconds);
    expect(library).toMatch(/MPI/);
    // All four processes and their watcher are paid for.
    expect(four.usage.peakMemoryBytes).toBeGreaterThan(1.5 * one.usage.peakMemoryBytes);
  });

  it("learns the model that one process without MPI learns, but for rounding", async () => {
    const params = { nEstimators: 20 };
    const alone = await train(on(0, folder.task(diamonds, "GradientBoostingRegressor", { params })));
    const four = await train(on(4, folder.task(diamonds, "GradientBoostingRegressor", { params })));
    expect(four.outcome.metrics.rmse).toBeCloseTo(alone.outcome.metrics.rmse, 0);
    expect(four.outcome.history.at(-1)?.loss).toBeCloseTo(alone.outcome.history.at(-1)?.loss as number, -3);
  });
});

const cases = [
  ["batch descent", "GradientDescentRegressor", { params: { method: "batch", epochs: 40 } }, "rmse", 1e-6],
  ["mini-batch descent", "GradientDescentRegressor", { params: { batchSize: 4096, epochs: 20 } }, "rmse", 0.02],
  ["L-BFGS", "LogisticRegression", { target: "species", task: "classification" }, "logLoss", 1e-3],
  [
    "k-means",
    "KMeans",
    { target: null, task: "clustering", split: { kind: "none" }, params: { clusters: 3 } },
    "inertia",
    1e-6,
  ],
] as const;

describe.each(cases)("%s on four ranks", (_name, estimator, change, metric, tolerance) => {
  it("agrees with one process, and with itself byte for byte", async () => {
    const data = estimator === "LogisticRegression" ? penguins : estimator === "KMeans" ? iris : diamonds;
    const make = () => {
      const task = folder.task(data, estimator, change);
      if (estimator !== "KMeans" && data !== penguins) return task;
      const features =
        data === penguins ? ["beak_length_mm", "beak_depth_mm", "flipper_length_mm", "island"] : undefined;
      const impute =
        data === penguins ? [{ type: "SimpleImputer" }, ...task.pipeline.steps] : [{ type: "StandardScaler" }];
      const numbers = ["sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"];
      return { ...task, pipeline: { ...task.pipeline, steps: impute, features: features ?? numbers } };
    };
    const alone = await train(on(0, make()));
    const first = await train(on(4, make()));
    const again = await train(on(4, make()));
    expect(again.model.equals(first.model)).toBe(true);
    const [a, b] = [first.outcome.metrics[metric], alone.outcome.metrics[metric]];
    expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.abs(b));
  });
});

describe("ranks that cannot be", () => {
  const failure = async (task: TrainTask) => {
    const error = await train(task).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TaskFailed);
    return (error as TaskFailed).problem;
  };
  const task = () => folder.task(diamonds, "GradientBoostingRegressor", { params: { nEstimators: 5 } });

  it("say how to install MPI where there is no mpirun", async () => {
    const problem = await failure({ ...task(), ranks: localRanks(2, { mpirun: "/nowhere/mpirun" }) });
    expect(problem.code).toBe("MPI_MISSING");
    expect(problem.message).toContain("install");
  });

  it("say how to install MPI where there is no library", async () => {
    const problem = await failure({ ...task(), ranks: localRanks(2, { library: "/nowhere/libmpi.so" }) });
    expect(problem.code).toBe("MPI_MISSING");
    expect(problem.message).toContain("/nowhere/libmpi.so");
  });

  it("say what mpirun said when it refuses to start", async () => {
    const problem = await failure({ ...task(), ranks: localRanks(2, { args: ["--no-such-argument"] }) });
    expect(problem.code).toBe("RANKS_NOT_STARTED");
    expect(problem.message).toContain("no-such-argument");
  });

  it("name a host that has no address", async () => {
    const ranks = { ...localRanks(2), hosts: [{ name: "no-such-host.invalid", slots: 2 }] };
    const problem = await failure({ ...task(), ranks });
    expect(problem).toMatchObject({ code: "HOST_UNREACHABLE", field: "hosts" });
    expect(problem.message).toContain('"no-such-host.invalid"');
  });

  it("pass on why one of them refused", async () => {
    const params = { method: "batch", learningRate: 1000 };
    const problem = await failure({
      ...folder.task(diamonds, "GradientDescentRegressor", { params }),
      ranks: localRanks(2),
    });
    expect(problem.code).toBe("DIVERGED");
  });
});
