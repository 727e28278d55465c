// The lasso and the elastic net against scikit-learn (bench/peers/linear_models_reference.py) and their own conditions.
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/base/random.ts";
import { takeRows, takeTarget } from "../../src/base/take-rows.ts";
import { ElasticNet, type FitContext, Lasso, type Progress, Ridge } from "../../src/index.ts";
import { descendCoordinates } from "../../src/linear/coordinate-descent.ts";
import { ResidualRows } from "../../src/linear/residuals.ts";
import { distance, example, numberTargetOf } from "../example-data.ts";

interface Learned {
  readonly coefficients: number[];
  readonly intercept: number;
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/linear-models.json", import.meta.url), "utf8")) as {
  sparse: Record<"diabetes" | "digits", Record<string, Learned>>;
  weightedSparse: Record<string, Learned>;
};
const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const exact = { tolerance: 1e-14, maxIterations: 1_000_000 };

function modelOf(key: string): Lasso | ElasticNet {
  if (key === "withoutIntercept") return new ElasticNet({ ...exact, alpha: 0.5, l1Ratio: 0.7, fitIntercept: false });
  const [kind, alpha] = key.split("-");
  return kind === "lasso"
    ? new Lasso({ ...exact, alpha: Number(alpha) })
    : new ElasticNet({ ...exact, alpha: Number(alpha), l1Ratio: 0.3 });
}

function firstRows(name: string, count: number) {
  const data = example(name, true);
  const rows = Uint32Array.from({ length: Math.min(count, data.table.rows) }, (_, i) => i);
  return { table: takeRows(data.table, rows), target: takeTarget(numberTargetOf(data), rows) };
}

describe.each([
  ["diabetes", 1000],
  ["digits", 40],
] as const)("on %s, of at most %d rows", (name, count) => {
  const data = firstRows(name, count);

  it.each(Object.keys(fixture.sparse[name]))("%s agrees to 1e-6, with the same columns left out", async (key) => {
    const model = await modelOf(key).fit(data.table, data.target, context);
    const expected = fixture.sparse[name][key];
    expect(model.getState().meta.converged).toBe(true);
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-6);
    expect(distance([model.intercept], [expected.intercept])).toBeLessThan(1e-6);
    expect(Array.from(model.coefficients, (w) => w === 0)).toEqual(expected.coefficients.map((w) => w === 0));
  });
});

describe("with weights", () => {
  const data = firstRows("diabetes", 1000);
  const weights = Float64Array.from({ length: data.table.rows }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 3)));

  it.each(Object.keys(fixture.weightedSparse))("%s agrees to 1e-6", async (key) => {
    const model = await modelOf(key).fit(data.table, data.target, { ...context, weights });
    const expected = fixture.weightedSparse[key];
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-6);
    expect(distance([model.intercept], [expected.intercept])).toBeLessThan(1e-6);
  });

  it("counts rows of weight 2 twice where columns outnumber rows", async () => {
    const few = firstRows("digits", 40);
    const own = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 2));
    const twice = Uint32Array.from([...own].flatMap((weight, i) => new Array<number>(weight).fill(i)));
    const weighed = await modelOf("lasso-0.5").fit(few.table, few.target, { ...context, weights: own });
    const there = await modelOf("lasso-0.5").fit(takeRows(few.table, twice), takeTarget(few.target, twice), context);
    expect(distance(weighed.coefficients, there.coefficients)).toBeLessThan(1e-6);
  });
});

describe("the elastic net", () => {
  const data = firstRows("diabetes", 1000);

  it("without an L1 share is ridge", async () => {
    const net = await new ElasticNet({ alpha: 0.5, l1Ratio: 0 }).fit(data.table, data.target, context);
    const ridge = await new Ridge({ alpha: 0.5 * data.table.rows }).fit(data.table, data.target, context);
    expect(net.coefficients).toEqual(ridge.coefficients);
  });

  it("with a large penalty is the mean", async () => {
    const model = await new Lasso({ alpha: 1e4 }).fit(data.table, data.target, context);
    expect(Array.from(model.coefficients).every((w) => w === 0)).toBe(true);
    expect(model.getState().meta).toMatchObject({ iterations: 0, converged: true });
  });

  it("says when its sweeps did not suffice", async () => {
    const reports: Progress[] = [];
    const report = async (progress: Progress) => void reports.push(progress);
    const model = new Lasso({ alpha: 0.01, tolerance: 0, maxIterations: 3 });
    await model.fit(data.table, data.target, { ...context, report });
    expect(model.getState().meta).toMatchObject({ iterations: 3, converged: false });
    expect(reports).toEqual([{ step: 3, total: 3, unit: "sweep", loss: expect.any(Number) }]);
  });
});

