// Published test functions for optimisers, by the definitions and ranges of the evalset collection (McCourt 2016) in
// the suite of Dewancker et al. 2016, "A Stratified Analysis of Bayesian Optimization Methods". The same functions for
// Optuna are in bench/peers/tune_functions.py; a fixture proves that both are the same. All are minimised.
import type { Params, SpaceSpec } from "../src/index.ts";

type Point = readonly number[];

/** A function to minimise and where. */
export interface Problem {
  readonly name: string;
  readonly space: SpaceSpec;
  value(params: Params): number;
}

interface Definition {
  readonly name: string;
  readonly bounds: readonly (readonly [number, number])[];
  readonly value: (x: Point) => number;
  /** Axes of whole numbers. */
  readonly whole?: readonly number[];
  /** Results are rounded down to this many values per unit. */
  readonly steps?: number;
}

const { abs, cos, exp, floor, log, log10, min, PI, sin, sqrt } = Math;

function ackley(x: Point): number {
  const n = x.length;
  const root = sqrt(sum(x, (v) => v * v) / n);
  return 20 + Math.E - 20 * exp(-0.2 * root) - exp(sum(x, (v) => cos(2 * PI * v)) / n);
}

function carromTable([a, b]: Point): number {
  return -((cos(a) * cos(b) * exp(abs(1 - sqrt(a * a + b * b) / PI))) ** 2) / 30;
}

function corrugatedSpring(x: Point): number {
  const square = sum(x, (v) => (v - 5) ** 2);
  return 0.1 * square - cos(5 * sqrt(square));
}

function hartmann(weights: readonly Point[], centres: readonly Point[]): (x: Point) => number {
  const heights = [1, 1.2, 3, 3.2];
  return (x) => -sum(heights, (h, k) => h * exp(-sum(x, (v, i) => weights[k][i] * (v - centres[k][i]) ** 2)));
}

const hartmann3 = hartmann(
  [
    [3, 10, 30],
    [0.1, 10, 35],
    [3, 10, 30],
    [0.1, 10, 35],
  ],
  [
    [0.3689, 0.117, 0.2673],
    [0.4699, 0.4387, 0.747],
    [0.1091, 0.8732, 0.5547],
    [0.03815, 0.5743, 0.8828],
  ],
);

