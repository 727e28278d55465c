// Non-negative factorisation against scikit-learn (bench/peers/decompositions_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { NMF, type Table, takeRows } from "../../src/index.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/decompositions.json" with { type: "json" };
import unsupervised from "../fixtures/unsupervised.json" with { type: "json" };
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const first = (whole: Table, rows: number) =>
  takeRows(
    whole,
    Uint32Array.from({ length: rows }, (_, i) => i),
  );

function rowsOf({ rows, columns }: Table): number[][] {
  const values = columns.map((column) => (column as { values: Float64Array }).values);
  return Array.from({ length: rows }, (_, i) => values.map((column) => column[i]));
}

describe("NMF", () => {
  it.each([
    ["iris", "iris", { components: 2 }],
    ["digits", "digits", { components: 6 }],
    ["digits with a penalty", "digits", { components: 4, penalty: 0.02, l1Ratio: 0.5 }],
  ] as const)("of %s goes scikit-learn's way from its start, to 1e-6", async (title, name, params) => {
    const expected = fixture.factorisations[title === "digits with a penalty" ? "digitsPenalised" : name];
    const data = example(name, false).table;
    const nmf = await new NMF(params).fit(data, undefined, context);
    expect(Math.abs(nmf.reconstructionError / expected.error - 1)).toBeLessThan(1e-9);
    expect(distance(nmf.components, expected.components.flat())).toBeLessThan(1e-6);
    const shares = rowsOf(nmf.transform(first(data, expected.shares.length)));
    expect(distance(shares.flat(), expected.shares.flat())).toBeLessThan(1e-6);
  });

  it("leaves no more of digits than scikit-learn does when it may take its time, within 1e-3", async () => {
    const nmf = new NMF({ components: 5, tolerance: 1e-6, maxIterations: 2000 });
    await nmf.fit(example("digits", false).table, undefined, context);
    expect(nmf.reconstructionError).toBeLessThan(unsupervised.components.nmfError * 1.001);
  });

  it("finds parts and shares of a product of two factors again, but for their order and scale", async () => {
    const parts = [
      [1, 0, 0, 2, 0],
      [0, 3, 1, 0, 0],
    ];
    const shares = Array.from({ length: 20 }, (_, i) => [i % 4, (i * 7) % 5]);
    const columns = [0, 1, 2, 3, 4].map((j) =>
      numbers(
        `c${j}`,
        shares.map(([a, b]) => a * parts[0][j] + b * parts[1][j]),
      ),
    );
    const nmf = await new NMF({ tolerance: 1e-12, maxIterations: 5000 }).fit(table(...columns), undefined, context);
    expect(nmf.reconstructionError).toBeLessThan(1e-6);
    for (const row of rowsOf(nmf.transform(table(...columns)))) expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
  });

  it("refuses negative numbers to learn from, naming the first, and parts of a state that are", async () => {
    const data = table(numbers("a", [1, 2, -0.5]), numbers("b", [1, 2, 3]));
    await expect(new NMF().fit(data, undefined, context)).rejects.toThrow('row 2 of "a" is -0.5');
    const good = await new NMF().fit(table(numbers("a", [1, 2])), undefined, context);
    const { tensors, meta } = good.getState();
    const parts = { shape: [1, 1], data: Float64Array.of(-1) };
    expect(() => new NMF().setState({ tensors: { ...tensors, parts }, meta })).toThrow("not negative");
  });
});
