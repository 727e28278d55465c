import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { DataError, importFile, runSql, type SqlLimits } from "../src/index.ts";
import { example, useFolder } from "./files.ts";

const files = useFolder();
let path = "";

beforeAll(async () => {
  path = (await importFile({ source: example("diamonds.csv"), outPath: files.path("diamonds.parquet") })).path;
});

function query(sql: string, limits: Partial<SqlLimits> = {}) {
  return runSql({ tables: { diamonds: path }, sql, limits, workDir: files.path(".") });
}

async function refusal(sql: string, limits: Partial<SqlLimits> = {}): Promise<DataError> {
  const error = await query(sql, limits).then(
    () => new Error(`accepted: ${sql}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).message).not.toMatch(/[\n\r]/);
  return error as DataError;
}

describe("runSql", () => {
  it("answers a query with names, types and JSON values", async () => {
    const sql = "SELECT cut, count(*) AS n, avg(price) AS mean FROM diamonds GROUP BY cut ORDER BY n DESC LIMIT 2;";
    expect(await query(sql)).toEqual({
      columns: [
        { name: "cut", type: "VARCHAR" },
        { name: "n", type: "BIGINT" },
        { name: "mean", type: "DOUBLE" },
      ],
      rows: [
        ["Ideal", 21_551, expect.closeTo(3457.541970210199, 6)],
        ["Premium", 13_791, expect.closeTo(4584.2577042999055, 6)],
      ],
      truncated: false,
    });
  });

  it("takes WITH, joins, subqueries, VALUES, range and DESCRIBE", async () => {
    const sql = `WITH few AS (SELECT * FROM Diamonds LIMIT 5), n(i) AS (VALUES (1), (2))
      SELECT count(*) FROM few, n, range(3) WHERE cut IN (SELECT cut FROM diamonds)`;
    expect((await query(sql)).rows).toEqual([[30]]);
    expect((await query("DESCRIBE diamonds")).rows.length).toBe(10);
    expect((await query("FROM diamonds SELECT max(price)")).rows).toEqual([[18_823]]);
    const recursive =
      "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT sum(i)::INTEGER FROM r";
    expect((await query(recursive)).rows).toEqual([[15]]);
  });

  it("cuts a long result and says so", async () => {
    const { rows, truncated } = await query("SELECT price FROM diamonds", { rows: 10 });
    expect([rows.length, truncated]).toEqual([10, true]);
  });

  it("gives dates, large whole numbers and missing values as JSON", async () => {
    const { rows } = await query("SELECT DATE '2020-01-02', 9007199254740993, NULL, 1.5::DECIMAL(4, 1), [1, 2], true");
    expect(JSON.parse(JSON.stringify(rows))).toEqual([
      ["2020-01-02", "9007199254740993", null, "1.5", expect.anything(), true],
    ]);
  });

  it("explains a mistake in one line with its place", async () => {
    expect(await refusal("SELEC 1")).toMatchObject({ code: expect.stringMatching(/^SQL_/) });
    const error = await refusal("SELECT prise FROM diamonds");
    expect(error).toMatchObject({ code: "SQL_INVALID", message: expect.stringMatching(/prise.*character 8.*price/) });
    expect((await refusal("SELECT 'x'::INTEGER")).code).toBe("SQL_INVALID");
    expect((await refusal("SELECT $1")).code).toBe("SQL_NOT_ALLOWED");
  });

  it.each([
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('/etc/passwd')",
    "SELECT * FROM read_duckdb('/tmp/x.db')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('diamonds')",
    "SELECT * FROM enable_logging(storage = 'file', storage_config = {'path': '/tmp/logs'})",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_views",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM main.sqlite_master",
    "SELECT * FROM pragma_database_list",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "SELECT current_setting('temp_directory')",
    "SELECT getenv('HOME')",
    "SELECT write_log('x')",
    "SELECT sleep_ms(100000)",
    "COPY (SELECT 1) TO '/tmp/massif-copied.csv'",
    "COPY diamonds FROM '/etc/passwd'",
    "ATTACH '/tmp/massif-attached.db'",
    "INSTALL httpfs",
    "LOAD json",
    "PRAGMA database_list",
    "SET threads = 8",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "CALL enable_logging()",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY (SELECT 1) TO '/tmp/massif-copied.csv'",
    "CREATE TABLE t AS SELECT 1",
    "DROP VIEW diamonds",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/massif-copied.csv'",
    "EXPORT DATABASE '/tmp/massif-exported'",
    "PREPARE x AS SELECT 1",
    "SHOW TABLES",
    "",
    "-- nothing",
  ])("refuses %s", async (sql) => {
    expect((await refusal(sql)).code).toBe("SQL_NOT_ALLOWED");
    expect(existsSync("/tmp/massif-copied.csv")).toBe(false);
  });

  it("cannot overwrite the version it reads", async () => {
    const before = await readFile(path);
    expect((await refusal(`COPY (SELECT 1) TO '${path}' (FORMAT parquet)`)).code).toBe("SQL_NOT_ALLOWED");
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  it.each([
    [
      "a recursion without end",
      "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r",
    ],
    ["a huge cross join", "SELECT count(*) FROM range(100000000000) a, range(1000000) b"],
    ["a huge cross join of rows", "SELECT max(a.price + b.price + c.x) FROM diamonds a, diamonds b, diamonds c"],
  ])("stops %s at the time limit", async (_what, sql) => {
    const error = await refusal(sql, { seconds: 0.3 });
    expect(error).toMatchObject({ code: "SQL_TIMEOUT", message: expect.stringMatching(/longer than 0.3 s/) });
  });

  it("stops at the memory limit", async () => {
    const sql = "SELECT list(a.range) FROM range(1000000) a, range(1000000) b";
    expect((await refusal(sql, { memoryMB: 100, seconds: 20 })).code).toBe("OUT_OF_MEMORY");
  });

  it("survives expressions nested past the parser's depth", async () => {
    expect((await refusal(`SELECT ${"(".repeat(40_000)}1${")".repeat(40_000)}`)).code).toBe("SQL_INVALID");
    expect((await refusal(`SELECT ${"1+".repeat(40_000)}1`)).code).toBe("SQL_INVALID");
    expect((await refusal(`SELECT '${"x".repeat(200_000)}'`)).code).toBe("SQL_NOT_ALLOWED");
    expect((await refusal("SELECT 'a\0b'")).code).toBe("SQL_INVALID");
  });

  it.each([1, 10, 20, 30, 60])("stops when its signal fires after %i ms, and leaves no temporary files", async (ms) => {
    const controller = new AbortController();
    const sql = "SELECT count(*) FROM range(100000000000) a, range(1000000) b";
    const running = runSql({ tables: {}, sql, signal: controller.signal, workDir: files.path(".") });
    setTimeout(() => controller.abort(), ms);
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    expect((await readdir(files.path("."))).filter((name) => name.startsWith("massif-data-"))).toEqual([]);
  });
});