const hartmann6 = hartmann(
  [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
);

function helicalValley([a, b, c]: Point): number {
  const turn = Math.atan2(b, a) / (2 * PI);
  return 100 * ((c - 10 * turn) ** 2 + (sqrt(a * a + b * b) - 1) ** 2) + c * c;
}

function lennardJones6(x: Point): number {
  const square = sum([0, 1, 2], (i) => (x[i] - x[i + 3]) ** 2);
  const sixth = square ** 3 + 1e-8;
  return square > 0 ? min((1 / sixth - 2) / sixth, 0) : 0;
}

function michalewicz(x: Point): number {
  return -sum(x, (v, i) => sin(v) * sin(((i + 1) * v * v) / PI) ** 20);
}

function pinter(x: Point): number {
  const n = x.length;
  return sum(x, (v, i) => {
    const before = x[(i + n - 1) % n];
    const after = x[(i + 1) % n];
    const a = before * sin(v) + sin(after);
    const b = before ** 2 - 2 * v + 3 * after - cos(v) + 1;
    return (i + 1) * (v * v + 20 * sin(a) ** 2 + log10(1 + (i + 1) * b * b));
  });
}

function rosenbrockLog(x: Point): number {
  return log(1 + sum(x.slice(1), (b, i) => 100 * (b - x[i] ** 2) ** 2 + (1 - x[i]) ** 2));
}

function sargan(x: Point): number {
  const n = x.length;
  return n * (sum(x, (v) => v * v) + 0.4 * n * sum(x.slice(1), (b, i) => x[i] * b));
}

function shekel05(x: Point): number {
  const centres = [
    [4, 4, 4, 4],
    [1, 1, 1, 1],
    [8, 8, 8, 8],
    [6, 6, 6, 6],
    [3, 7, 3, 7],
  ];
  const widths = [0.1, 0.2, 0.2, 0.4, 0.6];
  return -sum(centres, (centre, k) => 1 / (sum(x, (v, i) => (v - centre[i]) ** 2) + widths[k]));
}

function tripod([a, b]: Point): number {
  const right = Number(a >= 0);
  const up = Number(b >= 0);
  return up * (1 + right) + abs(a + 50 * up * (1 - 2 * right)) + abs(b + 50 * (1 - 2 * up));
}

function xorNetwork(x: Point): number {
  const out = (z: number) => 1 / (1 + exp(-z));
  const answer = (first: number, second: number) =>
    out(x[6] * out(first * x[0] + second * x[1] + x[4]) + x[7] * out(first * x[2] + second * x[3] + x[5]) + x[8]);
  return answer(1, 1) ** 2 + answer(0, 0) ** 2 + (1 - answer(1, 0)) ** 2 + (1 - answer(0, 1)) ** 2;
}

function cube(low: number, high: number, n: number): [number, number][] {
  return Array.from({ length: n }, () => [low, high]);
}

const ROSENBROCK_LOG_BOUNDS: readonly [number, number][] = [
  [-2, 2],
  [-2, 1.1],
  [0.5, 2],
  [-2, 2],
  [0.8, 2],
  [-2, 1.5],
  [-2, 2],
  [-2, 1.2],
  [0.7, 2],
  [-2, 2],
  [-2, 2],
];

const DEFINITIONS: readonly Definition[] = [
  { name: "Ackley 11", bounds: cube(-10, 30, 11), value: ackley },
  { name: "Ackley 3 r1", bounds: cube(-10, 30, 3), value: ackley, steps: 1 },
  {
    name: "Adjiman 2",
    bounds: [
      [-1, 2],
      [-1, 1],
    ],
    value: ([a, b]) => cos(a) * sin(b) - a / (b * b + 1),
  },
  { name: "Alpine02 2 i0", bounds: cube(0, 10, 2), value: ([a, b]) => sqrt(a) * sin(a) * sqrt(b) * sin(b), whole: [0] },
  { name: "CarromTable 2 i0", bounds: cube(-10, 10, 2), value: carromTable, whole: [0] },
  {
    name: "Csendes 2",
    bounds: cube(-0.5, 1, 2),
    value: (x) => sum(x, (v) => v ** 6 * (2 + sin(1 / (v + Number.EPSILON)))),
  },
  { name: "DeflectedCorrugatedSpring 4", bounds: cube(0, 7.5, 4), value: corrugatedSpring },
  { name: "DeflectedCorrugatedSpring 7", bounds: cube(0, 7.5, 7), value: corrugatedSpring },
  // The collection's Easom is Ackley's function over a wider range.
  { name: "Easom 2", bounds: cube(-100, 20, 2), value: ackley },
  { name: "Easom 4", bounds: cube(-100, 20, 4), value: ackley },
  { name: "Easom 5", bounds: cube(-100, 20, 5), value: ackley },
  { name: "Hartmann3 3 i0", bounds: cube(0, 1, 3), value: hartmann3, whole: [0] },
  { name: "Hartmann6 6 r10", bounds: cube(0, 1, 6), value: hartmann6, steps: 10 },
  { name: "HelicalValley 3", bounds: cube(-1, 2, 3), value: helicalValley },
  { name: "LennardJones6 6", bounds: cube(-3, 3, 6), value: lennardJones6 },
  { name: "Michalewicz 4", bounds: cube(0, PI, 4), value: michalewicz },
  { name: "Michalewicz 4 r20", bounds: cube(0, PI, 4), value: michalewicz, steps: 20 },
  { name: "Michalewicz 8", bounds: cube(0, PI, 8), value: michalewicz },
  { name: "Pinter 2 i01", bounds: cube(-5, 2, 2), value: pinter, whole: [0, 1] },
  { name: "Plateau 2", bounds: cube(-2.34, 5.12, 2), value: (x) => 30 + sum(x, (v) => floor(abs(v))) },
  {
    name: "Problem03 1",
    bounds: cube(-10, 10, 1),
    value: ([v]) => -sum([1, 2, 3, 4, 5], (k) => k * sin((k + 1) * v + k)),
  },
  { name: "RosenbrockLog 11", bounds: ROSENBROCK_LOG_BOUNDS, value: rosenbrockLog },
  { name: "Sargan 5", bounds: cube(-2, 4, 5), value: sargan },
  { name: "Sargan 2 i0", bounds: cube(-2, 4, 2), value: sargan, whole: [0] },
  { name: "Schwefel20 2", bounds: cube(-60, 100, 2), value: (x) => sum(x, abs) },
  { name: "Schwefel20 2 i0", bounds: cube(-60, 100, 2), value: (x) => sum(x, abs), whole: [0] },
  { name: "Schwefel36 2", bounds: cube(0, 20, 2), value: ([a, b]) => -a * b * (72 - 2 * a - 2 * b) },
  { name: "Shekel05 4", bounds: cube(0, 10, 4), value: shekel05 },
  {
    name: "Sphere 7 i01234",
    bounds: cube(-5.12, 2.12, 7),
    value: (x) => sum(x, (v) => v * v),
    whole: [0, 1, 2, 3, 4],
  },
  {
    name: "StyblinskiTang 5",
    bounds: cube(-5, 5, 5),
    value: (x) => sum(x, (v) => v ** 4 - 16 * v * v + 5 * v) / 2,
  },
  { name: "Tripod 2", bounds: cube(-100, 100, 2), value: tripod },
  { name: "Xor 9", bounds: cube(-1, 1, 9), value: xorNetwork },
];

/** The functions, named by dimensions, whole axes (i) and resolution (r). */
export const PROBLEMS: readonly Problem[] = DEFINITIONS.map(problemOf);

/** The parameters of a point. */
export function paramsAt(x: Point): Params {
  return Object.fromEntries(x.map((v, i) => [`x${i}`, v]));
}

// Internal

function problemOf({ name, bounds, value, whole = [], steps }: Definition): Problem {
  const names = bounds.map((_, i) => `x${i}`);
  const axes = bounds.map(([a, b], i) =>
    whole.includes(i)
      ? { type: "int" as const, min: Math.ceil(a), max: floor(b) }
      : { type: "float" as const, min: a, max: b },
  );
  return {
    name,
    space: Object.fromEntries(names.map((key, i) => [key, axes[i]])),
    value: (params) => {
      const y = value(names.map((key) => params[key] as number));
      return steps === undefined ? y : floor(steps * y) / steps;
    },
  };
}

function sum<T>(items: readonly T[], term: (item: T, i: number) => number): number {
  return items.reduce((total, item, i) => total + term(item, i), 0);
}
