import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime, type KernelRuntime } from "../src/index.ts";
import { descendEpoch, gram, type LossKind, lossAndGradient } from "../src/reference/linear.ts";
import { closeTo, layF64, layI32, layRows, layWeights } from "./matrix.ts";

const runtimes = [1, 2, 3].map((threads) => createRuntime({ threads }));
const [single, several] = runtimes;
const PASSES = { squared: "squaredPass", logistic: "logisticPass", softmax: "softmaxPass" } as const;
const CODES = { squared: 0, logistic: 1, softmax: 2 } as const;
/** Data is float32 in the kernels and arithmetic float64; the reference sees the same rounded data. */
const TOLERANCE = 1e-11;

afterAll(() => {
  for (const runtime of runtimes) runtime.close();
});

interface Problem {
  readonly kind: LossKind;
  readonly rows: number[][];
  readonly targets: number[];
  readonly weights: number[][];
}

const number = (size: number) => fc.double({ min: -size, max: size, noNaN: true });

const problems: fc.Arbitrary<Problem> = fc
  .record({
    kind: fc.constantFrom<LossKind>("squared", "logistic", "softmax"),
    count: fc.integer({ min: 1, max: 150 }),
    columns: fc.integer({ min: 1, max: 9 }),
    classes: fc.integer({ min: 2, max: 5 }),
  })
  .chain(({ kind, count, columns, classes }) => {
    const outputs = kind === "softmax" ? classes : 1;
    const target = {
      squared: number(10),
      logistic: fc.constantFrom(-1, 1),
      softmax: fc.integer({ min: 0, max: classes - 1 }),
    }[kind];
    const row = fc.array(number(3).map(Math.fround), { minLength: columns, maxLength: columns });
    return fc.record({
      kind: fc.constant(kind),
      rows: fc.array(row, { minLength: count, maxLength: count }),
      targets: fc.array(target, { minLength: count, maxLength: count }),
      weights: fc.array(fc.array(number(4), { minLength: columns, maxLength: columns }), {
        minLength: outputs,
        maxLength: outputs,
      }),
    });
  });

/** Loss and gradient by kernel, and the bits of everything it wrote. */
function pass(runtime: KernelRuntime, problem: Problem, grain: number, kernel: string = PASSES[problem.kind]) {
  const { kind, rows, targets, weights } = problem;
  return runtime.scope((memory) => {
    const { pointer, stride } = layRows(runtime, memory, rows);
    const y = kind === "softmax" ? layI32(runtime, memory, targets) : layF64(runtime, memory, targets);
    const w = layWeights(runtime, memory, { weights, stride });
    const width = weights.length * stride;
    const span = 2 * width + 2 + 64 * (weights.length + 2);
    const chunks = Math.ceil(rows.length / grain);
    const partials = memory.alloc(chunks * span * 8);
    const out = memory.alloc((width + 2) * 8);
    const classes = kind === "softmax" ? [weights.length] : [];
    runtime.parallel(kernel, [pointer, stride, y, w, ...classes, partials, span, grain], rows.length, grain);
    runtime.call("sumPartials", partials, span, chunks, out, 0, width + 1);
    const sums = runtime.f64(out, width + 1).slice();
    const gradient = weights.map((row, k) => [...sums.subarray(k * stride, k * stride + row.length)]);
    return { loss: sums[width], gradient, bits: Buffer.from(sums.buffer).toString("hex") };
  });
}

