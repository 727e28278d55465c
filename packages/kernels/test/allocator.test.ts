import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Allocator } from "../src/allocator.ts";
import { KernelMemoryError } from "../src/index.ts";
import { wasm } from "../src/webassembly.ts";

const memory = (maximum: number) => new wasm.Memory({ initial: 1, maximum, shared: true });

describe("Allocator", () => {
  it("hands out aligned blocks above the base that never overlap, and counts them", () => {
    const step = fc.record({ size: fc.nat(5000), frees: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const allocator = new Allocator(memory(64), 1000);
        const live = new Map<number, number>();
        for (const { size, frees, which } of steps) {
          if (frees && live.size > 0) {
            const pointer = [...live.keys()][which % live.size];
            allocator.free(pointer);
            live.delete(pointer);
          } else {
            const pointer = allocator.alloc(size);
            expect(pointer % 16).toBe(0);
            expect(pointer).toBeGreaterThanOrEqual(1000);
            for (const [other, length] of live) {
              expect(pointer + size <= other || other + length <= pointer).toBe(true);
            }
            live.set(pointer, size);
          }
          const atLeast = [...live.values()].reduce((sum, length) => sum + length, 0);
          expect(allocator.allocatedBytes).toBeGreaterThanOrEqual(atLeast);
          expect(allocator.allocatedBytes).toBeLessThanOrEqual(atLeast + 16 * live.size);
        }
        for (const pointer of live.keys()) allocator.free(pointer);
        expect(allocator.allocatedBytes).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it("joins freed neighbours, so that the whole memory can be had again in one piece", () => {
    const allocator = new Allocator(memory(16), 0);
    const third = 5 * 65_536;
    const pointers = [allocator.alloc(third), allocator.alloc(third), allocator.alloc(third)];
    for (const index of [1, 0, 2]) allocator.free(pointers[index]);
    expect(allocator.alloc(3 * third)).toBe(pointers[0]);
  });

  it("throws KernelMemoryError with the size when the memory is spent, and goes on", () => {
    const allocator = new Allocator(memory(4), 0);
    const kept = allocator.alloc(65_536);
    expect(() => allocator.alloc(10 * 65_536)).toThrow(KernelMemoryError);
    expect(() => allocator.alloc(10 * 65_536)).toThrow(/cannot reserve 655360 bytes/);
    expect(allocator.alloc(65_536)).toBeGreaterThan(kept);
  });

  it("refuses impossible sizes and pointers", () => {
    const allocator = new Allocator(memory(4), 0);
    for (const size of [-1, 1.5, Number.NaN]) expect(() => allocator.alloc(size)).toThrow(RangeError);
    const pointer = allocator.alloc(8);
    allocator.free(pointer);
    expect(() => allocator.free(pointer)).toThrow(/freed twice, or never allocated/);
  });
});
