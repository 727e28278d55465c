import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ColumnInfo, type ImportOptions, importFile, readFileTable, readTable } from "../src/index.ts";
import { example, useFolder } from "./files.ts";

const files = useFolder();
let count = 0;

async function imported(content: string | Buffer, name = "t.csv", options: Partial<ImportOptions> = {}) {
  const source = await files.write(`${++count}-${name}`, content);
  return importFile({ source, outPath: files.path(`${count}.parquet`), ...options });
}

/** A CSV of one column beside a harmless one, and what was found about it. */
async function column(
  values: readonly string[],
  options: Partial<ImportOptions> = {},
  name = "x",
): Promise<ColumnInfo> {
  const lines = values.map(
    (value, i) => `${/[,"\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value},${i % 7}.5`,
  );
  const { columns } = await imported(`${name},other\n${lines.join("\n")}\n`, "c.csv", options);
  return columns[0];
}

const repeat = (values: readonly string[], times: number) => Array.from({ length: times }, () => values).flat();
const codes = (info: ColumnInfo) => info.flags.map((flag) => flag.code);

describe("importFile on real files", () => {
  it("reads the diamonds with their kinds and the figures R gives for them", async () => {
    const { rows, columns, profile } = await importFile({
      source: example("diamonds.csv"),
      outPath: files.path("d.parquet"),
    });
    expect(rows).toBe(53_940);
    expect(Object.fromEntries(columns.map((c) => [c.name, c.kind]))).toEqual({
      carat: "number",
      cut: "category",
      color: "category",
      clarity: "category",
      depth: "number",
      table: "number",
      price: "number",
      x: "number",
      y: "number",
      z: "number",
    });
    expect(columns.every((c) => c.role === "feature" && c.missing === 0)).toBe(true);
    // summary(ggplot2::diamonds) and sd(): carat 0.2 0.4 0.7 0.7979 1.04 5.01; sd 0.4740112; cut counts.
    const [carat, cut] = profile.columns;
    expect(carat.number).toMatchObject({ min: 0.2, max: 5.01, quantiles: { p25: 0.4, p50: 0.7, p75: 1.04 } });
    expect(carat.number?.mean).toBeCloseTo(0.7979397, 6);
    expect(carat.number?.std).toBeCloseTo(0.4740112, 6);
    expect(cut.category?.top[0]).toEqual({ value: "Ideal", count: 21_551 });
    expect(carat.number?.histogram.counts.reduce((a, b) => a + b)).toBe(53_940);
    expect(profile.columns[7].number?.zeros).toBe(8);
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  });

  it("counts the missing values of the penguins", async () => {
    const { columns } = await importFile({ source: example("penguins.csv"), outPath: files.path("p.parquet") });
    const missing = Object.fromEntries(columns.map((c) => [c.name, c.missing]));
    expect(missing).toMatchObject({ species: 0, beak_length_mm: 2, body_mass_g: 2, sex: 10 });
  });

  it("keeps the only feature of a line although it counts the rows", async () => {
    const { columns } = await importFile({ source: example("seed_line.csv"), outPath: files.path("s.parquet") });
    expect(columns[0]).toMatchObject({ role: "feature", kind: "number", integer: true });
    expect(codes(columns[0])).toEqual(["sequence"]);
  });

  it("gives equal bytes for equal input on any number of threads, in the order of the file", async () => {
    const lines = Array.from(
      { length: 400_000 },
      (_, i) => `${Math.sin(i).toFixed(6)},${i % 3 ? "word" : " pad "},${i},${i % 5 ? "yes" : "no"}`,
    );
    const source = await files.write("same.csv", `a,b,n,flag\n${lines.join("\n")}\n`);
    const hashes = new Set<string>();
    for (const threads of [1, 2, 4]) {
      const version = await importFile({ source, outPath: files.path(`same-${threads}.parquet`), threads });
      hashes.add(version.sha256);
    }
    expect(hashes.size).toBe(1);
    const { columns } = await readTable({ path: files.path("same-4.parquet"), columns: ["n", "flag"] });
    const { values } = columns[0] as { values: Float64Array };
    expect(values.every((value, i) => value === i)).toBe(true);
    const { codes: flags } = columns[1] as { codes: Int32Array };
    expect(flags.every((code, i) => code === (i % 5 ? 1 : 0))).toBe(true);
  });
});

