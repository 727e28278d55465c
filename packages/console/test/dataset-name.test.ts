import { describe, expect, test } from "vitest";
import { nameOf } from "../src/pages/datasets/dataset-name.ts";

describe("the name of a data set made from a file's", () => {
  test.each([
    ["penguins.csv", "penguins"],
    ["My Data (final).CSV", "my_data_final"],
    ["2024-sales.parquet", "sales"],
    ["Größe.csv.gz", "gro_e"],
    ["42.csv", "data"],
    [".csv", "data"],
    [`${"a".repeat(80)}.csv`, "a".repeat(63)],
  ])("%s becomes %s", (file, name) => {
    expect(nameOf(file)).toBe(name);
    expect(name).toMatch(/^[a-z][a-z0-9_-]{0,62}$/);
  });
});
