import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { CLUSTER_CONTEXT, CLUSTER_SCRATCH, createRuntime } from "../src/index.ts";
import { lloydSums } from "../src/reference/cluster.ts";
import { dualEpoch, squaredHinge, squaredTube, tubeEpoch } from "../src/reference/svm.ts";
import { layF64, layRows } from "./matrix.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

/** Small whole numbers: float32 scores are exact, so ties are real ties. */
const points = (features: number, count: { minLength: number; maxLength: number }) =>
  fc.array(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: features, maxLength: features }), count);

const scenes = fc.integer({ min: 1, max: 7 }).chain((features) =>
  fc.record({
    rows: points(features, { minLength: 1, maxLength: 60 }),
    centres: points(features, { minLength: 1, maxLength: 20 }),
  }),
);

describe("clusterPass", () => {
  it("sums and counts the rows by their nearest centre, chunk by chunk", () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 40 }), ({ rows, centres }, grain) => {
        const [expected, actual] = [lloydSums(rows, centres), clusterSums(rows, centres, grain)];
        expect(actual.counts).toEqual(expected.counts);
        expect(actual.sums).toEqual(expected.sums);
      }),
    );
  });
});

const boxes = fc.constantFrom({ upper: 0.3, shift: 0 }, { upper: Number.POSITIVE_INFINITY, shift: 0.5 });
const countsOf = (rows: readonly unknown[]) => rows.map((_, i) => 0.5 + (i % 3));

describe("linearSvmEpoch", () => {
  it("descends along one row after the other", () => {
    fc.assert(
      fc.property(scenes, boxes, ({ rows }, box) => {
        const signs = rows.map((_, i) => (i % 3 === 0 ? 1 : -1));
        const counts = countsOf(rows);
        const expected = dualEpoch(rows, signs, { ...box, counts });
        const actual = epoch("linearSvmEpoch", rows, { values: signs, counts, args: [box.upper, box.shift] });
        for (const [j, weight] of expected.weights.entries()) expect(actual.weights[j]).toBeCloseTo(weight, 9);
        for (const [i, alpha] of expected.alpha.entries()) expect(actual.alpha[i]).toBeCloseTo(alpha, 9);
      }),
    );
  });
});

describe("linearSvrEpoch", () => {
  it("descends along one row after the other", () => {
    fc.assert(
      fc.property(scenes, boxes, ({ rows }, box) => {
        const targets = rows.map((row, i) => row[0] - (i % 5));
        const [counts, epsilon] = [countsOf(rows), 0.5];
        const expected = tubeEpoch(rows, targets, { ...box, counts, epsilon });
        const args = [box.upper, box.shift, epsilon];
        const actual = epoch("linearSvrEpoch", rows, { values: targets, counts, args });
        for (const [j, weight] of expected.weights.entries()) expect(actual.weights[j]).toBeCloseTo(weight, 9);
        for (const [i, beta] of expected.beta.entries()) expect(actual.alpha[i]).toBeCloseTo(beta, 9);
      }),
    );
  });
});

describe.each(["squaredHingePass", "squaredTubePass"])("%s and squaredMarginCurvature", (kernel) => {
  it("give loss, gradient and curvature of the rows that take part", () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 40 }), ({ rows, centres }, grain) => {
        const values = rows.map((_, i) => (i % 3) - 1);
        // Quarters keep every slack exact, so that the border of the margin is the same for both.
        const weights = centres[0].map((value) => value / 4);
        const [counts, vector, epsilon] = [countsOf(rows), centres[centres.length - 1], 0.75];
        const place = { weights, vector, counts };
        const expected =
          kernel === "squaredHingePass"
            ? squaredHinge(rows, values, place)
            : squaredTube(rows, values, { ...place, epsilon });
        const args = kernel === "squaredHingePass" ? [] : [epsilon];
        const actual = margin(kernel, rows, { ...place, values, args, grain });
        expect(actual.loss).toBeCloseTo(expected.loss, 9);
        for (const [j, value] of expected.gradient.entries()) expect(actual.gradient[j]).toBeCloseTo(value, 9);
        for (const [j, value] of expected.curvature.entries()) expect(actual.curvature[j]).toBeCloseTo(value, 9);
      }),
    );
  });
});

// Internal

interface MarginOptions {
  readonly values: readonly number[];
  readonly counts: readonly number[];
  readonly args: readonly number[];
  readonly weights: readonly number[];
  readonly vector: readonly number[];
  readonly grain: number;
}