describe("importFile reads the common spellings of a file:", () => {
  const table = [
    { a: 1, b: "x" },
    { a: 2.5, b: "y" },
  ];
  const CSV = "a,b\n1,x\n2.5,y\n";
  it.each<[string, string | Buffer, string]>([
    ["a byte order mark", `\ufeff${CSV}`, "t.csv"],
    ["CRLF", CSV.replaceAll("\n", "\r\n"), "t.csv"],
    ["CR", CSV.replaceAll("\n", "\r"), "t.csv"],
    ["mixed line ends", "a,b\r\n1,x\n2.5,y\r\n", "t.csv"],
    ["no last line end", CSV.trimEnd(), "t.csv"],
    ["blank lines", "a,b\n\n1,x\n\n2.5,y\n\n", "t.csv"],
    ["semicolons and a decimal comma", "a;b\n1;x\n2,5;y\n", "t.csv"],
    ["tabs", CSV.replaceAll(",", "\t"), "t.tsv"],
    ["bars", CSV.replaceAll(",", "|"), "t.txt"],
    ["quotes", '"a","b"\n"1","x"\n"2.5","y"\n', "t.csv"],
    ["blanks around", "a, b\n1, x\n 2.5, y \n", "t.csv"],
    ["gzip", gzipSync(CSV), "t.csv.gz"],
    ["UTF-16, little end first", Buffer.from(`\ufeff${CSV}`, "utf16le"), "t.csv"],
    ["UTF-16, big end first", Buffer.from(`\ufeff${CSV}`, "utf16le").swap16(), "t.csv"],
    ["a JSON array", JSON.stringify(table), "t.json"],
    ["a JSON array over lines", JSON.stringify(table, null, 2), "t.json"],
    ["JSON lines", table.map((row) => JSON.stringify(row)).join("\n"), "t.jsonl"],
    ["JSON that is called nothing", JSON.stringify(table), "t"],
    ["gzip of JSON", gzipSync(JSON.stringify(table)), "t.json.gz"],
  ])("%s", async (_what, content, name) => {
    const { path, columns } = await imported(content, name);
    expect(columns.map((c) => [c.name, c.kind])).toEqual([
      ["a", "number"],
      ["b", "category"],
    ]);
    const read = await readTable({ path });
    expect(read.columns[0]).toMatchObject({ kind: "number", values: new Float64Array([1, 2.5]) });
    expect(read.columns[1]).toMatchObject({ kind: "category", codes: new Int32Array([0, 1]), categories: ["x", "y"] });
  });

  it("line ends, delimiters and doubled quotes inside quotes", async () => {
    const { path } = await imported('a,b\n1,"x\ny, ""z"""\n2,w\n');
    const { columns } = await readTable({ path });
    expect(columns[1]).toMatchObject({ categories: ["w", 'x\ny, "z"'] });
  });

  it("Parquet, its own included", async () => {
    const first = await imported("a,b,when\n1,x,2020-01-02\n,y,\n");
    const second = await importFile({ source: first.path, outPath: files.path("again.parquet") });
    expect(second.columns.map(({ name, kind, missing }) => [name, kind, missing])).toEqual([
      ["a", "number", 1],
      ["b", "category", 0],
      ["when", "date", 1],
    ]);
    expect(second.sha256).toBe(first.sha256);
  });

  it("objects in JSON as columns with dotted names", async () => {
    const { columns } = await imported(JSON.stringify([{ a: { b: 1, c: { d: "x" } } }, { a: { b: 2 } }]), "n.json");
    expect(columns.map((c) => [c.name, c.missing])).toEqual([
      ["a.b", 0],
      ["a.c.d", 1],
    ]);
  });

  it("mixed scalars in JSON as text", async () => {
    const { columns } = await imported('[{"a": 1}, {"a": "x"}, {"a": true}, {"a": null}]', "m.json");
    expect(columns[0]).toMatchObject({ kind: "category", count: 3, missing: 1 });
  });

  it("a file without a header, with a warning", async () => {
    const { columns, rows, warnings } = await imported("1,2\n3,4\n");
    expect(rows).toBe(2);
    expect(columns.map((c) => c.name)).toEqual(["column_1", "column_2"]);
    expect(warnings[0]).toMatch(/no header row/);
  });

  it("an unnamed first column of row numbers as an identifier", async () => {
    const { columns } = await imported(
      `,v\n${Array.from({ length: 30 }, (_, i) => `${i},${(i * 7) % 5}`).join("\n")}\n`,
    );
    expect(columns[0]).toMatchObject({ name: "column_1", role: "identifier" });
    expect(codes(columns[0])).toContain("unnamed");
  });

  it("two thousand columns", async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `c${i}`);
    const { columns } = await imported(`${names}\n${names.map((_, i) => i)}\n${names.map((_, i) => i * 0.5)}\n`);
    expect(columns.length).toBe(2000);
  });
});

