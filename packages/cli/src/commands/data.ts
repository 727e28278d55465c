// `massif data`: import files, look at what was read, and query it.
import type { Dataset, DatasetVersion, SqlResult } from "@massif/api";
import type { Command } from "commander";
import { addCommand, addGroup, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { bytes, count, duration, figure, moment } from "../figures.ts";
import { importFile } from "../import-file.ts";
import { profileText } from "../profile-view.ts";
import { openBoard } from "../progress.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

export function addData(program: Command, session: Session): void {
  const data = addGroup(program, "data", "import, list, show and query data sets");
  addImport(data, session);
  addAppend(data, session);
  addList(data, session);
  addShow(data, session);
  addSql(data, session);
}

// Internal

type Format = "csv" | "tsv" | "json" | "parquet";

function addImport(data: Command, session: Session): void {
  addCommand(data, "import <file>", {
    summary: "import a file as a data set, or as its next version",
    description:
      "Uploads a CSV, TSV, JSON or Parquet file and waits until it is a data set. A name that exists gets a next version.",
    examples: [
      ["massif data import sales.csv", "as the data set `sales`"],
      ["massif data import 2026-11.txt --name sales --format tsv", "the next version of `sales`"],
    ],
  })
    .option("--name <name>", "default: the file's name")
    .option("--format <format>", "csv, tsv, json or parquet; default: by the file's ending", oneOf(FORMATS))
    .action(async (file: string, options: { name?: string; format?: Format }) => {
      const { client } = await connect(session);
      const board = openBoard(session, [file]);
      let version: Awaited<ReturnType<typeof importFile>>;
      try {
        version = await importFile(client, { file, ...options, line: board.line(file), signal: session.signal });
      } finally {
        board.stop();
      }
      session.answer(version, () =>
        [profileText(version, session), "", `next: massif compare ${version.dataset} --target COLUMN`].join("\n"),
      );
    });
}

interface AppendOptions {
  readonly format?: Format;
  readonly fillMissing?: boolean;
}

function addAppend(data: Command, session: Session): void {
  addCommand(data, "append <name> <file>", {
    summary: "add a file's rows to a data set, as its next version",
    description:
      "Makes the next version of a data set: the rows of the newest one, then those of the file. The file must have the " +
      "same columns, in any order; a retraining policy of the data set may train a new model on them.",
    examples: [
      ["massif data append sales 2026-12.csv", "the next version of `sales`"],
      ["massif data append sales 2026-12.csv --fill-missing", "columns that the file lacks are missing in its rows"],
    ],
  })
    .option("--format <format>", "csv, tsv, json or parquet; default: by the file's ending", oneOf(FORMATS))
    .option("--fill-missing", "fill columns that the file lacks with missing values")
    .action(async (name: string, file: string, { format, fillMissing = false }: AppendOptions) => {
      const { client } = await connect(session);
      const board = openBoard(session, [file]);
      let version: Awaited<ReturnType<typeof importFile>>;
      try {
        const line = board.line(file);
        version = await importFile(client, {
          file,
          name,
          format,
          append: { fillMissing },
          line,
          signal: session.signal,
        });
      } finally {
        board.stop();
      }
      session.answer(version, () => appendedText(version));
    });
}

function appendedText({ dataset, version, rows, appendedRows, appendedFrom }: DatasetVersion): string {
  return `${dataset} version ${version}: ${count(appendedRows)} rows after the ${count((rows ?? 0) - (appendedRows ?? 0))} of version ${appendedFrom}`;
}

const FORMATS = ["csv", "tsv", "json", "parquet"] as const;

function addList(data: Command, session: Session): void {
  addCommand(data, "list", {
    summary: "list all data sets",
    examples: [["massif data list", "names, versions and sizes"]],
  }).action(async () => {
    const { client } = await connect(session);
    const all = await client.listDatasets({ signal: session.signal });
    session.answer(all, () => datasetTable(all, session));
  });
}

function addShow(data: Command, session: Session): void {
  addCommand(data, "show <name>", {
    summary: "show a data set's columns and profile",
    examples: [
      ["massif data show sales", "the latest version"],
      ["massif data show sales --version 1", "an earlier one"],
    ],
  })
    .option("--version <n>", "default: the latest", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action(async (name: string, { version }: { version?: number }) => {
      const { client } = await connect(session);
      const { signal } = session;
      const found =
        version === undefined
          ? await client.getDataset({ params: { name }, signal })
          : await client.getDatasetVersion({ params: { name, version }, signal });
      session.answer(found, () => profileText(found, session));
    });
}

function addSql(data: Command, session: Session): void {
  addCommand(data, "sql <query>", {
    summary: "run one read-only query over data sets",
    description: "Runs one SELECT; data sets are tables by their names, at their latest version.",
    examples: [
      ["massif data sql 'SELECT cut, avg(price) FROM diamonds GROUP BY cut'", "a table"],
      ["massif data sql 'SELECT * FROM diamonds' --limit 5 --json", "for a script"],
    ],
  })
    .option("--limit <n>", "most rows to return", wholeNumber(1, 100_000), 1000)
    .action(async (sql: string, { limit }: { limit: number }) => {
      const { client } = await connect(session);
      const result = await client.sql({ body: { sql, limit }, signal: session.signal });
      session.answer(result, () => sqlText(result, session));
    });
}

function datasetTable(datasets: readonly Dataset[], session: Session): string {
  return table(
    [
      { head: "data set" },
      { head: "version", number: true },
      { head: "status" },
      { head: "rows", number: true },
      { head: "size", number: true },
      { head: "source", max: 40 },
      { head: "imported" },
    ],
    datasets.map(({ name, latest, createdAt }) => [
      name,
      String(latest?.version ?? "–"),
      latest?.status === "failed" ? session.colours.red("failed") : (latest?.status ?? "–"),
      count(latest?.rows),
      bytes(latest?.bytes),
      latest?.source ?? "–",
      moment(latest?.createdAt ?? createdAt),
    ]),
    { session, none: "no data sets yet: `massif data import FILE` makes the first" },
  );
}

function sqlText({ columns, rows, truncated, seconds }: SqlResult, session: Session): string {
  const numeric = columns.map((_, i) => rows.every((row) => row[i] === null || typeof row[i] === "number"));
  const shown = table(
    columns.map(({ name }, i) => ({ head: name, max: 60, ...(numeric[i] ? { number: true as const } : {}) })),
    rows.map((row) => row.map(cell)),
    { session, none: "no rows" },
  );
  const cut = truncated ? "; more were left out, see --limit" : "";
  return [shown, session.colours.dim(`${count(rows.length)} rows in ${duration(seconds)}${cut}`)].join("\n");
}

function cell(value: SqlResult["rows"][number][number]): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : figure(value, 8);
  return typeof value === "string" ? value : JSON.stringify(value);
}
