import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.ts";
import { nearest } from "../src/reference/nearest.ts";
import { layI32, layRows } from "./matrix.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

// Small whole numbers: float32 distances are exact, so ties are real ties and the order is fully determined.
const scenes = fc.integer({ min: 1, max: 6 }).chain((features) => {
  const point = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: features, maxLength: features });
  return fc.record({
    points: fc.array(point, { minLength: 1, maxLength: 90 }),
    queries: fc.array(point, { minLength: 1, maxLength: 13 }),
    k: fc.integer({ min: 1, max: 12 }),
  });
});

interface Scene {
  readonly points: number[][];
  readonly queries: number[][];
  readonly k: number;
}

function brute({ points, queries, k }: Scene, grain: number): number[] {
  return runtime.scope((memory) => {
    const rows = layRows(runtime, memory, points);
    // Queries are read in fours.
    const padded = [...queries, ...Array.from({ length: 3 }, () => queries[0])];
    const asked = layRows(runtime, memory, padded);
    const features = points[0].length;
    const panels = Math.ceil(points.length / 8);
    const packed = memory.alloc(panels * 8 * features * 4);
    const halves = memory.alloc(panels * 8 * 4);
    const pack = [rows.pointer, rows.stride, features, points.length, packed, halves];
    runtime.parallel("packPanels", pack, panels * 8, 16);
    const scores = memory.alloc(queries.length * k * 4);
    const numbers = memory.alloc(queries.length * k * 4);
    const args = [packed, halves, panels, features, asked.pointer, asked.stride, k, scores, numbers];
    runtime.parallel("nearestBrute", args, queries.length, grain);
    return [...runtime.i32(numbers, queries.length * k)];
  });
}

/** A tree of two levels cut by hand along the first and last features. */
function tree({ points, queries, k }: Scene): number[] {
  const features = points[0].length;
  const byFirst = points.map((_, i) => i).sort((a, b) => points[a][0] - points[b][0]);
  const middle = byFirst.length >> 1;
  const last = features - 1;
  const halves = [byFirst.slice(0, middle), byFirst.slice(middle)].map((half) =>
    half.sort((a, b) => points[a][last] - points[b][last]),
  );
  const leaves = halves.flatMap((half) => [half.slice(0, half.length >> 1), half.slice(half.length >> 1)]);
  const splits = [0, points[byFirst[middle]][0], ...halves.map((half) => points[half[half.length >> 1] ?? 0][last])];
  const places = Math.ceil(Math.max(...leaves.map((leaf) => leaf.length)) / 4) * 4;
  return runtime.scope((memory) => {
    const panels = memory.alloc(4 * places * features * 4);
    const panelView = runtime.f32(panels, 4 * places * features).fill(Number.POSITIVE_INFINITY);
    const numbers = layI32(runtime, memory, new Array(4 * places).fill(0x7fffffff));
    const numberView = runtime.i32(numbers, 4 * places);
    leaves.forEach((leaf, at) => {
      leaf.forEach((number, i) => {
        const place = at * places + i;
        numberView[place] = number;
        points[number].forEach((value, j) => {
          panelView[(place - (place % 4)) * features + j * 4 + (place % 4)] = value;
        });
      });
    });
    const dimensions = layI32(runtime, memory, [0, 0, last, last]);
    const splitValues = memory.alloc(16);
    runtime.f32(splitValues, 4).set(splits);
    const header = memory.alloc(32);
    runtime.u32(header, 7).set([dimensions, splitValues, panels, numbers, 4, places, features]);
    const asked = layRows(runtime, memory, queries);
    const scores = memory.alloc(queries.length * k * 4);
    const found = memory.alloc(queries.length * k * 4);
    const slot = 48 + 4 * features + ((48 + 4 * features) % 16);
    const scratch = memory.alloc(Math.ceil(queries.length / 5) * slot);
    const args = [header, asked.pointer, asked.stride, k, scores, found, scratch, slot, 5];
    runtime.parallel("nearestInTree", args, queries.length, 5);
    return [...runtime.i32(found, queries.length * k)];
  });
}

function expected({ points, queries, k }: Scene): number[] {
  return queries.flatMap((query) => {
    const found = nearest(points, query, k);
    return [...found, ...new Array(k - found.length).fill(0x7fffffff)];
  });
}

describe("the nearest-neighbour kernels", () => {
  it("find by brute force what sorting all distances finds, however the queries are cut", () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 3 }), (scene, grain) => {
        expect(brute(scene, 4 * grain)).toEqual(expected(scene));
      }),
      { numRuns: 300 },
    );
  });

  it("find in a tree what sorting all distances finds, ties by number", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        expect(tree(scene)).toEqual(expected(scene));
      }),
      { numRuns: 300 },
    );
  });
});