describe("importFile finds what a column is:", () => {
  const words = ["red", "green", "blue", "red", "blue"];
  it.each<[string, string[], Partial<ColumnInfo>, string[]]>([
    [
      "thousands separators",
      repeat(["1,234.5", "12", "1,000,000"], 3),
      { kind: "number", storage: "DOUBLE" },
      ["number-as-text"],
    ],
    ["money", repeat(["$1,200", "$ 3.50", "-$7"], 3), { kind: "number" }, ["number-as-text"]],
    ["euros with a decimal comma", repeat(["1.200,50 €", "3,5 €"], 3), { kind: "number" }, ["number-as-text"]],
    ["percent", repeat(["12%", "3.5 %"], 3), { kind: "number" }, ["number-as-text"]],
    [
      "NA, null, - and ? as missing",
      ["1", "NA", "null", "-", "?", "N/A", "nan", "2.5"],
      { kind: "number", missing: 6 },
      [],
    ],
    ["padded missing values", [" NA ", "a", "b", "a", " "], { kind: "category", missing: 2, distinct: 2 }, []],
    ["infinities as missing", ["1.5", "inf", "-Infinity", "2.5"], { kind: "number", missing: 2 }, ["infinite"]],
    [
      "whole numbers spelled with a point",
      ["1.0", "2.0", "5.0"],
      { kind: "number", integer: true, storage: "BIGINT" },
      [],
    ],
    ["postcodes", repeat(["01234", "98765", "00501"], 4), { kind: "category", storage: "VARCHAR" }, ["code"]],
    ["numbers too long for a double", repeat(["12345678901234567890", "2"], 3), { kind: "category" }, ["big-integer"]],
    ["yes and no", repeat(["yes", "No"], 4), { kind: "boolean", storage: "VARCHAR" }, []],
    ["true and false", repeat(["TRUE", "false"], 4), { kind: "boolean", storage: "BOOLEAN" }, []],
    ["0 and 1", repeat(["0", "1"], 4), { kind: "boolean", storage: "BIGINT" }, []],
    ["ISO dates", ["2020-01-31", "2021-12-01"], { kind: "date", storage: "TIMESTAMP" }, []],
    ["ISO times with zones", ["2020-01-31T10:00:00Z", "2021-12-01T10:00:00+02:00"], { kind: "date" }, []],
    ["dates of the month first", ["01/31/2020", "12/01/2021"], { kind: "date" }, []],
    ["dates of the day first", ["31/01/2020 10:30", "12/01/2021 11:00"], { kind: "date" }, []],
    ["dates with points", ["31.01.2020", "1.2.2021"], { kind: "date" }, []],
    ["dates with month names", ["31 Jan 2020", "1 Feb 2021"], { kind: "date" }, []],
    ["dates that may be either", ["01/02/2020", "03/04/2021"], { kind: "date" }, ["ambiguous-date"]],
    ["categories", words, { kind: "category", distinct: 3 }, []],
    ["a constant", repeat(["7"], 5), { role: "constant" }, ["constant"]],
    ["nothing", repeat(["NA"], 5), { role: "empty", count: 0, missing: 5 }, ["empty"]],
    ["numbers with a stray word", [...repeat(["1.5", "2.5"], 10), "many"], { kind: "category" }, ["mixed"]],
    ["years as numbers", repeat(["1999", "2020"], 5), { kind: "number" }, []],
  ])("%s", async (_what, values, expected, flags) => {
    const info = await column(values);
    expect(info).toMatchObject(expected);
    expect(codes(info)).toEqual(flags);
  });

  const many = Array.from({ length: 300 }, (_, i) => i);
  it.each<[string, string, string[], Partial<ColumnInfo>]>([
    ["whole numbers called id", "id", many.map((i) => String(i * 3 + 17)), { role: "identifier" }],
    ["whole numbers called customerId", "customerId", many.map((i) => String(i + 1)), { role: "identifier" }],
    ["different strings without blanks", "ticket", many.map((i) => `A-${i * 7}x`), { role: "identifier" }],
    ["continuous measures, which are no identifiers", "weight", many.map((i) => String(i * 1.37)), { role: "feature" }],
    [
      "different whole numbers that are no identifiers",
      "population",
      many.map((i) => String(i * i)),
      { role: "feature" },
    ],
    ["a word that only ends like id", "paid", many.map((i) => String(i * 2)), { role: "feature" }],
    [
      "sentences",
      "review",
      many.map((i) => `this is the review number ${i} of a thing`),
      { kind: "text", role: "feature" },
    ],
    ["too many categories", "town", many.map((i) => `town ${i % 200}`), { kind: "text" }],
    ["many categories", "part", many.map((i) => `part-${i % 120}`), { kind: "category" }],
  ])("%s", async (_what, name, values, expected) => {
    expect(await column(values, {}, name)).toMatchObject(expected);
  });

  it("a stray value after thousands of numbers", async () => {
    const info = await column([...many, ...many].map((i) => `${i}.25`).concat("n.a."));
    expect(info.kind).not.toBe("number");
    expect(info.flags[0].reason).toMatch(/1 value is not \(first "n\.a\." in row 601\)/);
  });

  it("what the caller says it is", async () => {
    const numbers = await column([...repeat(["1.5", "2.5"], 10), "many"], { kinds: { x: "number" } });
    expect(numbers).toMatchObject({ kind: "number", count: 20, missing: 1 });
    expect(numbers.flags[0].reason).toMatch(/"many" in row 21/);
    expect(await column(["1", "2", "1"], { kinds: { x: "category" } })).toMatchObject({
      kind: "category",
      storage: "VARCHAR",
    });
    await expect(column(["a", "b"], { kinds: { x: "number" } })).rejects.toMatchObject({
      code: "BAD_OPTION",
      column: "x",
      row: 1,
    });
    await expect(column(["a", "b"], { kinds: { y: "number" } })).rejects.toMatchObject({ code: "UNKNOWN_COLUMN" });
  });
});

