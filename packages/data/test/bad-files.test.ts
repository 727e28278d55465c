import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DataError, type DataErrorCode, type ImportOptions, importFile } from "../src/index.ts";
import { useFolder } from "./files.ts";

const files = useFolder();
const [MOUNT, UNMOUNT] = ["/bin/mount", "/bin/umount"];

async function refusal(source: string, options: Partial<ImportOptions> = {}): Promise<DataError> {
  const folder = files.path(`out-${Math.random().toString(36).slice(2)}`);
  await mkdir(folder);
  try {
    await importFile({ source, outPath: `${folder}/version.parquet`, ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    const { message } = error as DataError;
    expect(message).not.toMatch(/[\n\r]/);
    expect(message.length).toBeLessThan(400);
    expect(await readdir(folder)).toEqual([]);
    return error as DataError;
  }
  throw new Error("the file was accepted");
}

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const ELF = Buffer.from("7f454c4602010100000000000000000002003e0001000000", "hex");

type Case = [what: string, name: string, content: string | Buffer, code: DataErrorCode, message: RegExp, row?: number];

const CASES: Case[] = [
  ["an empty file", "a.csv", "", "EMPTY_FILE", /a\.csv is empty/],
  ["a blank file", "a.csv", "\n \n", "EMPTY_FILE", /only blanks/],
  ["a lone byte order mark", "a.csv", "\ufeff", "EMPTY_FILE", /only blanks/],
  ["a header without rows", "a.csv", "a,b\n", "NO_ROWS", /no rows/],
  ["an empty JSON array", "a.json", "[]", "NOT_A_TABLE", /no JSON object/],
  [
    "a row with too few fields",
    "a.csv",
    "a,b,c\n1,2,3\n4,5\n",
    "RAGGED_ROW",
    /line 3 \(row 2\) .* 2 fields, the header has 3/,
    2,
  ],
  ["a row with too many fields", "a.csv", "a,b\n1,2\n3,4,5\n", "RAGGED_ROW", /line 3 \(row 2\) .* 3 fields/, 2],
  [
    "a ragged row after a quoted line end",
    "a.csv",
    'a,b,c\n"x\ny",2,3\n1\n',
    "RAGGED_ROW",
    /line 4 \(row 2\) .* 1 field,/,
    2,
  ],
  ["an unclosed quote", "a.csv", 'a,b\n1,2\n3,"x\n4,5\n', "INVALID_CSV", /line 3 \(row 2\) .*quote/, 2],
  ["a PNG image", "a.csv", PNG, "NOT_A_TABLE", /PNG/],
  ["a program", "a.csv", ELF, "NOT_A_TABLE", /program/],
  ["zero bytes", "a.csv", "a,b\n1,\u00002\n", "NOT_A_TABLE", /line 2 has a zero byte/],
  ["gzip of a program", "a.csv.gz", gzipSync(ELF), "NOT_A_TABLE", /program/],
  ["gzip of nothing", "a.csv.gz", gzipSync(""), "EMPTY_FILE", /empty/],
  [
    "truncated gzip",
    "a.csv.gz",
    gzipSync("a,b\n".repeat(5000)).subarray(0, 40),
    "TRUNCATED_FILE",
    /middle of its gzip/,
  ],
  [
    "damaged gzip",
    "a.csv.gz",
    Buffer.concat([gzipSync("a,b\n1,2\n").subarray(0, 10), Buffer.alloc(40, 0xff)]),
    "NOT_A_TABLE",
    /gzip/,
  ],
  [
    "Latin-1 text",
    "a.csv",
    Buffer.from("a,b\n1,2\n3,caf\u00e9\n", "latin1"),
    "INVALID_ENCODING",
    /0xe9 in line 3.*iconv/,
  ],
  [
    "a cut UTF-8 character at the end",
    "a.csv",
    Buffer.from("61 2c 62 0a 31 2c c3".replaceAll(" ", ""), "hex"),
    "INVALID_ENCODING",
    /0xc3 in line 2/,
  ],
  ["columns of one name", "a.csv", "a,b,a\n1,2,3\n", "DUPLICATE_COLUMN", /"a" twice \(columns 1 and 3\)/],
  ["columns that differ by case only", "a.csv", "id,ID\n1,2\n", "DUPLICATE_COLUMN", /"ID" twice/],
  ["text as Parquet", "a.parquet.csv", "PAR1abc", "TRUNCATED_FILE", /lost the end/],
  ["JSON that is one document", "a.json", '{"data": [{"a": 1}]}', "NOT_A_TABLE", /one nested object/],
  ["JSON of plain values", "a.json", "[1, 2]", "NOT_A_TABLE", /row 1 \(line 1\)/],
  ["JSON that ends early", "a.json", '[{"a": 1},\n{"a": 2', "TRUNCATED_FILE", /row 2, which begins in line 2/, 2],
  ["JSON with a syntax error", "a.json", '[{"a": 1},\n{"a": 2},\n{"a": x}]', "INVALID_JSON", /row 3 \(line 3\)/, 3],
  ["JSON lines with a syntax error", "a.jsonl", '{"a": 1}\n{"a" 2}\n', "INVALID_JSON", /row 2 \(line 2\)/, 2],
  ["JSON with lists", "a.json", '[{"a": [1, 2]}]', "NESTED_VALUE", /"a".*list/],
  ["JSON with objects beside values", "a.json", '[{"a": 1}, {"a": {"b": 2}}]', "NESTED_VALUE", /"a".*row 2/, 2],
  [
    "JSON nested 200,000 deep",
    "a.json",
    `[{"a": ${"[".repeat(200_000)}${"]".repeat(200_000)}}]`,
    "NESTED_VALUE",
    /nested more than 100 deep/,
  ],
];

describe("importFile refuses in one line, with the place and the cure, and leaves nothing behind:", () => {
  it.each(CASES)("%s", async (_what, name, content, code, message, row) => {
    const error = await refusal(await files.write(name, content));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    if (row !== undefined) expect(error.row).toBe(row);
  });

  it("a million columns", async () => {
    const names = Array.from({ length: 1_000_000 }, (_, i) => `c${i}`).join(",");
    const error = await refusal(await files.write("wide.csv", `${names}\n${names}\n`));
    expect(error.code).toBe("TOO_MANY_COLUMNS");
    expect(error.message).toMatch(/at least \d+ columns .* limit is 10000/);
  });

  it("a line that never ends", async () => {
    const error = await refusal(await files.write("long.csv", `a,b\n1,2\n3,${"x".repeat(40 << 20)}\n`));
    expect(error.code).toBe("LINE_TOO_LONG");
  });

  it("a Parquet file cut short", async () => {
    const whole = await files.write("whole.csv", "a,b\n1,2\n3,4\n");
    await importFile({ source: whole, outPath: files.path("whole.parquet") });
    const bytes = await readFile(files.path("whole.parquet"));
    const error = await refusal(await files.write("cut.parquet", bytes.subarray(0, bytes.length - 9)));
    expect(error.code).toBe("TRUNCATED_FILE");
  });

  it("a Parquet file damaged inside", async () => {
    const source = await files.write("good.csv", `a,b\n${"1,xyz\n".repeat(1000)}`);
    await importFile({ source, outPath: files.path("good.parquet") });
    const bytes = await readFile(files.path("good.parquet"));
    bytes.fill(0xab, 4, bytes.length - 8);
    expect((await refusal(await files.write("bad.parquet", bytes))).code).toBe("INVALID_PARQUET");
  });

  it("a directory", async () => {
    const error = await refusal(files.path("."));
    expect([error.code, error.message]).toEqual(["NOT_A_TABLE", expect.stringMatching(/is a directory/)]);
  });

  it("a file that is not there", async () => {
    expect((await refusal(files.path("nowhere.csv"))).code).toBe("FILE_NOT_FOUND");
  });

  // The superuser may read everything, so there the refusal cannot be seen.
  it.runIf(process.getuid?.() !== 0)("a file that may not be read", async () => {
    const source = await files.write("secret.csv", "a,b\n1,2\n");
    await chmod(source, 0);
    expect((await refusal(source)).code).toBe("FILE_UNREADABLE");
  });

  it("a file over the size limit, unpacked or packed", async () => {
    const content = "a,b\n1,2\n".repeat(10_000);
    const limits = { maxBytes: 5000 };
    expect((await refusal(await files.write("big.csv", content), { limits })).code).toBe("TOO_LARGE");
    expect((await refusal(await files.write("big.csv.gz", gzipSync(content)), { limits })).code).toBe("TOO_LARGE");
  });

  it("more rows than allowed", async () => {
    const source = await files.write("rows.csv", "a,b\n1,2\n3,4\n5,6\n");
    expect((await refusal(source, { limits: { maxRows: 2 } })).code).toBe("TOO_MANY_ROWS");
  });
});

describe("importFile at bad moments", () => {
  it("reports a folder that cannot be written to", async () => {
    const source = await files.write("folder.csv", "a,b\n1,2\n");
    const error = await refusal(source, { outPath: "/dev/null/version.parquet", workDir: files.path(".") });
    expect(error.code).toBe("WRITE_FAILED");
  });

  it("reports a full disk and keeps nothing", async ({ skip }) => {
    const disk = files.path("disk");
    await mkdir(disk);
    try {
      execFileSync(MOUNT, ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      skip("only a superuser can mount a small disk");
    }
    try {
      const rows = Array.from({ length: 60_000 }, (_, i) => `${Math.sin(i)},${Math.cos(i)}`).join("\n");
      const source = await files.write("disk.csv", `a,b\n${rows}\n`);
      const error = await refusal(source, { outPath: `${disk}/version.parquet`, workDir: files.path(".") });
      expect(error.code).toBe("DISK_FULL");
      const packed = await files.write("disk.csv.gz", gzipSync(await readFile(source)));
      expect((await refusal(packed, { outPath: `${disk}/version.parquet` })).code).toBe("DISK_FULL");
      expect(await readdir(disk)).toEqual([]);
    } finally {
      execFileSync(UNMOUNT, [disk]);
    }
  });

  it("stops when its signal fires before or during the work", async () => {
    const source = await files.write("abort.csv", `a,b\n${"1.5,word\n".repeat(400_000)}`);
    expect((await refusal(source, { signal: AbortSignal.abort() })).code).toBe("ABORTED");
    for (const stage of ["read", "infer", "write", "profile"]) {
      const controller = new AbortController();
      const error = await refusal(source, {
        signal: controller.signal,
        onProgress: (progress) => {
          if (progress.stage === stage) setImmediate(() => controller.abort());
        },
      }).catch((thrown: Error) => thrown);
      if (stage !== "profile") expect((error as DataError).code).toBe("ABORTED");
    }
  });
});
