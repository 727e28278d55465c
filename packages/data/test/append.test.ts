// Appending a file against importing both at once, what is refused, and reading a version in chunks.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { type AppendOptions, appendFile, importFile, readTable, withChunks } from "../src/index.ts";
import { example, useFolder } from "./files.ts";

const files = useFolder();
let count = 0;

const HEADER = "id,n,size,when,kind\n";
const OLD = `${HEADER}a1,1,1.5,2020-01-01,red\na2,2,2.5,2020-01-02,blue\n`;

async function appended(old: string, more: string, options: Partial<AppendOptions> = {}) {
  const number = ++count;
  const base = files.path(`${number}-base.parquet`);
  const source = await files.write(`${number}-old.csv`, old);
  const { columns } = await importFile({ source, outPath: base });
  const added = await files.write(`${number}-new.csv`, more);
  return appendFile({ base, columns, source: added, outPath: files.path(`${number}.parquet`), ...options });
}

const values = async (path: string) =>
  (await readTable({ path })).columns.map((column) =>
    column.kind === "category"
      ? Array.from(column.codes, (code) => column.categories[code] ?? null)
      : Array.from<number | string | null>(column.values),
  );

describe("appendFile", () => {
  it("gives the bytes that importing both files as one would", async () => {
    const text = await readFile(example("diamonds.csv"), "utf8");
    const lines = text.trimEnd().split("\n");
    const result = await appended(
      `${lines.slice(0, 40_001).join("\n")}\n`,
      `${[lines[0], ...lines.slice(40_001)].join("\n")}\n`,
      { threads: 1, memoryLimitMB: 200 },
    );
    const whole = await importFile({ source: example("diamonds.csv"), outPath: files.path("whole.parquet") });
    expect(result).toMatchObject({ rows: 53_940, appendedRows: 13_940, sha256: whole.sha256, columns: whole.columns });
    expect(result.profile).toEqual(whole.profile);
  });

  it("finds columns by name, takes new categories, and widens whole numbers", async () => {
    const { path, columns } = await appended(OLD, "kind,size,id,n,when\ngreen,3,a3,3.25,2021-05-06\nred,,a4,,\n");
    expect(columns.map(({ kind, storage }) => `${kind} ${storage}`)).toEqual([
      "category VARCHAR",
      "number DOUBLE",
      "number DOUBLE",
      "date TIMESTAMP",
      "category VARCHAR",
    ]);
    const [ids, n, size, , kinds] = await values(path);
    expect(ids).toEqual(["a1", "a2", "a3", "a4"]);
    expect(n).toEqual([1, 2, 3.25, Number.NaN]);
    expect(size).toEqual([1.5, 2.5, 3, Number.NaN]);
    expect(kinds).toEqual(["red", "blue", "green", "red"]);
  });

  it("keeps words words where the new values look like numbers", async () => {
    const { path } = await appended("code,x\nA1,1\nB2,2\n", "code,x\n100,3\n200,4\n");
    expect((await values(path))[0]).toEqual(["A1", "B2", "100", "200"]);
  });

  it("keeps what named the rows a name", async () => {
    const rows = (from: number) => Array.from({ length: 40 }, (_, i) => `u-${from + i},${i % 7}.5`).join("\n");
    const { columns } = await appended(`user_id,x\n${rows(0)}\n`, `user_id,x\n${rows(0)}\n`);
    expect(columns.map(({ role }) => role)).toEqual(["identifier", "feature"]);
  });

  it("lets a column that was empty hold anything", async () => {
    const { columns, path } = await appended("a,b\n1,\n2,\n", "a,b\n3,4.5\n");
    expect(columns[1]).toMatchObject({ kind: "number", storage: "DOUBLE", missing: 2 });
    expect((await values(path))[1]).toEqual([Number.NaN, Number.NaN, 4.5]);
  });

  it("fills absent columns with missing only when asked to", async () => {
    const more = "id,n,size,when\na3,3,3.5,2020-01-03\n";
    await expect(appended(OLD, more)).rejects.toMatchObject({ code: "COLUMN_MISMATCH", column: "kind" });
    const { path } = await appended(OLD, more, { fillMissing: true });
    expect((await values(path))[4]).toEqual(["red", "blue", null]);
  });

  it.each([
    ["a text where numbers were", `${HEADER}a3,3,3.5,2020-01-03,red\na4,four,4.5,2020-01-04,red\n`, "n", 2, /"four"/],
    ["a word where dates were", `${HEADER}a3,3,3.5,soon,red\n`, "when", 1, /"soon".*no date/],
    ["a further column", `id,n,size,when,kind,extra\na3,3,3.5,2020-01-03,red,1\n`, "extra", undefined, /lacks/],
  ])("refuses %s with row and column, and writes nothing", async (_, more, column, row, message) => {
    const outPath = files.path("none.parquet");
    const failure = await appended(OLD, more, { outPath }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "COLUMN_MISMATCH", column, row, message: expect.stringMatching(message) });
    await expect(readFile(outPath)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("withChunks", () => {
  it.each([1, 2048, 7001, 60_000])("gives all rows in order in chunks of %i", async (chunkRows) => {
    const path = files.path("penguins.parquet");
    const rows = chunkRows === 1 ? "penguins.csv" : "diamonds.csv";
    const { rows: total } = await importFile({ source: example(rows), outPath: path });
    const whole = await readTable({ path });
    await withChunks({ path, chunkRows }, async (source) => {
      expect(source.rows).toBe(total);
      // Twice: a pass must leave nothing behind for the next.
      for (let pass = 0; pass < 2; pass++) {
        let at = 0;
        for await (const chunk of source.chunks()) {
          expect(chunk.rows).toBe(Math.min(chunkRows, total - at));
          for (const [i, column] of chunk.columns.entries()) {
            const same = whole.columns[i];
            if (column.kind === "category" && same.kind === "category") {
              expect(column.categories).toEqual(same.categories);
              expect(sameBytes(column.codes, same.codes.slice(at, at + chunk.rows))).toBe(true);
            } else if (column.kind === "number" && same.kind === "number") {
              expect(sameBytes(column.values, same.values.slice(at, at + chunk.rows))).toBe(true);
            } else if (column.kind === "text" && same.kind === "text") {
              expect(column.values).toEqual(same.values.slice(at, at + chunk.rows));
            } else throw new Error("the kinds differ");
          }
          at += chunk.rows;
        }
        expect(at).toBe(total);
      }
    });
  });

  it("ends early without harm, and passes on what its user throws", async () => {
    const path = files.path("early.parquet");
    await importFile({ source: example("diamonds.csv"), outPath: path });
    const first = await withChunks({ path, chunkRows: 100 }, async (source) => {
      for await (const chunk of source.chunks()) return chunk.rows;
      return 0;
    });
    expect(first).toBe(100);
    const mine = new RangeError("mine");
    await expect(withChunks({ path, chunkRows: 100 }, () => Promise.reject(mine))).rejects.toBe(mine);
  });
});

// Internal

function sameBytes(a: Float64Array | Int32Array, b: Float64Array | Int32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}
