import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { BOOST_CONTEXT, BOOST_SCRATCH_BYTES, createRuntime, LEVEL_JOB, SPLIT_RECORD_BYTES } from "../src/index.ts";
import {
  categorySides,
  type GainLimits,
  gainReference,
  histogramReference,
  numberSides,
} from "../src/reference/histogram.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

interface Problem extends GainLimits {
  /** Per feature: a category or not, its number of codes, and each row's code. */
  readonly features: { readonly category: boolean; readonly codeCount: number; readonly codes: number[] }[];
  /** Whole numbers, so that f32 and f64 sums are exact. */
  readonly pairs: [number, number][];
  /** Rows whose histogram is built; the others are the sibling's. */
  readonly built: number;
  readonly groupSize: number;
}

const problem: fc.Arbitrary<Problem> = fc
  .record({ rows: fc.integer({ min: 2, max: 30 }), features: fc.integer({ min: 1, max: 10 }) })
  .chain(({ rows, features }) =>
    fc.record({
      features: fc.array(
        fc.record({ category: fc.boolean(), codeCount: fc.integer({ min: 2, max: 6 }) }).chain((feature) =>
          fc.record({
            category: fc.constant(feature.category),
            codeCount: fc.constant(feature.codeCount),
            codes: fc.array(fc.integer({ min: 0, max: feature.codeCount - 1 }), { minLength: rows, maxLength: rows }),
          }),
        ),
        { minLength: features, maxLength: features },
      ),
      pairs: fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.constant(1)), { minLength: rows, maxLength: rows }),
      built: fc.integer({ min: 1, max: rows - 1 }),
      groupSize: fc.integer({ min: 1, max: 8 }),
      l2: fc.constantFrom(0, 1, 2.5),
      minChildWeight: fc.constantFrom(0, 2),
      minSamplesLeaf: fc.integer({ min: 1, max: 4 }),
    }),
  );

interface Found {
  readonly gain: number;
  readonly left: Set<number>;
  readonly sums: number[];
}

/** Runs the kernel on the whole problem as root, then on its first `built` rows with the root as parent. */
function search(input: Problem): { root: Found[]; built: Found[]; sibling: Found[] } {
  const { features, pairs, built, groupSize, l2, minChildWeight, minSamplesLeaf } = input;
  const rows = pairs.length;
  const count = features.length;
  const groups = Math.ceil(count / groupSize);
  return runtime.scope((memory) => {
    const place = (values: readonly number[]): number => {
      const pointer = memory.alloc(values.length * 4);
      runtime.u32(pointer, values.length).set(values);
      return pointer;
    };
    const bytes = (values: readonly number[]): number => {
      const pointer = memory.alloc(values.length);
      runtime.u8(pointer, values.length).set(values);
      return pointer;
    };
    const bins0 = memory.alloc(groups * rows * 8);
    for (const [f, { codes }] of features.entries()) {
      for (const [row, code] of codes.entries()) {
        runtime.u8(bins0 + (Math.floor(f / groupSize) * rows + row) * 8 + (f % groupSize), 1)[0] = code;
      }
    }
    const gradients0 = memory.alloc(rows * 8);
    runtime.f32(gradients0, rows * 2).set(pairs.flat());
    const starts = [0];
    for (const { codeCount } of features) starts.push((starts.at(-1) as number) + codeCount);
    const histogramBytes = (starts.at(-1) as number) * 16;
    const [whole, part] = [memory.alloc(histogramBytes), memory.alloc(histogramBytes)];
    const jobs = memory.alloc(LEVEL_JOB.bytes);
    const records = memory.alloc(2 * count * SPLIT_RECORD_BYTES);
    const context = memory.alloc(BOOST_CONTEXT.bytes);
    const kinds = bytes(features.map(({ category }) => (category ? 1 : 0)));
    BOOST_CONTEXT.write(runtime, context, {
      ...{
        l2,
        minChildWeight,
        minSamplesLeaf,
        categorySmoothing: 0,
        presence: 0.5,
        monotone: 0,
        bins0,
        gradients0,
        rows,
        features: count,
        groupSize,
      },
      ...{ index: place(pairs.map((_, i) => i)), offsets: place(starts), kinds, jobs, jobCount: 1, records },
      ...{ active: bytes(features.map(() => 1)), scratch: memory.alloc(groups * BOOST_SCRATCH_BYTES) },
    });
    const read = (side: number): Found[] =>
      features.map((_, f) => {
        const at = records + (side * count + f) * SPLIT_RECORD_BYTES;
        const [gain, ...sums] = runtime.f64(at, 5);
        const bits = runtime.u8(at + 48, 32);
        const left = Array.from({ length: 256 }, (_, code) => code).filter(
          (code) => (bits[code >> 3] >> (code & 7)) & 1,
        );
        return { gain: runtime.u32(at + 40, 1)[0] === 0 ? 0 : gain, left: new Set(left), sums };
      });
    const free = { copy: 0, low: 0, high: 0, siblingLow: 0, siblingHigh: 0 };
    const first = { begin: 0, end: rows, histogram: whole, parent: 0, count: rows, siblingCount: 0 };
    LEVEL_JOB.write(runtime, jobs, { ...free, ...first });
    runtime.parallel("boostLevel", [context], groups, 1);
    const root = read(0);
    const second = { begin: 0, end: built, histogram: part, parent: whole, count: built, siblingCount: rows - built };
    LEVEL_JOB.write(runtime, jobs, { ...free, ...second });
    runtime.parallel("boostLevel", [context], groups, 1);
    return { root, built: read(0), sibling: read(1) };
  });
}

/** The best gain that exists on rows [from, to) by one feature. */
function check(input: Problem, found: readonly Found[], from: number, to: number): void {
  for (const [f, { category, codeCount, codes }] of input.features.entries()) {
    const pairs = input.pairs.slice(from, to);
    const histogram = histogramReference(codes.slice(from, to), pairs, codeCount);
    const sides = category ? categorySides(codeCount) : numberSides(codeCount);
    const best = Math.max(0, ...sides.map((side) => gainReference(histogram, side, input)));
    const { gain, left, sums } = found[f];
    // Fisher's order contains the best subset of categories only while no subset is forbidden.
    if (category && input.minSamplesLeaf + input.minChildWeight > 1) expect(gain).toBeLessThan(best + 1e-9);
    else expect(gain).toBeCloseTo(best, 9);
    expect(sums[0] + sums[2]).toBe(pairs.reduce((sum, [g]) => sum + g, 0));
    expect(sums[1] + sums[3]).toBe(pairs.length);
    if (gain > 0) expect(gainReference(histogram, left, input)).toBeCloseTo(gain, 9);
  }
}

describe("boostLevel", () => {
  it("finds the best split that exists, for a root, a child and the sibling by subtraction", () => {
    fc.assert(
      fc.property(problem, (input) => {
        const { root, built, sibling } = search(input);
        check(input, root, 0, input.pairs.length);
        check(input, built, 0, input.built);
        check(input, sibling, input.built, input.pairs.length);
      }),
      { numRuns: 300 },
    );
  });
});
