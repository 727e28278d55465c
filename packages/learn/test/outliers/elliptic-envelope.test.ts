// The robust ellipsoid against scikit-learn's best of twenty seeds (bench/peers/decompositions_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { chiSquaredAbove, chiSquaredQuantile } from "../../src/base/distributions.ts";
import { Random } from "../../src/base/random.ts";
import { EllipticEnvelope, type Table } from "../../src/index.ts";
import { ellipsoidOf } from "../../src/outliers/ellipsoid.ts";
import { leastDeterminant } from "../../src/outliers/minimum-determinant.ts";
import { reweighted } from "../../src/outliers/usual-rows.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/decompositions.json" with { type: "json" };
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

function scores(detector: EllipticEnvelope, rows: Table): Float64Array {
  const prediction = detector.predict(rows);
  if (prediction.kind !== "number") throw new Error("a detector predicts scores");
  return prediction.values;
}

const SETS = [
  ["wine", 13, {}],
  ["breast_cancer", 8, {}],
  ["diabetes", 10, { support: 0.6 }],
] as const;

/** The first columns of an example, and the same row-major. */
function standardised(name: string, size: number) {
  const whole = example(name, true).table;
  const columns = whole.columns.slice(0, size);
  const values = new Float64Array(whole.rows * size);
  columns.forEach((column, j) => {
    for (let i = 0; i < whole.rows; i++) values[i * size + j] = (column as { values: Float64Array }).values[i];
  });
  return { data: { rows: whole.rows, columns }, cloud: { values, rows: whole.rows, size } };
}

describe("the rows of least determinant", () => {
  it.each(SETS)(
    "of %s have one no larger than the best that scikit-learn found, within 1e-6",
    async (name, size, params) => {
      const { cloud } = standardised(name, size);
      const { logDeterminant, rawSupport } = fixture.ellipses[name];
      expect("support" in params ? Math.floor(0.6 * cloud.rows) : Math.ceil((cloud.rows + size + 1) / 2)).toBe(
        rawSupport.length,
      );
      const how = { support: rawSupport.length, random: new Random(2), tell: async () => {} };
      expect((await leastDeterminant(cloud, how)).logDeterminant).toBeLessThan(logDeterminant + 1e-6);
    },
  );

  it.each(SETS)(
    "of %s lead to scikit-learn's centre, covariance and distances from its own rows, to 1e-6",
    (name, size) => {
      const { cloud } = standardised(name, size);
      const expected = fixture.ellipses[name];
      const raw = ellipsoidOf(cloud.values, size, Uint32Array.from(expected.rawSupport));
      const found = reweighted(cloud, raw, expected.rawSupport.length / cloud.rows);
      expect(distance(found.centre, expected.location)).toBeLessThan(1e-6);
      expect(distance(found.covariance, expected.covariance.flat())).toBeLessThan(1e-6);
      const squares = expected.distances.map((_, row) => found.squareTo(cloud.values, row * size));
      expect(distance(squares, expected.distances)).toBeLessThan(1e-6);
    },
  );
});

describe("EllipticEnvelope", () => {
  it("of breast_cancer has scikit-learn's centre, covariance, distances and threshold to 1e-6", async () => {
    const { data } = standardised("breast_cancer", 8);
    const detector = await new EllipticEnvelope({ contamination: 0.1 }).fit(data, undefined, context);
    const expected = fixture.ellipses.breast_cancer;
    expect(distance(detector.location, expected.location)).toBeLessThan(1e-6);
    expect(distance(detector.covariance, expected.covariance.flat())).toBeLessThan(1e-6);
    const own = scores(detector, data).slice(0, 40);
    const squares = expected.distances.map((square) => square + expected.offset);
    expect(distance(own, squares)).toBeLessThan(1e-6);
  });

  it("is not moved by a third of the rows lying elsewhere, nor by units", async () => {
    const wave = (i: number, step: number) => Math.sin(i * step) + Math.cos(i * step * 1.7);
    const far = (i: number) => (i % 3 === 0 ? 40 : 0);
    const x = Array.from({ length: 900 }, (_, i) => wave(i, 0.7) + far(i));
    const y = Array.from({ length: 900 }, (_, i) => 1e6 * (wave(i, 1.3) - far(i)));
    const data = table(numbers("x", x), numbers("y", y));
    const detector = await new EllipticEnvelope().fit(data, undefined, context);
    const found = scores(detector, data);
    for (let i = 0; i < 900; i += 3) expect(found[i]).toBeGreaterThan(0);
    expect(Math.abs(detector.location[0])).toBeLessThan(0.3);
    expect(Math.abs(detector.location[1])).toBeLessThan(3e5);
    expect(found.filter((score) => score > 0).length).toBeLessThan(360);
  });

  it("finds rows that leave a direction in which most do not vary", async () => {
    const x = Array.from({ length: 60 }, (_, i) => Math.sin(i));
    const data = table(
      numbers("x", x),
      numbers(
        "y",
        x.map((value, i) => 2 * value + (i === 7 ? 1 : 0)),
      ),
    );
    const found = scores(await new EllipticEnvelope().fit(data, undefined, context), data);
    expect(found[7]).toBeGreaterThan(1000);
    expect(found[8]).toBeLessThan(10);
  });

  it("refuses too few rows, and a state whose covariance is none", async () => {
    const few = table(numbers("x", [1, 2]), numbers("y", [1, 3]));
    await expect(new EllipticEnvelope().fit(few, undefined, context)).rejects.toThrow("more rows than its 2 columns");
    const good = await new EllipticEnvelope().fit(table(numbers("x", [1, 2, 4, 5])), undefined, context);
    const { tensors, meta } = good.getState();
    const covariance = { shape: [1, 1], data: Float64Array.of(-1) };
    expect(() => new EllipticEnvelope().setState({ tensors: { ...tensors, covariance }, meta })).toThrow("damaged");
  });
});

describe("chiSquaredQuantile", () => {
  it("is where chiSquaredAbove says so", () => {
    for (const degrees of [1, 2, 13, 200]) {
      for (const share of [0.01, 0.5, 0.975]) {
        const above = chiSquaredAbove(chiSquaredQuantile(share, degrees), degrees);
        expect(Math.abs(above - (1 - share))).toBeLessThan(1e-12);
      }
    }
    expect(chiSquaredQuantile(0.975, 1)).toBeCloseTo(5.023886187314888, 10);
  });
});
