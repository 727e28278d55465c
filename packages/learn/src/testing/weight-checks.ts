// What weights of rows must mean to every estimator.
import { ParamError, ShapeError } from "../base/errors.ts";
import { takeRows, takeTarget } from "../base/take-rows.ts";
import { type Check, type CheckRuntimes, contextOf, ensure, hashState, requireError } from "./check.ts";
import type { Subject } from "./fitting.ts";
import { figures, type Sample } from "./sample.ts";

/** Largest difference, of predictions near 1, between rows that count twice and rows that are there twice. */
const TOLERANCE = 1e-5;

/** Checks of one estimator's weights, or of its refusing them. */
export function weightChecks(subject: Subject): Check[] {
  const fit = ({ table, target }: Sample, weights: Float64Array | undefined, { one }: CheckRuntimes) =>
    subject.make().fit(table, target, { ...contextOf(one), weights });
  if (subject.spec.weights === undefined) return [];
  const checks: Check[] = [
    {
      name: "learns with equal weights what it learns without",
      run: async (runtimes) => {
        const sample = subject.sample();
        const [plain, weighed] = [
          await fit(sample, undefined, runtimes),
          await fit(sample, new Float64Array(sample.table.rows).fill(1), runtimes),
        ];
        ensure((await hashState(plain.getState())) === (await hashState(weighed.getState())), "the states differ");
      },
    },
    {
      name: "refuses weights that are negative, missing, all zero or too few",
      run: async (runtimes) => {
        const sample = subject.sample();
        const { rows } = sample.table;
        const ones = () => new Float64Array(rows).fill(1);
        for (const weights of [ones().fill(-1, 3, 4), ones().fill(Number.NaN, 3, 4), ones().fill(0), ones().slice(1)]) {
          const error = await requireError(
            [ParamError, ShapeError],
            () => fit(sample, weights, runtimes),
            `weights ${weights.slice(0, 5)}`,
          );
          ensure(error.message.includes("weight"), `the error does not name the weights: ${error.message}`);
        }
      },
    },
  ];
  if (subject.spec.weights === "drawn") return checks;
  checks.push({
    name: "counts a row of weight 2 as two rows and one of weight 0 as none",
    run: async (runtimes) => {
      const { table, target } = subject.sample({ rows: 80 });
      const weights = Float64Array.from({ length: table.rows }, (_, row) => (row % 7 === 0 ? 0 : 1 + (row % 3)));
      const repeated = Uint32Array.from([...weights].flatMap((weight, row) => new Array(weight).fill(row)));
      const weighed = await fit({ table, target }, weights, runtimes);
      const sample = { table: takeRows(table, repeated), target: takeTarget(target, repeated) };
      const there = await fit(sample, undefined, runtimes);
      const [a, b] = [figures(weighed.predict(table)), figures(there.predict(table))];
      const most = a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
      ensure(most <= TOLERANCE, `predictions differ by ${most}`);
    },
  });
  return checks;
}
