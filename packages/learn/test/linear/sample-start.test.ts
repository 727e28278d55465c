import { createRuntime, type KernelRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { type FitContext, LogisticRegression, Random } from "../../src/index.ts";
import { minimise } from "../../src/linear/lbfgs.ts";
import { penalisedMean } from "../../src/linear/penalised-mean.ts";
import { startFromSample } from "../../src/linear/sample-start.ts";
import { copyF64, copyI32, packRows } from "../../src/matrix/dense-rows.ts";

const runtimes = [1, 3].map((threads) => createRuntime({ threads }));
afterAll(() => {
  for (const runtime of runtimes) runtime.close();
});

const ROWS = 40_000;
const TOLERANCE = 1e-6;

interface Data {
  readonly columns: Float64Array[];
  readonly codes: Int32Array;
  readonly classes: number;
}

/** Columns whose classes follow noisy scores; `codeOf` may overrule a row's class. */
function data(classes: number, scales: readonly number[], codeOf = (_row: number, code: number) => code): Data {
  const random = new Random(7);
  const columns = scales.map((scale) => Float64Array.from({ length: ROWS }, () => scale * random.normal()));
  const codes = Int32Array.from({ length: ROWS }, (_, i) => {
    const score = columns.reduce((sum, values, j) => sum + (values[i] / scales[j]) * (((j % 3) - 1) * 0.8), 0);
    const code = Math.floor((classes / 6) * (score + random.normal() + 3));
    return codeOf(i, Math.min(classes - 1, Math.max(0, code)));
  });
  return { columns, codes, classes };
}

async function fitted(runtime: KernelRuntime, { columns, codes, classes }: Data): Promise<LogisticRegression> {
  const context: FitContext = { runtime, seed: 1, report: async () => {} };
  const table = {
    rows: ROWS,
    columns: columns.map((values, j) => ({ kind: "number" as const, name: `x${j}`, values })),
  };
  const names = Array.from({ length: classes }, (_, k) => `c${k}`);
  const target = { kind: "class" as const, name: "y", codes, classes: names };
  return await new LogisticRegression({ tolerance: TOLERANCE }).fit(table, target, context);
}

/** The value at the minimum, found from zero weights without a sample, and whether a sample start was offered. */
async function plainly(runtime: KernelRuntime, { columns, codes, classes }: Data) {
  return await runtime.scope(async (memory) => {
    const x = packRows(runtime, memory, { columns, rows: ROWS, intercept: true });
    const problem =
      classes === 2
        ? {
            kind: "logistic" as const,
            x,
            outputs: 1,
            y: copyF64(
              runtime,
              memory,
              Array.from(codes, (c) => 2 * c - 1),
            ),
          }
        : { kind: "softmax" as const, x, outputs: classes, y: copyI32(runtime, memory, codes) };
    const penalty = 1 / ROWS;
    const objective = penalisedMean(runtime, memory, { data: problem, penalty });
    const options = { tolerance: 1e-9, maxIterations: 3000, onIteration: async () => {} };
    const { value } = await minimise(objective, new Float64Array(problem.outputs * x.stride), options);
    const sample = await startFromSample(runtime, { data: problem, penalty, tolerance: TOLERANCE });
    return { value, isSampled: sample !== undefined };
  });
}

const EVEN = [1, 1, 1, 1, 1];
const problems: [string, Data][] = [
  ["two classes", data(2, EVEN)],
  ["three classes", data(3, EVEN)],
  ["columns of very different scales", data(2, [1e3, 1, 1e-2, 30, 0.2])],
  ["a sample that holds one class only", data(2, EVEN, (row, code) => (row % 16 === 0 ? 0 : code))],
];

describe.each(problems)("LogisticRegression started from a sample, with %s,", (_name, problem) => {
  it("reaches the minimum of all rows, in the same bits on any number of threads", async () => {
    const plain = await plainly(runtimes[0], problem);
    const [one, three] = await Promise.all(runtimes.map((runtime) => fitted(runtime, problem)));
    const { loss, converged } = one.getState().meta;
    expect(plain.isSampled).toBe(true);
    expect(converged).toBe(true);
    expect((loss as number) - plain.value).toBeLessThan(1e-9);
    expect((loss as number) - plain.value).toBeGreaterThan(-1e-9);
    expect(three.coefficients).toEqual(one.coefficients);
    expect(three.getState().meta).toEqual(one.getState().meta);
  });
});

it("few passes over all rows are left after a sample", async () => {
  const model = await fitted(runtimes[0], problems[0][1]);
  expect(model.getState().meta.iterations).toBeLessThanOrEqual(6);
});

it.each([
  [1e-4, true],
  [1e-11, false],
] as const)("a tolerance of %d lets passes run in single precision: %s", async (tolerance, expected) => {
  const [, { columns, codes }] = problems[0];
  const [runtime] = runtimes;
  await runtime.scope(async (memory) => {
    const x = packRows(runtime, memory, { columns, rows: ROWS, intercept: true });
    const y = copyF64(
      runtime,
      memory,
      Array.from(codes, (code) => 2 * code - 1),
    );
    const data = { kind: "logistic", x, y, outputs: 1 } as const;
    const sample = await startFromSample(runtime, { data, penalty: 1e-5, tolerance });
    expect(sample?.isSingleEnough).toBe(expected);
  });
});