describe("an import and its reading", () => {
  it("give back any numbers, strings and gaps that JSON can hold", async () => {
    const cell = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x || 0));
    const word = fc.option(
      fc.stringMatching(/^[a-z][a-z ,;"'é]{0,8}[a-z]$/).filter((text) => !["nan", "null"].includes(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, word), { minLength: 1, maxLength: 40 }), async (rows) => {
        const quoted = (text: string | null) => (text === null ? "" : `"${text.replaceAll('"', '""')}"`);
        const lines = rows.map(([x, text]) => `k,${x ?? ""},${quoted(text)}`);
        const source = await files.write("property.csv", `k,x,word\n${lines.join("\n")}\n`);
        const { table } = await readFileTable({ source, kinds: { x: "number", word: "text" } });
        expect(table.columns[1]).toMatchObject({ values: new Float64Array(rows.map(([x]) => x ?? Number.NaN)) });
        expect(table.columns[2]).toMatchObject({ values: rows.map(([, text]) => text) });
      }),
      { numRuns: 25 },
    );
  });

  it("report progress stage by stage", async () => {
    const stages: string[] = [];
    await imported("a,b\n1,2\n", "t.csv", { onProgress: ({ stage }) => void stages.push(stage) });
    expect([...new Set(stages)]).toEqual(["read", "infer", "write", "profile"]);
  });

  it("replace an earlier version at the same path as a whole", async () => {
    const outPath = files.path("replaced.parquet");
    await imported("a,b\n1,2\n", "t.csv", { outPath });
    const { bytes } = await imported("a,b\n1,2\n3,4\n", "t.csv", { outPath });
    expect((await readFile(outPath)).length).toBe(bytes);
    expect((await readTable({ path: outPath })).rows).toBe(2);
  });

  it("profile numbers at the ends of the range of doubles", async () => {
    const { profile } = await imported("x,y\n-1.7e308,1\n1.7e308,2\n0.5,3\n");
    const { number } = profile.columns[0];
    expect(number).toMatchObject({ min: -1.7e308, max: 1.7e308, mean: null, std: null });
    expect(number?.histogram.counts.reduce((a, b) => a + b)).toBe(3);
  });
});