it("meets the conditions of the minimum, in both forms of the residual, on any data", async () => {
  const problem = fc.record({
    seed: fc.integer({ min: 0, max: 1e9 }),
    rows: fc.integer({ min: 1, max: 30 }),
    columns: fc.integer({ min: 1, max: 12 }),
    l1: fc.double({ min: 0.01, max: 20, noNaN: true }),
    l2: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 20, noNaN: true })),
  });
  await fc.assert(
    fc.asyncProperty(problem, async ({ seed, rows, columns: count, l1, l2 }) => {
      const random = new Random(seed);
      const draw = () => Float64Array.from({ length: rows }, () => random.normal());
      const columns = Array.from({ length: count }, draw);
      const target = draw();
      const data = { columns, target, fitIntercept: false };
      // Where columns outnumber rows the fit may be exact, and its products with itself are rounding alone.
      const forms = count <= rows ? (["products", "rows"] as const) : (["rows"] as const);
      for (const form of forms) {
        const residual = new ResidualRows(runtime, { ...data, form });
        const onGap = async () => {};
        const options = { l1, l2, tolerance: 1e-11, maxIterations: 10_000_000, onGap };
        const { weights, converged } = await descendCoordinates(runtime, residual, options);
        expect(converged).toBe(true);
        const rest = target.map((y, i) => y - columns.reduce((sum, x, j) => sum + x[i] * weights[j], 0));
        for (const [j, x] of columns.entries()) {
          const slope = x.reduce((sum, value, i) => sum + value * rest[i], 0) - l2 * weights[j];
          if (weights[j] === 0) expect(Math.abs(slope)).toBeLessThan(l1 + 1e-3);
          else expect(Math.abs(slope - l1 * Math.sign(weights[j]))).toBeLessThan(1e-3);
        }
      }
    }),
    { numRuns: 60 },
  );
});

describe("over many rows or columns", () => {
  const random = new Random(5);
  const drawn = (rows: number, count: number) => {
    const columns = Array.from({ length: count }, (_, j) =>
      Float64Array.from({ length: rows }, () => 100 * (j % 3) + random.normal()),
    );
    const values = columns[0].map((_, i) => {
      const signal = columns.slice(0, 12).reduce((sum, x, j) => sum + x[i] * ((j % 5) - 2), 0);
      return signal + random.normal();
    });
    return {
      table: { rows, columns: columns.map((x, j) => ({ kind: "number" as const, name: `x${j}`, values: x })) },
      target: { kind: "number" as const, name: "y", values },
    };
  };

  it.each([
    [20_001, 30],
    [61, 900],
  ])("gives the same bits on one thread and on three, and meets its conditions, %d x %d", async (rows, count) => {
    const { table, target } = drawn(rows, count);
    const alpha = 0.1;
    const others = createRuntime({ threads: 3 });
    const [one, three] = await Promise.all(
      [runtime, others].map((own) =>
        new Lasso({ alpha, tolerance: 1e-10, maxIterations: 100_000 }).fit(table, target, { ...context, runtime: own }),
      ),
    );
    others.close();
    expect(three.coefficients).toEqual(one.coefficients);
    expect(three.intercept).toBe(one.intercept);
    const rest = target.values.map((y, i) =>
      table.columns.reduce((sum, { values }, j) => sum - values[i] * one.coefficients[j], y - one.intercept),
    );
    expect(Math.abs(rest.reduce((sum, value) => sum + value, 0)) / rows).toBeLessThan(1e-9);
    for (const [j, { values }] of table.columns.entries()) {
      const slope = values.reduce((sum, x, i) => sum + x * rest[i], 0) / rows;
      if (one.coefficients[j] === 0) expect(Math.abs(slope)).toBeLessThan(alpha * (1 + 1e-4));
      else expect(slope).toBeCloseTo(alpha * Math.sign(one.coefficients[j]), 4);
    }
  });

  it("names a value that is not a number", async () => {
    const { table, target } = drawn(500, 4);
    table.columns[2].values[77] = Number.NaN;
    await expect(new Lasso().fit(table, target, context)).rejects.toThrow(/row 77 of "x2"/);
  });

  it("takes columns whose first rows are not like the rest", async () => {
    const { table, target } = drawn(2000, 4);
    const moved = table.columns.map((column, j) =>
      j === 1 ? { ...column, values: column.values.map((x, i) => (i < 100 ? x - 1e9 : x)) } : column,
    );
    const model = await new Lasso({ ...exact, alpha: 0.1 }).fit({ rows: 2000, columns: moved }, target, context);
    expect(model.getState().meta.converged).toBe(true);
    expect(model.coefficients[0]).toBeCloseTo(-1.9, 1);
  });
});