describe("the passes of the linear models", () => {
  it("give the reference's loss and gradient, however the rows are cut", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 80 }), (problem, grain) => {
        const expected = lossAndGradient(problem.kind, problem.rows, problem.targets, problem.weights);
        const actual = pass(single, problem, grain);
        closeTo([actual.loss], [expected.loss], TOLERANCE);
        closeTo(actual.gradient.flat(), expected.gradient.flat(), TOLERANCE * problem.rows.length);
      }),
      { numRuns: 200 },
    );
  });

  it("give the logistic loss and gradient to float32's digits in single precision", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 600 }), ({ rows, targets, weights }, grain) => {
        const signs = targets.map((target) => (target > 0 ? 1 : -1));
        const problem = { kind: "logistic", rows, targets: signs, weights: weights.slice(0, 1) } as const;
        const expected = lossAndGradient("logistic", rows, signs, problem.weights);
        const actual = pass(single, problem, grain, "logisticPassSingle");
        closeTo([actual.loss], [expected.loss], 1e-5 * rows.length);
        closeTo(actual.gradient.flat(), expected.gradient.flat(), 1e-5 * rows.length);
        expect(pass(runtimes[2], problem, grain, "logisticPassSingle").bits).toBe(actual.bits);
      }),
      { numRuns: 200 },
    );
  });

  it("sum up many rows in single precision without losing digits", () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [1, Math.fround(Math.sin(i)), Math.fround(Math.cos(3 * i))]);
    const problem = {
      kind: "logistic",
      rows,
      targets: rows.map((_, i) => (i % 3 ? 1 : -1)),
      weights: [[0.2, 0.5, -1]],
    };
    const expected = pass(single, problem as Problem, 10_000);
    const actual = pass(single, problem as Problem, 10_000, "logisticPassSingle");
    closeTo([actual.loss], [expected.loss], 1e-7 * expected.loss);
    closeTo(actual.gradient.flat(), expected.gradient.flat(), 1e-7 * rows.length);
  });

  it("stay finite at scores far out on both sides", () => {
    for (const weight of [1e4, -1e4]) {
      for (const kind of ["logistic", "softmax"] as const) {
        const weights = kind === "softmax" ? [[weight], [0], [-weight]] : [[weight]];
        const problem = { kind, rows: [[1], [-1], [1]], targets: [1, 1, 1], weights };
        const actual = pass(single, problem, 8);
        const expected = lossAndGradient(kind, problem.rows, problem.targets, weights);
        closeTo([actual.loss], [expected.loss], TOLERANCE);
        closeTo(actual.gradient.flat(), expected.gradient.flat(), TOLERANCE);
      }
    }
  });

  it("give the same bits on one, two and three threads, and really use them", () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [Math.sin(i), Math.cos(3 * i), 1, i % 7, Math.sin(i * i)]);
    for (const kind of ["squared", "logistic", "softmax"] as const) {
      const targets = rows.map((_, i) => (kind === "logistic" ? (i % 2) * 2 - 1 : i % 3));
      const weights = kind === "softmax" ? [1, 2, 3].map((k) => rows[k]) : [rows[1]];
      const problem = { kind, rows, targets, weights };
      const expected = pass(single, problem, 64).bits;
      for (const runtime of runtimes) {
        warmUp(runtime);
        for (let repeat = 0; repeat < 5; repeat++) expect(pass(runtime, problem, 64).bits).toBe(expected);
      }
    }
    expect(memberChunks(runtimes[0])).toBe(0);
    expect(memberChunks(runtimes[1])).toBeGreaterThan(0);
    expect(memberChunks(runtimes[2])).toBeGreaterThan(0);
  });
});

describe("the descents of the linear models", () => {
  const settings = fc.record({
    batch: fc.integer({ min: 1, max: 12 }),
    rate: fc.double({ min: 1e-4, max: 0.05, noNaN: true }),
    power: fc.constantFrom(0, 0.25, 0.5, 0.3),
    l2: fc.constantFrom(0, 0.1),
    momentum: fc.constantFrom(0, 0.5, 0.9),
    hasIntercept: fc.boolean(),
  });

  it("make the reference's updates", () => {
    fc.assert(
      fc.property(problems, settings, ({ kind, rows, targets, weights }, { hasIntercept, ...options }) => {
        const withOnes = hasIntercept ? rows.map((row) => [...row, 1]) : rows;
        const intercept = hasIntercept ? rows[0].length : -1;
        const expected = descendEpoch(withOnes, targets, weights.length, { kind, intercept, ...options });
        const actual = descend({ kind, rows: withOnes, targets, outputs: weights.length }, { intercept, ...options });
        closeTo([actual.loss], [expected.loss], 1e-9);
        closeTo(actual.weights, expected.weights.flat(), 1e-9);
      }),
      { numRuns: 200 },
    );
  });
});

function descend(
  problem: { kind: LossKind; rows: number[][]; targets: number[]; outputs: number },
  settings: { batch: number; rate: number; power: number; l2: number; momentum: number; intercept: number },
) {
  const { kind, rows, targets, outputs } = problem;
  const { batch, rate, power, l2, momentum, intercept } = settings;
  return single.scope((memory) => {
    const { pointer, stride } = layRows(single, memory, rows);
    const y = kind === "softmax" ? layI32(single, memory, targets) : layF64(single, memory, targets);
    const zero = () => layF64(single, memory, new Array(stride * outputs).fill(0));
    const [weights, gradient, velocity] = [zero(), zero(), zero()];
    const scratch = memory.alloc(64 * (outputs + 2) * 8);
    const plain = batch === 1 && momentum === 0 && kind !== "softmax";
    const loss = plain
      ? single.call(
          "descendRows",
          pointer,
          stride,
          intercept,
          y,
          weights,
          CODES[kind],
          rate,
          power,
          l2,
          0,
          0,
          rows.length,
        )
      : single.call(
          "descendBatches",
          ...[pointer, stride, intercept, y, weights, gradient, velocity, scratch, CODES[kind], outputs],
          ...[batch, rate, power, l2, momentum, 0, 0, rows.length],
        );
    const all = single.f64(weights, stride * outputs).slice();
    const kept = Array.from({ length: outputs }, (_, k) => [...all.subarray(k * stride, k * stride + rows[0].length)]);
    return { loss, weights: kept.flat() };
  });
}

