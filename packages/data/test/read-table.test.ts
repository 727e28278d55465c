import { describe, expect, it } from "vitest";
import { importFile, readBatches, readFileTable, readTable } from "../src/index.ts";
import { example, useFolder } from "./files.ts";

const files = useFolder();

async function version(name: string, content: string): Promise<string> {
  const source = await files.write(`${name}.csv`, content);
  return (await importFile({ source, outPath: files.path(`${name}.parquet`) })).path;
}

const MIXED =
  "n,flag,word,when,note\n1,true,b,1970-01-02,x\n,false,,2020-05-06T07:08:09,\n-2,,a,,y\n5,true,b,1969-12-31,x\n";

describe("readTable", () => {
  it("gives numbers, booleans, categories and dates as typed arrays, missing values in each", async () => {
    const { rows, columns } = await readTable({ path: await version("mixed", MIXED), kinds: { note: "text" } });
    const day = 86_400_000;
    expect(rows).toBe(4);
    expect(columns).toEqual([
      { kind: "number", name: "n", values: new Float64Array([1, Number.NaN, -2, 5]) },
      { kind: "number", name: "flag", values: new Float64Array([1, 0, Number.NaN, 1]) },
      { kind: "category", name: "word", codes: new Int32Array([1, -1, 0, 1]), categories: ["a", "b"] },
      { kind: "date", name: "when", values: new Float64Array([day, Date.UTC(2020, 4, 6, 7, 8, 9), Number.NaN, -day]) },
      { kind: "text", name: "note", values: ["x", null, "y", "x"] },
    ]);
  });

  it("reads chosen columns and rows, with the categories of the whole version", async () => {
    const path = await version("part", MIXED);
    const { rows, columns } = await readTable({ path, columns: ["word", "n"], offset: 2, limit: 1 });
    expect(rows).toBe(1);
    expect(columns).toEqual([
      { kind: "category", name: "word", codes: new Int32Array([0]), categories: ["a", "b"] },
      { kind: "number", name: "n", values: new Float64Array([-2]) },
    ]);
    expect((await readTable({ path, offset: 9 })).rows).toBe(0);
  });

  it("reads whole numbers as classes in the order of the numbers", async () => {
    const path = await version("digits", "d,x\n10,1\n9,2\n10,3\n0,4\n");
    const { columns } = await readTable({ path, columns: ["d"], kinds: { d: "category" } });
    expect(columns[0]).toEqual({
      kind: "category",
      name: "d",
      codes: new Int32Array([2, 1, 2, 0]),
      categories: ["0", "9", "10"],
    });
  });

  it("keeps awkward names, categories and empty columns", async () => {
    const path = await version("awkward", '"a \'b\'",e,"x;""y"""\n\'; DROP,,1\nit\'\'s,,2\n');
    const { columns } = await readTable({ path });
    expect(columns[0]).toMatchObject({ name: "a 'b'", categories: ["'; DROP", "it''s"] });
    expect(columns[1]).toMatchObject({ name: "e", codes: new Int32Array([-1, -1]), categories: [] });
    expect(columns[2]).toMatchObject({ name: 'x;"y"', values: new Float64Array([1, 2]) });
  });

  it("agrees with the file field by field on the diamonds", async () => {
    const { path } = await importFile({ source: example("diamonds.csv"), outPath: files.path("diamonds.parquet") });
    const fromVersion = await readTable({ path });
    const { table } = await readFileTable({ source: example("diamonds.csv") });
    expect(table).toEqual(fromVersion);
    const { readFile } = await import("node:fs/promises");
    const lines = (await readFile(example("diamonds.csv"), "utf8")).trimEnd().split(/\r?\n/).slice(1);
    const read = fromVersion.columns.map((c) =>
      c.kind === "category" ? (i: number) => c.categories[c.codes[i]] : (i: number) => c.values[i],
    );
    lines.forEach((line, i) => {
      const fields = line.replaceAll('"', "").split(",");
      const same = fields.every((field, j) => String(read[j](i)) === field || Number(field) === read[j](i));
      if (!same) expect(read.map((of) => String(of(i)))).toEqual(fields);
    });
  });

  it("refuses a column or file that is not there, and ranges that make no sense", async () => {
    const path = await version("refuse", "a,B\n1,2\n");
    await expect(readTable({ path, columns: ["b"] })).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
      message: /did you mean "B"/,
    });
    await expect(readTable({ path: `${path}.gone` })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(readTable({ path, limit: -1 })).rejects.toMatchObject({ code: "BAD_OPTION" });
    await expect(readTable({ path, threads: 0 })).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
});

describe("readBatches", () => {
  async function all(source: string, options = {}) {
    const batches = [];
    for await (const batch of readBatches({ source, ...options })) batches.push(batch);
    return batches;
  }

  it("gives every row once, in order, with the total", async () => {
    const lines = Array.from({ length: 5001 }, (_, i) => `${i},w${i % 3}`);
    const source = await files.write("batches.csv", `i,w\n${lines.join("\n")}\n`);
    const batches = await all(source, { batchRows: 1000 });
    expect(batches.map((b) => [b.offset, b.rows.length, b.total])).toEqual([
      [0, 1000, 5001],
      [1000, 1000, 5001],
      [2000, 1000, 5001],
      [3000, 1000, 5001],
      [4000, 1000, 5001],
      [5000, 1, 5001],
    ]);
    expect(batches.flatMap((b) => b.rows.map((row) => row.i))).toEqual(lines.map((_, i) => i));
  });

  it("gives the kinds a model asks for", async () => {
    const source = await files.write("kinds.csv", "zip,n,when,flag\n01234,1,2020-01-02,yes\n,2,,no\n");
    const [batch] = await all(source, { kinds: { zip: "category", n: "category" } });
    expect(batch.rows).toEqual([
      { zip: "01234", n: "1", when: "2020-01-02T00:00:00.000Z", flag: "yes" },
      { zip: null, n: "2", when: null, flag: "no" },
    ]);
  });

  it("names a column that is missing, and stops cleanly when nobody reads on", async () => {
    const source = await files.write("stop.jsonl", '{"a": 1}\n{"a": 2}\n{"a": 3}\n');
    await expect(all(source, { kinds: { price: "number" } })).rejects.toMatchObject({
      code: "UNKNOWN_COLUMN",
      message: expect.stringMatching(/no column "price"; the columns are a/),
    });
    for await (const batch of readBatches({ source, batchRows: 1 })) {
      expect(batch.rows).toEqual([{ a: 1 }]);
      break;
    }
    await expect(all(files.path("nowhere.csv"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
