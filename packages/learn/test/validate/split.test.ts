import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ParamError } from "../../src/base/errors.ts";
import { takeRows } from "../../src/base/take-rows.ts";
import { kFold, type Split, stratifiedKFold, trainTestSplit } from "../../src/validate/split.ts";
import { categories, numbers, table, texts } from "../tables.ts";

const rowsOf = ({ train, test }: Split) => [...train, ...test].sort((a, b) => a - b);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const isRising = (rows: Uint32Array) => rows.every((row, i) => i === 0 || rows[i - 1] < row);
const countOf = (codes: Int32Array, rows: Uint32Array, code: number) =>
  rows.filter((row) => codes[row] === code).length;

const codesArbitrary = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 200 })
  .map((codes) => Int32Array.from(codes));

describe("trainTestSplit", () => {
  it("puts every row into one part, rising, in the asked share", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.nat(),
        (rows, testShare, seed) => {
          const split = trainTestSplit(rows, { testShare, seed });
          expect(rowsOf(split)).toEqual(upTo(rows));
          expect(isRising(split.train) && isRising(split.test)).toBe(true);
          expect(split.test.length).toBe(Math.min(Math.max(Math.round(rows * testShare), 1), rows - 1));
        },
      ),
    );
  });

  it("splits each class in the asked share, to within one row", () => {
    fc.assert(
      fc.property(
        codesArbitrary,
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.nat(),
        (codes, testShare, seed) => {
          const split = trainTestSplit(codes.length, { testShare, seed, stratify: codes });
          expect(rowsOf(split)).toEqual(upTo(codes.length));
          const share = Math.min(Math.max(Math.round(codes.length * testShare), 1), codes.length - 1) / codes.length;
          for (const code of new Set(codes)) {
            const all = codes.filter((other) => other === code).length;
            expect(Math.abs(countOf(codes, split.test, code) - all * share)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it("is the same for the same seed and another for another", () => {
    expect(trainTestSplit(100, { seed: 1 })).toEqual(trainTestSplit(100, { seed: 1 }));
    expect(trainTestSplit(100, { seed: 1 })).not.toEqual(trainTestSplit(100, { seed: 2 }));
  });

  it.each([0, 1, -1, Number.NaN])("refuses %s as the share", (testShare) => {
    expect(() => trainTestSplit(10, { testShare, seed: 1 })).toThrow(ParamError);
  });
});

describe("k folds", () => {
  it("test every row once, in parts that differ by at most one row", () => {
    fc.assert(
      fc.property(codesArbitrary, fc.integer({ min: 2, max: 4 }), fc.nat(), (codes, folds, seed) => {
        for (const splits of [kFold(codes.length, { folds, seed }), stratifiedKFold(codes, { folds, seed })]) {
          expect(splits).toHaveLength(folds);
          expect(splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(upTo(codes.length));
          for (const split of splits) expect(rowsOf(split)).toEqual(upTo(codes.length));
          const sizes = splits.map(({ test }) => test.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("deal each class evenly when stratified", () => {
    fc.assert(
      fc.property(codesArbitrary, fc.integer({ min: 2, max: 4 }), fc.nat(), (codes, folds, seed) => {
        const splits = stratifiedKFold(codes, { folds, seed });
        for (const code of new Set(codes)) {
          const counts = splits.map(({ test }) => countOf(codes, test, code));
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it.each([1, 2.5, 11])("refuses %s folds of ten rows", (folds) => {
    expect(() => kFold(10, { folds, seed: 1 })).toThrow(ParamError);
  });
});

describe("takeRows", () => {
  it("takes rows of every kind of column in the given order", () => {
    const all = table(numbers("n", [1, null, 3]), categories("c", ["a", "b", null]), texts("t", ["x", null, "z"]));
    expect(takeRows(all, Uint32Array.of(2, 0, 2))).toEqual(
      table(numbers("n", [3, 1, 3]), categories("c", [null, "a", null], ["a", "b"]), texts("t", ["z", "x", "z"])),
    );
  });
});
