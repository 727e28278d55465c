// What the autoscaler and the batcher are told: requests in flight over time, and how long batches take.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LatencyModel } from "../../../src/runtime/serving/latency-model.ts";
import { LoadMeter } from "../../../src/runtime/serving/load-meter.ts";

test("requests in flight are weighted by the time they take, second by second", () => {
  let now = 100;
  const meter = new LoadMeter(() => now, 60);
  expect(meter.average(6)).toBeNull();
  meter.begin();
  meter.begin();
  now = 100.5;
  meter.end();
  now = 101;
  expect(meter.average(6)).toBeCloseTo(1.5, 12);
  now = 102.25;
  meter.end();
  now = 104;
  // 1.5, 1, 0.25, 0: the window is the last whole seconds.
  expect(meter.average(60)).toBeCloseTo(2.75 / 4, 12);
  expect(meter.average(2)).toBeCloseTo(0.125, 12);
  now = 200;
  expect(meter.average(60)).toBe(0);
  expect(meter.inFlight).toBe(0);
});

test("any course of requests gives the mean of the area under it, however long it ran", () => {
  const step = fc.record({ wait: fc.double({ min: 0, max: 3, noNaN: true }), more: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), fc.integer({ min: 1, max: 10 }), (steps, window) => {
      let now = 0;
      const meter = new LoadMeter(() => now, 10);
      const changes: { at: number; count: number }[] = [{ at: 0, count: 0 }];
      for (const { wait, more } of steps) {
        now += wait;
        if (!more && meter.inFlight === 0) continue;
        if (more) meter.begin();
        else meter.end();
        changes.push({ at: now, count: meter.inFlight });
      }
      const end = Math.floor(now);
      const begin = Math.max(0, end - window);
      const area = changes.reduce((sum, { at, count }, i) => {
        const until = changes[i + 1]?.at ?? Number.POSITIVE_INFINITY;
        return sum + count * Math.max(0, Math.min(until, end) - Math.max(at, begin));
      }, 0);
      if (end === 0) expect(meter.average(window)).toBeNull();
      else expect(meter.average(window)).toBeCloseTo(area / (end - begin), 9);
    }),
  );
});

test("the latency of batches is learned as a line, and the worst excess beside it", () => {
  const model = new LatencyModel();
  expect(model.expected(10)).toBeUndefined();
  for (const rows of [1, 5, 10, 20, 40]) model.add(rows, 2 * rows + 7);
  expect(model.expected(100)).toBeCloseTo(207, 9);
  expect(model.atMost(100)).toBeCloseTo(207, 9);
  model.add(10, 40);
  expect((model.atMost(10) ?? 0) - (model.expected(10) ?? 0)).toBeCloseTo(40 - (model.expected(10) ?? 0), 9);
});

test("batches of one size, or that take no time of their own, still give a prediction that grows with the rows", () => {
  const one = new LatencyModel();
  for (let i = 0; i < 5; i++) one.add(8, 3);
  expect(one.expected(8)).toBeCloseTo(3, 12);
  const proportional = new LatencyModel();
  for (const rows of [10, 20, 40]) proportional.add(rows, rows ** 1.2);
  expect(proportional.expected(0)).toBe(0);
  expect(proportional.expected(20)).toBeGreaterThan(proportional.expected(10) as number);
});

test("the latency model follows a machine that became slower", () => {
  const model = new LatencyModel();
  for (let i = 0; i < 100; i++) model.add((i % 10) + 1, (i % 10) + 1);
  for (let i = 0; i < 50; i++) model.add((i % 10) + 1, 5 * ((i % 10) + 1));
  expect(model.expected(10)).toBeCloseTo(50, 9);
});
