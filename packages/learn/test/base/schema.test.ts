import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.ts";
import { alignTable, checkTable, recode, schemaFromJson, schemaToJson, tableSchema } from "../../src/base/schema.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { readMeta, readStrings, readTensor, tensor } from "../../src/base/state.ts";
import { categories, numbers, table, texts } from "../tables.ts";

const sample = table(numbers("a", [1, 2]), categories("b", ["x", "y"]), texts("c", ["t", null]));

describe("a schema", () => {
  it("survives JSON", () => {
    const schema = tableSchema(sample);
    expect(schemaFromJson(JSON.parse(JSON.stringify(schemaToJson(schema))), "it")).toEqual(schema);
  });

  it.each([
    null,
    [null],
    [{ name: "a" }],
    [{ name: "a", kind: "blob" }],
    [{ name: "a", kind: "category" }],
    [{ name: "a", kind: "category", categories: ["x", "x"] }],
    [
      { name: "a", kind: "number" },
      { name: "a", kind: "date" },
    ],
  ])("is refused as %j", (json) => {
    expect(() => schemaFromJson(json, "it")).toThrow(ShapeError);
  });
});

describe("alignTable", () => {
  it("orders columns by name, recodes categories and drops what is not asked for", () => {
    const later = table(numbers("z", [0, 0]), categories("b", ["y", "new"], ["new", "y"]), numbers("a", [1, 2]));
    const schema = tableSchema(table(sample.columns[0], sample.columns[1]));
    const expected = table(numbers("a", [1, 2]), categories("b", ["y", null], ["x", "y"]));
    expect(alignTable(schema, later, "it")).toEqual(expected);
  });

  it("keeps a category column whose dictionary is the same as it is", () => {
    const column = categories("b", ["x", "y"]);
    expect(recode(column, ["x", "y"])).toBe(column);
  });

  it("names the column that is absent or of another kind", () => {
    const schema = tableSchema(sample);
    expect(() => alignTable(schema, table(numbers("a", [1])), "it")).toThrow(
      'it was fitted with a column "b", the table has a',
    );
    const wrong = table(texts("a", ["1"]), ...sample.columns.slice(1));
    expect(() => alignTable(schema, wrong, "it")).toThrow('"a" as a number column, here it is a text column');
  });
});

describe("checkTable", () => {
  it.each([
    [
      "columns of unequal length",
      { rows: 2, columns: [numbers("a", [1])] },
      'column "a" has 1 values, the table 2 rows',
    ],
    ["two columns of one name", table(numbers("a", [1]), texts("a", ["x"])), 'two columns are named "a"'],
    [
      "a code outside the dictionary",
      table({ kind: "category", name: "a", codes: Int32Array.of(0, 3), categories: ["x"] }),
      'row 1 of "a" has code 3',
    ],
    ["infinity", table(numbers("a", [1, Number.NEGATIVE_INFINITY])), 'row 1 of "a" is -Infinity; clip it'],
  ])("refuses %s", (_, broken, message) => {
    expect(() => checkTable(broken)).toThrow(ShapeError);
    expect(() => checkTable(broken)).toThrow(message);
  });
});

describe("a state", () => {
  const state = { tensors: { w: tensor(Float64Array.of(1, 2)) }, meta: { names: ["a"], size: 1 } };

  it("gives what is there and refuses what is not, by name", () => {
    expect(readTensor(state, "w", { owner: "it", type: Float64Array, length: 2 })).toEqual(Float64Array.of(1, 2));
    expect(readStrings(state, "names", "it")).toEqual(["a"]);
    expect(() => readTensor(state, "w", { owner: "it", type: Int32Array })).toThrow(
      'the state of it lacks a Int32Array "w"',
    );
    expect(() => readTensor(state, "w", { owner: "it", type: Float64Array, length: 3 })).toThrow(
      "2 elements instead of 3",
    );
    expect(() => readTensor(state, "toString", { owner: "it", type: Float64Array })).toThrow(ShapeError);
    expect(() => readMeta(state, "constructor", "it")).toThrow(ShapeError);
    expect(() => readStrings(state, "size", "it")).toThrow(ShapeError);
  });
});

describe("sha256", () => {
  it("is SHA-256, also of shared memory", async () => {
    const wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-4, "abc"
    expect(await sha256(new TextEncoder().encode("abc"))).toBe(wanted);
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    shared.set([97, 98, 99]);
    expect(await sha256(shared)).toBe(wanted);
  });
});
