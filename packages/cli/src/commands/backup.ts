// `massif backup` and `massif restore`: everything of a running server in one file, and a new home from such a file.
import { createWriteStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError } from "@massif/api";
import type { Command } from "commander";
import { addCommand } from "../command.ts";
import { connect } from "../connection.ts";
import { bytes, duration, moment } from "../figures.ts";
import { homeFolder } from "../home-files.ts";
import { openBoard, type WorkLine } from "../progress.ts";
import { type BackupSummary, restoreBackup, verifyBackup } from "../server-host.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";

export function addBackup(program: Command, session: Session): void {
  const backup = addCommand(program, "backup [file]", {
    summary: "everything of a running server in one file",
    description:
      "Writes all data sets, runs, models, endpoints, keys (their hashes) and usage, and every file they refer to, as they " +
      "were at one moment, into one tar file, while the server works. Needs an admin key. The file is checked hash by hash " +
      "before it gets its name; `massif restore` makes a home from it, on either kind of database.",
    examples: [
      ["massif backup massif.tar", "of the server started from the home folder"],
      ["massif backup verify massif.tar", "is it whole? reads every byte and needs no server"],
    ],
  }).action((file: string | undefined) => makeBackup(file, session));
  addCommand(backup, "verify <file>", {
    summary: "check that a backup is whole",
    examples: [["massif backup verify massif.tar", "reads every byte and compares every hash"]],
  }).action(async (file: string) => {
    const summary = await withLine(session, "check", (line) => verified(file, { line, session }));
    session.answer({ file, ...summary }, () => summaryText(summary, session));
  });
}

export function addRestore(program: Command, session: Session): void {
  addCommand(program, "restore <file>", {
    summary: "make a new home from a backup",
    description:
      "Fills the home folder, which must be empty or new, from a backup; with DATABASE_URL also the empty PostgreSQL " +
      "database that it names. What was waiting or running when the backup was made goes on at the next start. Keys stay " +
      "as they were: use one of those of the backed-up server.",
    examples: [
      ["massif restore massif.tar --home ./restored", "into an embedded database"],
      ["DATABASE_URL=postgres://user@db/new massif restore massif.tar --home /shared/new", "into PostgreSQL"],
    ],
  }).action(async (file: string) => {
    const home = homeFolder(session);
    const databaseUrl = session.environment.DATABASE_URL || undefined;
    const summary = await withLine(session, "restore", async (line) => {
      const done = await restoreBackup({ file, home, databaseUrl, ...reading(line, session) });
      line.done(`${bytes(done.bytes)} in ${done.blobs} files and ${done.tables} tables`);
      return done;
    });
    session.answer({ home, ...summary }, () =>
      [summaryText(summary, session), `next: massif up --home ${home}`].join("\n"),
    );
  });
}

// Internal

async function makeBackup(file: string | undefined, session: Session): Promise<void> {
  const target = path.resolve(file ?? `massif-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.tar`);
  if (existsSync(target)) throw new ApiError("CONFLICT", `the file ${target} exists already`);
  const { client } = await connect(session);
  const draft = `${target}.${process.pid}.partial`;
  try {
    await withLine(session, "backup", async (line) => {
      const started = performance.now();
      const { stream, bytes: total } = await client.backup({ signal: session.signal });
      const size = await save(Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]), {
        draft,
        line,
        total,
        signal: session.signal,
      });
      line.done(`${bytes(size)} in ${duration((performance.now() - started) / 1000)}`);
    });
    const summary = await withLine(session, "check", (line) => verified(draft, { line, session }));
    await rename(draft, target);
    session.answer({ file: target, ...summary }, () => summaryText(summary, session, target));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

interface Saving {
  readonly draft: string;
  readonly line: WorkLine;
  readonly total: number | undefined;
  readonly signal: AbortSignal;
}

async function save(stream: Readable, { draft, line, total, signal }: Saving): Promise<number> {
  let size = 0;
  line.update({ value: 0, total, unit: "bytes", detail: "" });
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      size += chunk.length;
      line.update({ value: total === undefined ? size : Math.min(size, total) });
      done(null, chunk);
    },
  });
  try {
    await pipeline(stream, counted, createWriteStream(draft, { flags: "wx", mode: 0o600 }), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof TypeError) {
      throw new ApiError("SERVER_UNREACHABLE", `the server went away after ${bytes(size)} of the backup`, { cause });
    }
    throw cause;
  }
  const file = await open(draft, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

async function verified(file: string, { line, session }: { line: WorkLine; session: Session }): Promise<BackupSummary> {
  const summary = await verifyBackup(file, reading(line, session));
  line.done(`whole: ${summary.blobs} files and ${summary.tables} tables match their hashes`);
  return summary;
}

function reading(line: WorkLine, { signal }: Session) {
  line.update({ detail: "" });
  return {
    signal,
    onBytes: (read: number, total: number) => line.update({ value: read, total, unit: "bytes" }),
  };
}

async function withLine<T>(session: Session, label: string, work: (line: WorkLine) => Promise<T>): Promise<T> {
  const board = openBoard(session, [label]);
  const line = board.line(label);
  try {
    return await work(line);
  } catch (error) {
    line.failed(session.signal.aborted ? "stopped" : "see below");
    throw error;
  } finally {
    board.stop();
  }
}

function summaryText(summary: BackupSummary, session: Session, file?: string): string {
  const rows: (readonly [string, string])[] = [
    ["made", `${moment(summary.createdAt)} by Massif ${summary.version} (${summary.engine})`],
    ["holds", `${bytes(summary.bytes)} in ${summary.blobs} files and ${summary.tables} tables`],
  ];
  return facts(file === undefined ? rows : [["file", file], ...rows], session);
}
