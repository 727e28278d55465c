import { describe, expect, it } from "vitest";
import { largest, minimise, type Objective } from "../../src/linear/lbfgs.ts";

const options = { tolerance: 1e-8, maxIterations: 500, onIteration: async () => {} };

/** Sum of c_j (x_j - j)^2 / 2 with curvatures from 1 to 1e4. */
const quadratic: Objective = (x, gradient) => {
  let value = 0;
  for (let j = 0; j < x.length; j++) {
    const curvature = 10 ** ((4 * j) / (x.length - 1));
    gradient[j] = curvature * (x[j] - j);
    value += (curvature * (x[j] - j) ** 2) / 2;
  }
  return value;
};

const rosenbrock: Objective = (x, gradient) => {
  const [a, b] = x;
  gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
  gradient[1] = 200 * (b - a * a);
  return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
};

describe("minimise", () => {
  it("finds the minimum of a badly scaled quadratic", async () => {
    const { x, converged } = await minimise(quadratic, new Float64Array(20), options);
    expect(converged).toBe(true);
    // It ends when a step gains less than 1.4e-14, where x may still be wrong by about the root of that times a few;
    // how much exactly depends on how the engine rounds powers.
    x.forEach((value, j) => {
      expect(value).toBeCloseTo(j, 5);
    });
  });

  it("finds the bottom of Rosenbrock's valley", async () => {
    const { x, value } = await minimise(rosenbrock, Float64Array.of(-1.2, 1), options);
    expect(value).toBeLessThan(1e-12);
    expect(x[0]).toBeCloseTo(1, 5);
    expect(x[1]).toBeCloseTo(1, 5);
  });

  it("is led by gradients where values are too wrong to tell", async () => {
    const wrong: Objective = (x, gradient) => {
      const value = x.reduce((sum, v, j) => sum + Math.cosh(v - j), 0);
      for (let j = 0; j < x.length; j++) gradient[j] = Math.sinh(x[j] - j);
      return value * (1 + 1e-6 * Math.sin(1e9 * x[3]));
    };
    const strict = await minimise(wrong, new Float64Array(5), options);
    const led = await minimise(wrong, new Float64Array(5), { ...options, valueError: 1e-5 });
    expect(largest(led.gradient)).toBeLessThanOrEqual(1e-8);
    expect(largest(strict.gradient)).toBeGreaterThan(1e-8);
  });

  it("needs one step with the exact second derivative as its preconditioner", async () => {
    const precondition = (v: Float64Array) => {
      for (let j = 0; j < v.length; j++) v[j] /= 10 ** ((4 * j) / (v.length - 1));
    };
    const { iterations } = await minimise(quadratic, new Float64Array(20), { ...options, precondition });
    expect(iterations).toBe(1);
  });

  it("goes on without a preconditioner that leads nowhere", async () => {
    const precondition = (v: Float64Array) => v.fill(0);
    const { converged, iterations } = await minimise(quadratic, new Float64Array(20), { ...options, precondition });
    expect(converged).toBe(true);
    expect(iterations).toBeGreaterThan(1);
  });

  it("does nothing at the minimum", async () => {
    const start = Float64Array.from({ length: 20 }, (_, j) => j);
    expect(await minimise(quadratic, start, options)).toMatchObject({ iterations: 0, converged: true, value: 0 });
  });

  it("says when the iterations ran out", async () => {
    const result = await minimise(quadratic, new Float64Array(20), { ...options, maxIterations: 2 });
    expect(result).toMatchObject({ iterations: 2, converged: false });
  });

  it("never raises the value from one iteration to the next", async () => {
    const values: number[] = [];
    const onIteration = async (_: number, value: number) => void values.push(value);
    await minimise(rosenbrock, Float64Array.of(-1.2, 1), { ...options, onIteration });
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
  });
});
