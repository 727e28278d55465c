import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.ts";
import { closeTo, layF64 } from "./matrix.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

const number = fc.double({ min: -5, max: 5, noNaN: true });

/** Columns, a target and weights of up to 40 rows. */
const problems = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), count: fc.integer({ min: 1, max: 5 }) })
  .chain(({ rows, count }) => {
    const column = fc.array(number, { minLength: rows, maxLength: rows });
    return fc.record({
      columns: fc.array(column, { minLength: count, maxLength: count }),
      target: column,
      weights: fc.option(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: rows, maxLength: rows })),
      middles: fc.array(number, { minLength: count, maxLength: count }),
    });
  });

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Columns one after another, at every `step`-th number. */
function staged(columns: readonly (readonly number[])[], step: number): number[] {
  return columns.flatMap((column) => [...column, ...new Array<number>(step - column.length).fill(99)]);
}

describe("columnMoments and columnProducts", () => {
  it("add sums, squares and products with the target of the columns less their middles", () => {
    fc.assert(
      fc.property(problems, ({ columns, target, weights, middles }) => {
        const rows = target.length;
        const step = rows + 2 - (rows % 2);
        runtime.scope((memory) => {
          const x = layF64(runtime, memory, staged(columns, step));
          const [y, m] = [layF64(runtime, memory, target), layF64(runtime, memory, middles)];
          const w = weights === null ? 0 : layF64(runtime, memory, weights);
          const sums = layF64(runtime, memory, new Array<number>(3 * columns.length).fill(1));
          runtime.parallel("columnMoments", [x, step, rows, m, y, w, sums], columns.length, 1);
          const out = layF64(runtime, memory, new Array<number>(columns.length).fill(2));
          runtime.parallel("columnProducts", [x, step, rows, m, y, out], columns.length, 1);
          for (const [j, column] of columns.entries()) {
            const left = column.map((value) => value - middles[j]);
            const own = weights ?? left.map(() => 1);
            const expected = [
              dot(own, left),
              dot(
                own,
                left.map((value) => value * value),
              ),
              dot(left, target),
            ];
            closeTo(
              [...runtime.f64(sums + j * 24, 3)],
              expected.map((value) => 1 + value),
              1e-12,
            );
            closeTo([...runtime.f64(out + j * 8, 1)], [2 + dot(left, target)], 1e-12);
          }
        });
      }),
    );
  });
});

/** One sweep as it is defined, over the residual itself. */
function sweepPlainly(
  columns: number[][],
  target: number[],
  { order, l1, l2 }: { order: number[]; l1: number; l2: number },
) {
  const residual = [...target];
  const weights = columns.map(() => 0);
  let [move, largest] = [0, 0];
  for (const k of order) {
    const square = dot(columns[k], columns[k]);
    const pull = dot(columns[k], residual) + square * weights[k];
    const after = Math.abs(pull) > l1 ? (Math.sign(pull) * (Math.abs(pull) - l1)) / (square + l2) : 0;
    const delta = after - weights[k];
    columns[k].forEach((value, i) => {
      residual[i] -= delta * value;
    });
    weights[k] = after;
    move = Math.max(move, Math.abs(delta));
    largest = Math.max(largest, Math.abs(after));
  }
  return { weights, residual, moved: largest === 0 ? 0 : move / largest };
}

describe("sweepProducts and sweepRows", () => {
  it("minimise along each chosen coordinate in turn, in both forms", () => {
    const penalties = fc.record({ l1: fc.double({ min: 0.1, max: 9, noNaN: true }), l2: fc.constantFrom(0, 2) });
    fc.assert(
      fc.property(problems, penalties, ({ columns, target }, { l1, l2 }) => {
        const size = columns.length;
        const order = [...columns.keys()].reverse();
        const expected = sweepPlainly(columns, target, { order, l1, l2 });
        const squares = columns.map((column) => dot(column, column));
        const step = target.length + 2 - (target.length % 2);
        runtime.scope((memory) => {
          const lay = (values: readonly number[]) => layF64(runtime, memory, values);
          const chosen = memory.alloc(4 * size);
          runtime.u32(chosen, size).set(order);
          const zeros = columns.map(() => 0);
          const residual = lay(target);
          const rowWeights = lay(zeros);
          const rest = [lay(squares), l1, l2, chosen, size];
          const x = lay(staged(columns, step));
          const movedRows = runtime.call("sweepRows", x, step, target.length, residual, rowWeights, ...rest);
          const products = lay(columns.flatMap((a) => columns.map((b) => dot(a, b))));
          const correlations = lay(columns.map((column) => dot(column, target)));
          const weights = lay(zeros);
          const moved = runtime.call("sweepProducts", products, size, correlations, weights, ...rest);
          closeTo([movedRows, moved], [expected.moved, expected.moved], 1e-9);
          closeTo([...runtime.f64(rowWeights, size)], expected.weights, 1e-9);
          closeTo([...runtime.f64(weights, size)], expected.weights, 1e-9);
          closeTo([...runtime.f64(residual, target.length)], expected.residual, 1e-9);
          const left = columns.map((column) => dot(column, expected.residual));
          expect(runtime.f64(correlations, size).every((value, k) => Math.abs(value - left[k]) < 1e-7)).toBe(true);
        });
      }),
    );
  });
});
