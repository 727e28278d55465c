import { describe, expect, it } from "vitest";
import { Space, SpaceError, spaceFromTable } from "../src/index.ts";

// The shape of an estimator's parameter table, with what such tables have besides.
const TABLE = {
  trees: { type: "int", default: 100, min: 1, doc: "Number of trees.", search: { min: 50, max: 500, log: true } },
  features: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    max: 1,
    exclusiveMin: true,
    doc: ".",
    search: { min: 0.2, max: 1 },
  },
  share: { type: "float", default: 0.5, min: 0, max: 1, doc: "." },
  open: { type: "float", default: 0.5, min: 0, max: 1, exclusiveMax: true, doc: "." },
  order: { type: "choice", default: "leaf", choices: ["leaf", "depth"], doc: "." },
  bootstrap: { type: "boolean", default: true, doc: "." },
  columns: { type: "strings", default: null, doc: "." },
} as const;

describe("a space from a parameter table", () => {
  it("has the parameters with a search range by default", () => {
    const spec = spaceFromTable(TABLE);
    expect(spec).toEqual({
      trees: { type: "int", min: 50, max: 500, log: true },
      features: { type: "float", min: 0.2, max: 1 },
    });
    expect(new Space(spec).dimensions).toHaveLength(2);
  });

  it("has exactly the parameters that are named, under a prefix", () => {
    expect(spaceFromTable(TABLE, { include: ["share", "order", "bootstrap"], prefix: "forest." })).toEqual({
      "forest.share": { type: "float", min: 0, max: 1 },
      "forest.order": { type: "categorical", choices: ["leaf", "depth"] },
      "forest.bootstrap": { type: "categorical", choices: [false, true] },
    });
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      "an unknown name",
      () => spaceFromTable(TABLE, { include: ["depth"] }),
      /no parameter `depth`; it has: trees, features/,
    ],
    ["an open range", () => spaceFromTable(TABLE, { include: ["open"] }), /`open` has no closed range/],
    [
      "a list",
      () => spaceFromTable(TABLE, { include: ["columns"] }),
      /`columns` is a strings, which cannot be searched/,
    ],
    ["nothing to search", () => spaceFromTable({ a: { type: "boolean" } }), /name some in `include`/],
    [
      "a search range beyond what is allowed",
      () => spaceFromTable({ a: { type: "float", min: 0, exclusiveMin: true, search: { min: 0, max: 1 } } }),
      /\[0, 1\] to search of `a` leaves what it may be/,
    ],
  ];
  it.each(refused)("refuses %s", (_, make, message) => {
    expect(make).toThrow(SpaceError);
    expect(make).toThrow(message);
  });
});
