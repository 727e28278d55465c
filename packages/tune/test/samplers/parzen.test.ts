import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Params, SpaceSpec } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { kernelsOf, normalKernels, placeOf } from "../../src/samplers/kernels.ts";
import { mixtureWeights, ParzenEstimator } from "../../src/samplers/parzen.ts";
import { type Dimension, drawUniform, Space } from "../../src/space/space.ts";
import reference from "../fixtures/optuna.json" with { type: "json" };
import { parameters } from "../spaces.ts";

// The space of bench/peers/tune_reference.py.
const SPACE: SpaceSpec = {
  linear: { type: "float", min: -3, max: 5 },
  log: { type: "float", min: 1e-4, max: 10, log: true },
  step: { type: "float", min: 0, max: 2, step: 0.25 },
  whole: { type: "int", min: 1, max: 40 },
  wholeLog: { type: "int", min: 1, max: 900, log: true },
  word: { type: "categorical", choices: ["a", "b", "c"] },
};

function only(parameter: SpaceSpec[string]): Dimension {
  return new Space({ x: parameter }).dimensions[0];
}

function places(dimensions: readonly Dimension[], point: Params): Float64Array {
  return Float64Array.from(dimensions, (dimension) => placeOf(dimension, point[dimension.name]));
}

// Widths by their definition, one kernel at a time.
function slowWidths(centres: readonly number[], low: number, high: number): number[] {
  const sorted = [...centres].sort((a, b) => a - b);
  const n = sorted.length;
  return centres.map((centre) => {
    // Of equal centres the widths are those of their places in the order; the caller compares sorted lists.
    const i = sorted.indexOf(centre);
    const gaps = [];
    if (i > 0) gaps.push(centre - sorted[i - 1]);
    if (i < n - 1) gaps.push(sorted[i + 1] - centre);
    if (n === 1) gaps.push(centre - low, high - centre);
    const width = Math.max(...gaps);
    return Math.min(Math.max(width, (high - low) / Math.min(100, n + 2)), high - low);
  });
}

describe("the Parzen estimator", () => {
  it("has the densities of Optuna's over mixed parameters, tails included, to 1e-9", () => {
    const { dimensions } = new Space(SPACE);
    for (const { observed, points, logDensity } of reference.parzen) {
      const estimator = new ParzenEstimator(dimensions, observed, 1);
      for (const [i, point] of points.entries()) {
        const ours = estimator.logDensity(places(dimensions, point));
        expect(Math.abs(ours - logDensity[i])).toBeLessThan(1e-9 * Math.max(1, Math.abs(logDensity[i])));
      }
    }
  });

  it("weighs trials as Optuna does", () => {
    for (const [n, weights] of Object.entries(reference.weights)) {
      const ours = mixtureWeights(Number(n), 1);
      const sum = weights.reduce((total, weight) => total + weight, 1);
      expect([...ours].slice(0, -1).map((w) => w * sum)).toEqual(weights.map((w) => expect.closeTo(w, 12)));
      expect(ours[ours.length - 1]).toBeCloseTo(1 / sum, 12);
    }
  });

  it("sums to one over all points of a discrete space", () => {
    const { dimensions } = new Space({
      whole: { type: "int", min: 1, max: 9, log: true },
      step: { type: "float", min: 0, max: 1, step: 0.25 },
      word: { type: "categorical", choices: ["a", "b"] },
    });
    const observed = [
      { whole: 2, step: 0.25, word: "a" },
      { whole: 9, step: 1, word: "a" },
      { whole: 2, step: 0, word: "b" },
    ];
    const estimator = new ParzenEstimator(dimensions, observed, 1);
    let total = 0;
    for (let whole = 1; whole <= 9; whole++)
      for (let step = 0; step <= 1; step += 0.25)
        for (const word of ["a", "b"])
          total += Math.exp(estimator.logDensity(places(dimensions, { whole, step, word })));
    expect(total).toBeCloseTo(1, 12);
  });

  it("integrates to one over a plane", () => {
    const { dimensions } = new Space({
      a: { type: "float", min: 0, max: 1 },
      b: { type: "float", min: 1, max: 10, log: true },
    });
    const estimator = new ParzenEstimator(
      dimensions,
      [
        { a: 0.1, b: 2 },
        { a: 0.9, b: 9 },
        { a: 0.5, b: 2.1 },
      ],
      1,
    );
    const n = 200;
    let total = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        total += Math.exp(estimator.logDensity(Float64Array.of((i + 0.5) / n, (Math.log(10) * (j + 0.5)) / n)));
    // The middle rule's error is of the order of the squared step over the squared width.
    expect((total / n / n) * Math.log(10)).toBeCloseTo(1, 4);
  });

  it("draws what its density says, on a continuous, a discrete and a categorical parameter", () => {
    const cases: [SpaceSpec[string], Params[], number][] = [
      [{ type: "float", min: 0, max: 1 }, [{ x: 0.05 }, { x: 0.3 }, { x: 0.32 }, { x: 0.98 }], 20],
      [{ type: "int", min: 1, max: 8, log: true }, [{ x: 1 }, { x: 3 }, { x: 3 }, { x: 8 }], 8],
      [{ type: "categorical", choices: ["a", "b", "c"] }, [{ x: "b" }, { x: "b" }, { x: "c" }], 3],
    ];
    for (const [parameter, observed, cells] of cases) {
      const dimension = only(parameter);
      const estimator = new ParzenEstimator([dimension], observed, 1);
      const expected = cellMasses(dimension, estimator, cells);
      const counts = new Array<number>(cells).fill(0);
      const random = new Random(11);
      const n = 20_000;
      for (let i = 0; i < n; i++) counts[cellOf(dimension, estimator.sample(random)[0], cells)]++;
      const chiSquare = counts.reduce((sum, count, i) => sum + (count - n * expected[i]) ** 2 / (n * expected[i]), 0);
      // Mean cells - 1, variance twice that; five deviations.
      expect(chiSquare).toBeLessThan(cells - 1 + 5 * Math.sqrt(2 * (cells - 1)));
    }
  });
});

