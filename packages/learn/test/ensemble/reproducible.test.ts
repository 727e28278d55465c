import { createHash } from "node:crypto";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Estimator,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  Random,
  RandomForestClassifier,
  RandomForestRegressor,
  type RowParts,
  ShapeError,
  type Table,
  type Target,
  takeRows,
  takeTarget,
} from "../../src/index.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { numbers } from "../tables.ts";

const runtimes = [1, 2, 3].map((threads) => createRuntime({ threads }));
afterAll(() => {
  for (const runtime of runtimes) runtime.close();
});

function hash(model: Estimator): string {
  const digest = createHash("sha256");
  const { tensors, meta } = model.getState();
  for (const [name, { data }] of Object.entries(tensors)) {
    digest.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.update(JSON.stringify(meta)).digest("hex");
}

const { whole: diamonds } = regressionData("diamonds", "price");
const { whole: penguins } = classData("penguins", "species");
const { whole: cancer } = classData("breast_cancer", "diagnosis");

const cases = [
  ["boosting of diamonds", () => new GradientBoostingRegressor({ nEstimators: 15 }), diamonds],
  [
    "boosting of diamonds on samples, by depth, with early stopping",
    () =>
      new GradientBoostingRegressor({
        nEstimators: 15,
        subsample: 0.7,
        columnSample: 0.6,
        earlyStopping: true,
        growth: "depth",
      }),
    diamonds,
  ],
  ["boosting of penguins", () => new GradientBoostingClassifier({ nEstimators: 20 }), penguins],
  ["boosting of tumours", () => new GradientBoostingClassifier({ nEstimators: 20 }), cancer],
  ["a forest of diamonds", () => new RandomForestRegressor({ nEstimators: 7, maxFeatures: 0.5 }), diamonds],
  ["a forest of penguins", () => new RandomForestClassifier({ nEstimators: 30 }), penguins],
] as const;

/** The rows in parts of uneven sizes. */
function inParts({ table, target }: { table: Table; target: Target }): RowParts {
  const { rows } = table;
  return {
    rows,
    parts: async function* () {
      for (let begin = 0, size = 1; begin < rows; begin += size, size = (size * 7) % 9973) {
        const part = Uint32Array.from({ length: Math.min(size, rows - begin) }, (_, i) => begin + i);
        yield { table: takeRows(table, part), target: takeTarget(target, part) };
      }
    },
  };
}

describe("boosting of rows in parts", () => {
  const context = { runtime: runtimes[1], seed: 5, report: async () => {} };

  it.each(cases.slice(0, 4))("gives the bits of a fit of all rows: %s", async (_, make, whole) => {
    const model = await make().fit(whole.table, whole.target, context);
    const parts = await make().fitParts?.(inParts(whole), context);
    expect(hash(parts as Estimator)).toBe(hash(model));
  });

  it.each([{ loss: "absolute" }, { loss: "poisson", earlyStopping: true }, { increasing: ["carat"] }] as const)(
    "gives them for other losses and constraints too: %o",
    async (params) => {
      const make = () => new GradientBoostingRegressor({ nEstimators: 5, maxBins: 40, ...params });
      const parts = await make().fitParts(inParts(diamonds), context);
      expect(hash(parts)).toBe(hash(await make().fit(diamonds.table, diamonds.target, context)));
    },
  );

  it("cuts by the same sample of many rows, and counts their rare categories", async () => {
    const random = new Random(8);
    const rows = 230_000;
    const x = Float64Array.from({ length: rows }, () => random.uniform());
    const codes = Int32Array.from(x, (value) => Math.floor(value * value * 400) - 1);
    const categories = Array.from({ length: 400 }, (_, i) => `c${i}`);
    const table = {
      rows,
      columns: [numbers("x", [...x]), { kind: "category", name: "c", codes, categories }],
    } as const;
    const whole = { table, target: { kind: "number", name: "y", values: x.map((value) => value ** 3) } } as const;
    const make = () => new GradientBoostingRegressor({ nEstimators: 2, maxBins: 100 });
    const parts = await make().fitParts(inParts(whole), context);
    expect(hash(parts)).toBe(hash(await make().fit(whole.table, whole.target, context)));
  });

  it("refuses parts that are not as many rows as said, and no rows", async () => {
    const { parts } = inParts(diamonds);
    const fit = (rows: number) => new GradientBoostingRegressor({ nEstimators: 1 }).fitParts({ rows, parts }, context);
    await expect(fit(diamonds.table.rows + 1)).rejects.toThrow(ShapeError);
    await expect(fit(diamonds.table.rows - 1)).rejects.toThrow(/were to have/);
    await expect(fit(0)).rejects.toThrow(/were to have 0/);
  });
});

describe("the same bits", () => {
  it.each(cases)("for 1, 2 and 3 threads and a second run: %s", async (_, make, { table, target }) => {
    const hashes = new Set<string>();
    for (const runtime of [...runtimes, runtimes[1]]) {
      const model = make();
      await model.fit(table, target, { runtime, seed: 5, report: async () => {} });
      hashes.add(hash(model));
    }
    expect(hashes.size).toBe(1);
    const other = make();
    await other.fit(table, target, { runtime: runtimes[0], seed: 6, report: async () => {} });
    if (other instanceof RandomForestRegressor) expect(hashes.has(hash(other))).toBe(false);
  });
});