function margin(kernel: string, rows: readonly number[][], options: MarginOptions) {
  const { values, counts, args, weights, vector, grain } = options;
  return runtime.scope((memory) => {
    const { pointer, stride } = layRows(runtime, memory, rows);
    const padded = (values: readonly number[]) =>
      layF64(
        runtime,
        memory,
        Array.from({ length: stride }, (_, j) => values[j] ?? 0),
      );
    const active = memory.alloc(rows.length * 8);
    const span = stride + 2;
    const chunks = Math.ceil(rows.length / grain);
    const partials = memory.alloc(chunks * span * 8);
    const total = memory.alloc(span * 8);
    const sum = (kernel: string, args: readonly number[]) => {
      runtime.parallel(kernel, [pointer, stride, ...args, partials, span, grain], rows.length, grain);
      runtime.call("sumPartials", partials, span, chunks, total, 0, stride + 1);
      return Array.from(runtime.f64(total, stride + 1));
    };
    const lay = (numbers: readonly number[]) => layF64(runtime, memory, numbers);
    const first = sum(kernel, [lay(values), ...args, lay(counts), padded(weights), active]);
    const second = sum("squaredMarginCurvature", [active, padded(vector)]);
    return { loss: first[stride], gradient: first, curvature: second };
  });
}

function clusterSums(rows: readonly number[][], centres: readonly number[][], grain: number) {
  const [features, clusters] = [rows[0].length, centres.length];
  return runtime.scope((memory) => {
    const x = layRows(runtime, memory, rows);
    const c = layRows(runtime, memory, centres);
    const places = Math.ceil(clusters / 8) * 8;
    const panels = memory.alloc(places * features * 4);
    const halves = memory.alloc(places * 4);
    runtime.call("packPanels", c.pointer, c.stride, features, clusters, panels, halves, 0, places);
    const used = clusters * (x.stride + 1);
    const span = 2 * Math.ceil(used / 2) + CLUSTER_SCRATCH;
    const chunks = Math.ceil(rows.length / grain);
    const partials = memory.alloc(chunks * span * 8);
    runtime.f64(partials, chunks * span).fill(0);
    const assigned = memory.alloc(rows.length * 4);
    runtime.i32(assigned, rows.length).fill(-1);
    const context = memory.alloc(CLUSTER_CONTEXT.bytes);
    CLUSTER_CONTEXT.write(runtime, context, {
      squares: 0,
      rounding: 0,
      rows: x.pointer,
      stride: x.stride,
      centres: c.pointer,
      panels,
      halves,
      features,
      clusters,
      assigned,
      upper: memory.alloc(rows.length * 4),
      lower: memory.alloc(rows.length * 4),
      weights: 0,
      partials,
      span,
      grain,
      bounded: 0,
    });
    runtime.parallel("clusterPass", [context], rows.length, grain);
    const total = memory.alloc(used * 8);
    runtime.call("sumPartials", partials, span, chunks, total, 0, used);
    const sums = runtime.f64(total, used);
    return {
      sums: centres.map((_, k) => Array.from(sums.subarray(k * x.stride, k * x.stride + features))),
      counts: Array.from(sums.subarray(clusters * x.stride, used)),
    };
  });
}

function epoch(
  kernel: string,
  rows: readonly number[][],
  { values, counts, args }: Pick<MarginOptions, "values" | "counts" | "args">,
) {
  return runtime.scope((memory) => {
    const x = layRows(runtime, memory, rows);
    const place = (values: readonly number[]) => {
      const pointer = memory.alloc(values.length * 8);
      runtime.f64(pointer, values.length).set(values);
      return pointer;
    };
    const order = memory.alloc(rows.length * 4);
    runtime.i32(order, rows.length).set(rows.map((_, i) => i));
    const squares = rows.map((row) => row.reduce((sum, value) => sum + value * value, 0) || 1);
    const alpha = place(rows.map(() => 0));
    const weights = place(new Array<number>(x.stride).fill(0));
    const limits = place([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const head = [x.pointer, x.stride, place(values), place(squares), order, place(counts), alpha, weights];
    runtime.call(kernel, ...head, ...args, limits, rows.length);
    return {
      weights: Array.from(runtime.f64(weights, x.stride)),
      alpha: Array.from(runtime.f64(alpha, rows.length)),
    };
  });
}
