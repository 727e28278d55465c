// Filling gaps by neighbours, against scikit-learn (bench/peers/transformers_reference.py).
import { describe, expect, it } from "vitest";
import { KNNImputer, type Table } from "../../src/index.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/imputers.json" with { type: "json" };
import { noKernels, numbers, table } from "../tables.ts";

/** The gaps that the script makes. */
const wine = example("wine", false).table;
const holes = wine.columns.slice(0, 6).map((column) => {
  if (column.kind !== "number") throw new Error(`${column.name} is no number column`);
  return { name: column.name, values: [...column.values] as (number | null)[] };
});
for (let row = 0; row < wine.rows; row++) {
  if (row % 3 !== 0) holes[(row * 7) % 6].values[row] = null;
  if (row % 5 === 0) holes[(row * 11 + 1) % 6].values[row] = null;
}
const train = table(...holes.map(({ name, values }) => numbers(name, values)));
const fresh = table(
  ...holes.map(({ name, values }) => {
    const shown = values.filter((_, row) => row % 30 === 0);
    return numbers(
      name,
      shown.map((value) => (value === null ? null : Math.round(value * 1.01 * 1e4) / 1e4)),
    );
  }),
);

function every(step: number, { columns }: Table): number[][] {
  return columns.map((column) =>
    column.kind === "number" ? [...column.values].filter((_, row) => row % step === 0) : [],
  );
}

describe("KNNImputer", () => {
  it.each(["uniform", "distance"] as const)("fills as scikit-learn by %s weights to 1e-9", async (weights) => {
    const imputer = await new KNNImputer({ neighbors: 4, weights }).fit(train, undefined, noKernels);
    const expected = fixture.knn[weights];
    every(25, imputer.transform(train)).forEach((own, i) => {
      expect(distance(own, expected.train[i])).toBeLessThan(1e-9);
    });
    every(1, imputer.transform(fresh)).forEach((own, i) => {
      expect(distance(own, expected.fresh[i])).toBeLessThan(1e-9);
    });
  });

  it("falls back to the column's mean for a row that shares no value with any other", async () => {
    const data = table(numbers("a", [1, 3]), numbers("b", [null, null]));
    const imputer = await new KNNImputer().fit(data, undefined, noKernels);
    expect(every(1, imputer.transform(table(numbers("a", [null]), numbers("b", [null]))))).toEqual([[2], [0]]);
  });
});
