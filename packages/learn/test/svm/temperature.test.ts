// The scale of probabilities from scores: the least log loss of a softmax at one temperature.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationRows, fitTemperature, type Scored } from "../../src/svm/temperature.ts";

function logLoss({ scores, codes, classes }: Scored, factor: number): number {
  let sum = 0;
  codes.forEach((code, i) => {
    const own = Array.from({ length: classes }, (_, k) => factor * scores[i * classes + k]);
    const largest = Math.max(...own);
    sum += Math.log(own.reduce((total, score) => total + Math.exp(score - largest), 0)) + largest - own[code];
  });
  return sum;
}

describe("fitTemperature", () => {
  it("finds the factor of least log loss between its bounds", () => {
    const scored = fc.integer({ min: 2, max: 4 }).chain((classes) =>
      fc
        .array(
          fc.tuple(
            fc.array(fc.integer({ min: -20, max: 20 }), { minLength: classes, maxLength: classes }),
            fc.integer({ min: 0, max: classes - 1 }),
          ),
          { minLength: 1, maxLength: 30 },
        )
        .map((rows) => ({
          scores: Float64Array.from(rows.flatMap(([scores]) => scores.map((score) => score / 4))),
          codes: Int32Array.from(rows, ([, code]) => code),
          classes,
        })),
    );
    fc.assert(
      fc.property(scored, (scored) => {
        const factor = fitTemperature(scored);
        const least = logLoss(scored, factor);
        for (let log = -3; log <= 3; log += 0.05) {
          expect(least).toBeLessThanOrEqual(logLoss(scored, 10 ** log) + 1e-9 * (1 + least));
        }
      }),
    );
  });

  it("asks rows from the whole table, which may be sorted by class", () => {
    const rows = calibrationRows(1_000_000);
    expect(rows).toHaveLength(20_000);
    expect(rows[0]).toBe(0);
    expect(rows[rows.length - 1]).toBe(999_950);
    expect([...calibrationRows(3)]).toEqual([0, 1, 2]);
  });
});
