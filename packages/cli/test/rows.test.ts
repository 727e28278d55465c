import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InputRow, inputRows, openRows, type RowFormat, rowFromJson } from "../src/input-rows.ts";
import { openSink, outputFormat } from "../src/output-rows.ts";
import { CLASSES, SIGNATURE } from "./samples.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "massif-rows-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string, format: RowFormat): Promise<InputRow[]> {
  const source = await openRows("-", Readable.from([Buffer.from(text)]), format);
  const rows: InputRow[] = [];
  for await (const row of inputRows(source, SIGNATURE)) rows.push(row);
  return rows;
}

describe("input rows", () => {
  test("take numbers and texts by the signature, whatever they look like", async () => {
    const [row] = await read("cut,carat,price\n007, 1.5e0 ,326\n", "csv");
    expect(row.row).toEqual({ carat: 1.5, cut: "007" });
    expect(row.original).toEqual({ cut: "007", carat: " 1.5e0 ", price: "326" });
  });

  test("read empty cells and NA in number columns as missing, and keep NA as a category", async () => {
    const rows = await read("carat,cut\n,\nNA,NA\nNaN,x\n", "csv");
    expect(rows.map(({ row }) => row)).toEqual([
      { carat: null, cut: null },
      { carat: null, cut: "NA" },
      { carat: null, cut: "x" },
    ]);
  });

  test("understand quotes, line breaks in cells, a byte-order mark and CRLF", async () => {
    const rows = await read('\ufeffcarat,cut\r\n1,"Very\nGood"\r\n2,"a ""b"""\r\n', "csv");
    expect(rows.map(({ row }) => row.cut)).toEqual(["Very\nGood", 'a "b"']);
  });

  test.each([
    ["csv", "carat,cut\n1,Good\nabc,Good\n", 'standard input line 3, column carat: "abc" is not a number'],
    ["csv", "carat,cut\n1e999,Good\n", "is not a number"],
    ["csv", "carat\n1\n", 'has no column "cut"; it has: carat'],
    ["csv", "carat,cut,carat\n1,a,2\n", 'has two columns named "carat"'],
    ["csv", "carat,cut\n1,Good,extra\n", "line 2 has 3 fields, the header has 2"],
    ["csv", 'carat,cut\n1,"open\n', "line 2"],
    ["csv", "carat,cut\n", "holds no rows"],
    ["csv", "", "holds no rows"],
    ["tsv", "carat\tcut\nx\ta\n", "line 2, column carat"],
    ["json", '[{"carat": 1, "cut": "a"}, {"carat": true, "cut": "a"}]', "row 2, column carat: true is not a number"],
    ["json", "[1]", "row 1 is no JSON object"],
    ["json", "{", "is not valid JSON"],
    ["jsonl", '{"carat": 1, "cut": "a"}\n{"carat": 1}\n', 'line 2 has no column "cut"'],
    ["jsonl", '{"carat": 1, "cut": {}}', "line 1, column cut: a list or an object is no value"],
  ] as const)("of %s name line and column of what does not fit: %j", async (format, text, message) => {
    await expect(read(text, format)).rejects.toThrow(message);
  });

  test("may be one object, a list, an object with rows, or JSON lines", async () => {
    const row = { carat: 1, cut: "Good" };
    for (const value of [row, [row], { rows: [row] }]) {
      expect((await read(JSON.stringify(value), "json")).map((each) => each.row)).toEqual([row]);
    }
    const many = await read(`${JSON.stringify(row)}\n\n${JSON.stringify(row)}`, "jsonl");
    expect(many).toHaveLength(2);
  });

  test("on the command line are one object", () => {
    expect(rowFromJson('{"carat": "1", "cut": null}', SIGNATURE).row).toEqual({ carat: 1, cut: null });
    expect(() => rowFromJson("[1]", SIGNATURE)).toThrow("must be one JSON object");
    expect(() => rowFromJson('{"carat": 1}', SIGNATURE)).toThrow('`--row` has no column "cut"');
    expect(() => rowFromJson("carat=1", SIGNATURE)).toThrow("is not valid JSON");
  });

  test("of a file need a known ending and an ordinary file", async () => {
    await expect(openRows("rows.xlsx", process.stdin)).rejects.toThrow("cannot tell the format of rows.xlsx");
    await expect(openRows(`${folder}.csv`, process.stdin)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(openRows(folder, process.stdin, "csv")).rejects.toThrow("is a folder");
  });
});

describe("output rows", () => {
  const rows: InputRow[] = [
    { original: { carat: "1", cut: 'a "b", c' }, row: {} },
    { original: { carat: "2", cut: "" }, row: {} },
  ];

  async function written(format: RowFormat): Promise<string> {
    const texts: string[] = [];
    const sink = await openSink(undefined, {
      signature: SIGNATURE,
      format,
      write: async (text) => void texts.push(text),
    });
    await sink.write(rows.slice(0, 1), [326.5]);
    await sink.write(rows.slice(1), [-1]);
    await sink.finish();
    return texts.join("");
  }

  test("keep the input's columns and add the prediction, in each format", async () => {
    expect(await written("csv")).toBe('carat,cut,predicted_price\n1,"a ""b"", c",326.5\n2,,-1\n');
    expect(await written("tsv")).toMatch(/^carat\tcut\tpredicted_price\n/);
    const values = [
      { carat: "1", cut: 'a "b", c', predicted_price: 326.5 },
      { carat: "2", cut: "", predicted_price: -1 },
    ];
    expect(JSON.parse(await written("json"))).toEqual(values);
    expect(
      (await written("jsonl"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(values);
  });

  test("of a classification hold the class and every probability", async () => {
    const texts: string[] = [];
    const write = async (text: string) => void texts.push(text);
    const sink = await openSink(undefined, { signature: CLASSES, format: "csv", write });
    await sink.write(rows.slice(1), [{ class: "a", probabilities: { a: 0.75, b: 0.25 } }]);
    await sink.finish();
    expect(texts.join("")).toBe("carat,cut,predicted_species,probability_a,probability_b\n2,,a,0.75,0.25\n");
  });

  test("appear as a whole file or not at all", async () => {
    const file = path.join(folder, "out.csv");
    await writeFile(file, "before");
    const options = { signature: SIGNATURE, format: outputFormat(file), write: async () => undefined };
    const abandoned = await openSink(file, options);
    await abandoned.write(rows, [1, 2]);
    await abandoned.abandon();
    expect(await readFile(file, "utf8")).toBe("before");
    const finished = await openSink(file, options);
    await finished.write(rows, [1, 2]);
    expect(await readFile(file, "utf8")).toBe("before");
    await finished.finish();
    expect(await readFile(file, "utf8")).toMatch(/^carat,cut,predicted_price\n/);
    expect(await readdir(folder)).toEqual(["out.csv"]);
  });

  test("refuse an ending they cannot write", () => {
    expect(() => outputFormat("out.parquet")).toThrow("`--out` must end in .csv, .tsv, .json or .jsonl");
  });
});
