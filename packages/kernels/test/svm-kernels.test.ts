// The kernels of kernel machines against their definitions.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.ts";
import { rbf } from "../src/reference/svm.ts";
import { layF64, layRows } from "./matrix.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

const KINDS = [
  { kind: 0, of: (a: number[], b: number[]) => rbf(a, b, 0.3) },
  { kind: 1, of: (a: number[], b: number[]) => dot(a, b) },
  { kind: 2, of: (a: number[], b: number[]) => (0.3 * dot(a, b) + 0.7) ** 3 },
  { kind: 3, of: (a: number[], b: number[]) => Math.tanh(0.3 * dot(a, b) + 0.7) },
];

const scenes = fc.integer({ min: 1, max: 7 }).chain((features) => {
  const point = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: features, maxLength: features });
  return fc.record({
    rows: fc.array(point, { minLength: 1, maxLength: 60 }),
    queries: fc.array(point, { minLength: 1, maxLength: 20 }),
  });
});

describe.each(KINDS)("kernel $kind", ({ kind, of }) => {
  it("gives rows of its matrix to single precision", () => {
    fc.assert(
      fc.property(scenes, fc.nat(), ({ rows }, any) => {
        const which = Array.from({ length: 1 + (any % 6) }, (_, i) => (any + i) % rows.length);
        const made = matrixRows(rows, which, kind);
        which.forEach((own, w) => {
          rows.forEach((row, i) => {
            const expected = of(rows[own], row);
            expect(Math.abs(made[w][i] - expected)).toBeLessThan(2e-6 * (1 + Math.abs(expected)));
          });
        });
      }),
    );
  });

  it("is summed with betas for each machine and query", () => {
    fc.assert(
      fc.property(
        scenes,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 7 }),
        ({ rows, queries }, count, grain) => {
          const betas = Array.from({ length: count }, (_, m) => rows.map((_, i) => ((i * 7 + m * 3) % 5) - 2));
          const actual = scores(rows, queries, { betas, kind, grain });
          queries.forEach((query, q) => {
            betas.forEach((own, m) => {
              const terms = own.map((beta, i) => beta * of(rows[i], query));
              const expected = terms.reduce((sum, term) => sum + term, 0);
              const size = 1 + terms.reduce((sum, term) => sum + Math.abs(term), 0);
              expect(Math.abs(actual[q * count + m] - expected) / size).toBeLessThan(1e-13);
            });
          });
        },
      ),
    );
  });
});

describe("smoMove and smoPartner", () => {
  it("move v, choose the row that gains most and its partner", () => {
    const entry = fc.record({
      v: fc.double({ min: -2, max: 2, noNaN: true }),
      up: fc.boolean(),
      down: fc.boolean(),
      first: fc.integer({ min: 0, max: 8 }).map((k) => k / 8),
      second: fc.integer({ min: 0, max: 8 }).map((k) => k / 8),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), (entries) => {
        const step = 0.25;
        const moved = entries.map(({ v, first, second }) => v - step * (first - second));
        const allowed = moved.map((v, t) => (entries[t].up ? v : Number.NEGATIVE_INFINITY));
        const most = Math.max(...allowed);
        const best = most === Number.NEGATIVE_INFINITY ? -1 : allowed.indexOf(most);
        const actual = smo(entries, step);
        // A minus zero and a zero are one number here: adding zero settles on the second.
        expect(actual.v.map((value) => value + 0)).toEqual(moved.map((value) => value + 0));
        expect(actual.best).toBe(best);
        const fallen = moved.map((v, t) => (entries[t].down ? v : Number.POSITIVE_INFINITY));
        expect(actual.worst + 0).toBe(Math.min(...fallen) + 0);
        const gains = fallen.map((v, t) => (v < 1 ? (1 - v) ** 2 / Math.max(2 - 2 * entries[t].first, 1e-12) : 0));
        const largest = Math.max(...gains);
        if (largest === 0) expect(actual.partner).toBe(-1);
        else expect(gains[actual.partner] / largest).toBeCloseTo(1, 9);
      }),
    );
  });
});

// Internal

interface SmoEntry {
  readonly v: number;
  readonly up: boolean;
  readonly down: boolean;
  readonly first: number;
  readonly second: number;
}

function smo(entries: readonly SmoEntry[], step: number) {
  return runtime.scope((memory) => {
    const n = entries.length;
    const v = layF64(
      runtime,
      memory,
      entries.map((e) => e.v),
    );
    const up = layF64(
      runtime,
      memory,
      entries.map((e) => (e.up ? 0 : Number.NEGATIVE_INFINITY)),
    );
    const down = layF64(
      runtime,
      memory,
      entries.map((e) => (e.down ? 0 : Number.POSITIVE_INFINITY)),
    );
    const worst = layF64(runtime, memory, [0]);
    const [first, second] = [memory.alloc(n * 4), memory.alloc(n * 4)];
    runtime.f32(first, n).set(entries.map((e) => e.first));
    runtime.f32(second, n).set(entries.map((e) => e.second));
    const diagonal = layF64(
      runtime,
      memory,
      entries.map(() => 1),
    );
    const best = runtime.call("smoMove", v, up, first, second, step, n);
    const partner = runtime.call("smoPartner", v, down, first, diagonal, 1, 1, worst, n);
    return { best, partner, v: Array.from(runtime.f64(v, n)), worst: runtime.f64(worst, 1)[0] };
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j], 0);
}

function matrixRows(rows: readonly number[][], which: readonly number[], kind: number): number[][] {
  const features = rows[0].length;
  return runtime.scope((memory) => {
    const x = layRows(runtime, memory, rows);
    const places = Math.ceil(rows.length / 8) * 8;
    const panels = memory.alloc(places * features * 4);
    const halves = memory.alloc(places * 4);
    runtime.call("packPanels", x.pointer, x.stride, features, rows.length, panels, halves, 0, places);
    const [list, outs] = [memory.alloc(which.length * 4), memory.alloc(which.length * 4)];
    const pointers = which.map(() => memory.alloc(places * 4));
    runtime.i32(list, which.length).set(which);
    runtime.u32(outs, which.length).set(pointers);
    const args = [panels, halves, features, x.pointer, x.stride, kind, 0.3, 0.7, 3, list, outs, which.length];
    runtime.parallel("kernelRows", args, places / 8, 2);
    return pointers.map((pointer) => Array.from(runtime.f32(pointer, rows.length)));
  });
}

function scores(
  rows: readonly number[][],
  queries: readonly number[][],
  { betas, kind, grain }: { betas: readonly number[][]; kind: number; grain: number },
): Float64Array {
  const features = rows[0].length;
  const pairs = Math.ceil(rows.length / 8) * 4;
  return runtime.scope((memory) => {
    const points = new Array<number>(2 * pairs * features).fill(0);
    rows.forEach((row, i) => {
      row.forEach((value, j) => {
        points[(i >> 1) * 2 * features + 2 * j + (i & 1)] = value;
      });
    });
    const padded = betas.flatMap((own) => [...own, ...new Array<number>(2 * pairs - own.length).fill(0)]);
    const lay = (values: readonly number[]) => layF64(runtime, memory, values);
    const out = lay(new Array<number>(queries.length * betas.length).fill(0));
    const head = [lay(points), pairs, features, lay(padded), betas.length, kind, 0.3, 0.7, 3];
    runtime.parallel("kernelScores", [...head, lay(queries.flat()), out], queries.length, grain);
    return runtime.f64(out, queries.length * betas.length).slice();
  });
}
