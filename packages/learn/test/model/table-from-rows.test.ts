import { describe, expect, it } from "vitest";
import type { ColumnSchema } from "../../src/base/table.ts";
import { tableFromRows } from "../../src/model/table-from-rows.ts";
import { categories, dates, numbers, table, texts } from "../tables.ts";

const schema: ColumnSchema[] = [
  { name: "note", kind: "text" },
  { name: "carat", kind: "number" },
  { name: "cut", kind: "category", categories: ["Fair", "Ideal"] },
  { name: "remark", kind: "text" },
  { name: "sold", kind: "date" },
];

describe("tableFromRows", () => {
  it("gathers named values and lists into columns, with absent and unknown values missing", () => {
    const rows = [
      { note: "a", carat: 1, cut: "Ideal", remark: "r", sold: "2024-05-31" },
      ["b", null, "Premium", null, null],
      { carat: 3 },
    ];
    expect(tableFromRows(schema, rows)).toEqual(
      table(
        texts("note", ["a", "b", null]),
        numbers("carat", [1, null, 3]),
        categories("cut", ["Ideal", null, null], ["Fair", "Ideal"]),
        texts("remark", ["r", null, null]),
        dates("sold", ["2024-05-31", null, null]),
      ),
    );
  });

  it("names the row and the column of a wrong value", () => {
    expect(() => tableFromRows(schema, [{ carat: 1 }, { carat: "x" }])).toThrow(
      'row 1: "carat" must be a finite number',
    );
  });

  it("makes an empty table of no rows", () => {
    expect(tableFromRows(schema, []).rows).toBe(0);
  });
});