/** Columns in panels of four: of each two rows two values of the first column, then of the second and so on. */
function inPanels(columns: readonly (readonly number[])[], height: number): number[] {
  const out = new Array<number>(Math.ceil(columns.length / 4) * 4 * height).fill(0);
  columns.forEach((column, j) => {
    column.forEach((value, i) => {
      out[(j - (j % 4)) * height + (i - (i % 2)) * 4 + (j % 4) * 2 + (i % 2)] = value;
    });
  });
  return out;
}

describe("gramPanels", () => {
  it("adds X'X of the columns to what is there, with the same bits by any number of threads", () => {
    warmUp(several);
    const columns = fc
      .integer({ min: 1, max: 600 })
      .chain((rows) =>
        fc.array(fc.array(number(5), { minLength: rows, maxLength: rows }), { minLength: 1, maxLength: 14 }),
      );
    fc.assert(
      fc.property(columns, (columns) => {
        const width = Math.ceil(columns.length / 4) * 4;
        const rows = columns[0].length;
        const height = 2 * Math.ceil(rows / 2) + 2;
        const [actual, again] = [single, several].map((runtime) =>
          runtime.scope((memory) => {
            const x = layF64(runtime, memory, inPanels(columns, height));
            const out = layF64(runtime, memory, new Array<number>(width * width).fill(1));
            runtime.parallel("gramPanels", [x, height, rows, width, out], width / 4, 1);
            return runtime.f64(out, width * width).slice();
          }),
        );
        expect(again).toEqual(actual);
        gram(columns).forEach((row, i) => {
          for (let j = 0; j <= i; j++) closeTo([actual[i * width + j]], [1 + row[j]], 1e-12);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe("centrePanels", () => {
  it("takes the middles off, leaves 0 for what is missing, adds up and counts it, and multiplies by the roots", () => {
    const value = fc.option(fc.integer({ min: -50, max: 50 }), { nil: Number.NaN });
    const column = fc.array(value, { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), fc.boolean(), (columns, isWeighed) => {
        const middles = columns.map((_, j) => j - 1);
        const left = columns.map((own, j) => own.map((x) => (Number.isNaN(x) ? 0 : x - middles[j])));
        const roots = Array.from({ length: 7 }, (_, i) => (isWeighed ? i / 2 : 1));
        single.scope((memory) => {
          const staged = layF64(
            single,
            memory,
            columns.flatMap((own) => [...own, 99]),
          );
          const sums = layF64(
            single,
            memory,
            columns.flatMap(() => [1, 2]),
          );
          const length = Math.ceil(columns.length / 4) * 4 * 8;
          const out = layF64(single, memory, new Array<number>(length).fill(77));
          const at = isWeighed ? layF64(single, memory, roots) : 0;
          const head = [staged, 8, 7, columns.length, layF64(single, memory, middles), at, out, 8, sums];
          single.parallel("centrePanels", head, length / 32, 1);
          const expected = left.map((own) => own.map((x, i) => x * roots[i]));
          expect([...single.f64(out, length)]).toEqual(inPanels(expected, 8));
          expect([...single.f64(sums, 2 * columns.length)]).toEqual(
            left.flatMap((own, j) => [
              1 + own.reduce((sum, value) => sum + value, 0),
              2 + columns[j].filter(Number.isNaN).length,
            ]),
          );
        });
      }),
    );
  });
});

/** Threads start only after some milliseconds of shared work, and then need some to load. */
function warmUp(runtime: KernelRuntime): void {
  const until = performance.now() + 10_000;
  runtime.scope((memory) => {
    const out = memory.alloc(8 * 200_000);
    do runtime.parallel("fillF64", [out, 1], 200_000, 500);
    while (runtime.threads > 1 && memberChunks(runtime) === 0 && performance.now() < until);
  });
}

function memberChunks(runtime: KernelRuntime): number {
  return (runtime as unknown as { memberChunks: number }).memberChunks;
}
