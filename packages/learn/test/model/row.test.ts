import { describe, expect, it } from "vitest";
import type { ColumnSchema } from "../../src/base/table.ts";
import { parseDate, validateRow } from "../../src/model/row.ts";

const schema: ColumnSchema[] = [
  { name: "carat", kind: "number" },
  { name: "cut", kind: "category", categories: ["Fair", "Ideal"] },
  { name: "sold", kind: "date" },
  { name: "note", kind: "text" },
];
const good = { carat: 0.3, cut: "Ideal", sold: "2024-05-31", note: "ok" };

describe("validateRow", () => {
  it.each([
    ["named values", good],
    ["a list in order", [0.3, "Ideal", "2024-05-31", "ok"]],
    ["explicit nulls", { carat: null, cut: null, sold: null, note: null }],
    ["a category that training did not know", { ...good, cut: "Premium" }],
    ["a category given as a number or truth", { ...good, cut: true }],
  ])("accepts %s", (_, row) => {
    expect(validateRow(schema, row)).toEqual([]);
  });

  it("lists every problem with its column, value and a sentence", () => {
    const row = { carat: "0.3", cut: {}, sold: "yesterday", colour: "D" };
    expect(validateRow(schema, row).map(({ column, code, problem }) => [column, code, problem])).toEqual([
      ["carat", "type", '"carat" must be a number, got "0.3"'],
      ["cut", "type", '"cut" must be a text, got {}'],
      ["sold", "type", '"sold" must be an ISO 8601 date such as 2024-05-31 or 2024-05-31T12:00:00Z, got "yesterday"'],
      ["note", "missing", '"note" is absent; give a text, or null when it is missing'],
      ["colour", "unknown", '"colour" is not an input of the model; its inputs are carat, cut, sold, note'],
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses %s", (carat) => {
    expect(validateRow(schema, { ...good, carat })).toMatchObject([{ column: "carat", code: "not-finite" }]);
  });

  it("refuses lists that are too short or too long", () => {
    expect(validateRow(schema, [1, "Fair", null])).toMatchObject([{ column: "note", code: "missing" }]);
    expect(validateRow(schema, [1, "Fair", null, "x", 5])).toMatchObject([{ column: "4", code: "unknown", value: 5 }]);
  });

  it.each([null, 3, "row", undefined])("refuses %s as a row", (row) => {
    expect(validateRow(schema, row)).toMatchObject([{ code: "type" }]);
  });

  it("takes no value from the prototype", () => {
    const odd: ColumnSchema[] = [{ name: "constructor", kind: "text" }];
    expect(validateRow(odd, {})).toMatchObject([{ column: "constructor", code: "missing" }]);
  });
});

describe("parseDate", () => {
  it.each([
    ["2024-05-31", Date.UTC(2024, 4, 31)],
    ["2024-05-31T12:30", Date.UTC(2024, 4, 31, 12, 30)],
    ["2024-05-31 12:30:15.250", Date.UTC(2024, 4, 31, 12, 30, 15, 250)],
    ["2024-05-31T12:30:00+02:00", Date.UTC(2024, 4, 31, 10, 30)],
  ])("reads %s, without a zone as UTC", (text, time) => {
    expect(parseDate(text)).toBe(time);
  });

  it.each(["", "2024", "31.05.2024", "2024-13-01", "Fri May 31 2024", "2024-05-31T25:00"])("refuses %j", (text) => {
    expect(parseDate(text)).toBeNaN();
  });
});