describe("the kernels", () => {
  it("are as wide as the way to the farther neighbour, within bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 3, noNaN: true }), { maxLength: 130 }), (centres) => {
        const { mu, sigma } = normalKernels(centres, -2, 3);
        expect([mu[centres.length], sigma[centres.length]]).toEqual([0.5, 5]);
        const different = new Set(centres).size === centres.length;
        if (different) expect([...sigma].slice(0, -1)).toEqual(slowWidths(centres, -2, 3));
        for (const s of sigma) expect(s).toBeGreaterThanOrEqual(5 / Math.min(100, centres.length + 2));
        for (const s of sigma) expect(s).toBeLessThanOrEqual(5);
      }),
    );
  });

  it("stay inside their parameter's range whatever was observed", () => {
    fc.assert(
      fc.property(parameters, fc.integer({ min: 0, max: 12 }), fc.nat(), (parameter, n, seed) => {
        const space = new Space({ x: parameter });
        const [dimension] = space.dimensions;
        const random = new Random(seed);
        const observed = Array.from({ length: n }, () => drawUniform(dimension, random));
        const column = kernelsOf(dimension, observed, 1);
        const logs = new Float64Array(n + 1);
        for (let k = 0; k <= n; k++) {
          if (dimension.single) continue;
          const place = column.sample(k, random);
          const value = "axis" in dimension ? dimension.axis.decode(place) : dimension.choices[place];
          space.check({ x: value });
          logs.fill(0);
          column.addLogDensity(place, logs);
          for (const log of logs) expect(log).not.toBeNaN();
          expect(logs[k]).toBeGreaterThan(-Infinity);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function cellOf(dimension: Dimension, place: number, cells: number): number {
  if (!("axis" in dimension)) return place;
  if (dimension.axis.discrete) return dimension.axis.decode(place) - 1;
  return Math.min(cells - 1, Math.floor(place * cells));
}

function cellMasses(dimension: Dimension, estimator: ParzenEstimator, cells: number): number[] {
  return Array.from({ length: cells }, (_, i) => {
    if (!("axis" in dimension)) return Math.exp(estimator.logDensity(Float64Array.of(i)));
    if (dimension.axis.discrete) return Math.exp(estimator.logDensity(Float64Array.of(dimension.axis.encode(i + 1))));
    const fine = 200;
    let mass = 0;
    for (let j = 0; j < fine; j++)
      mass += Math.exp(estimator.logDensity(Float64Array.of((i + (j + 0.5) / fine) / cells))) / (cells * fine);
    return mass;
  });
}
