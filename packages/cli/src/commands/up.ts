// `massif up`: a server in this process until Ctrl-C. The one file that knows the server's package; quickstart and the
// example start theirs through it.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApiError, createClient } from "@massif/api";
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import type { Connection } from "../connection.ts";
import { consoleFolder } from "../console-folder.ts";
import { duration } from "../figures.ts";
import { homeFolder, readCredentials, writeCredentials } from "../home-files.ts";
import { readPrices } from "../price-file.ts";
import { openBoard } from "../progress.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";

/** Where a server listens unless told otherwise. */
export const DEFAULT_PORT = 7331;

export interface LocalServer extends Connection {
  readonly home: string;
  /** The admin key, at the first start only. */
  readonly newKey: string | undefined;
  stop(): Promise<void>;
}

export interface LocalOptions {
  readonly home: string;
  readonly port: number;
  readonly host?: string;
  /** A PostgreSQL address; default: the embedded database in the home folder. */
  readonly databaseUrl?: string;
  /** A JSON file with prices that differ from the defaults. */
  readonly prices?: string;
  /** Cores that trainings and imports may use, and the memory of each in MB; default: by the machine. */
  readonly cores?: number;
  readonly taskMemoryMb?: number;
  /** Of the server's log on standard error. Default "warn". */
  readonly logLevel?: "silent" | "error" | "warn" | "info";
}

interface UpOptions {
  readonly port: number;
  readonly host: string;
  readonly quiet?: true;
  readonly prices?: string;
  readonly cores?: number;
  readonly taskMemory?: number;
}

export function addUp(program: Command, session: Session): void {
  addCommand(program, "up", {
    summary: "start a server and serve until Ctrl-C",
    description:
      "Starts a server on a home folder (~/.massif unless --home or MASSIF_HOME say otherwise) with an embedded " +
      "database, or on the PostgreSQL server that DATABASE_URL names. The first start makes an admin key, shows it " +
      "once and keeps it in the home folder for the other commands. Ctrl-C lets requests finish; a second one does not.",
    examples: [
      ["massif up", "on 127.0.0.1, with data in ~/.massif"],
      ["massif up --home ./data --port 8080", "another folder and port"],
      ["DATABASE_URL=postgres://user@host/db massif up", "on PostgreSQL"],
    ],
  })
    .option("--port <n>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), DEFAULT_PORT)
    .option("--host <address>", "address to listen on; 0.0.0.0 for all", "127.0.0.1")
    .option("--prices <file>", "a JSON file with unit prices; `massif prices` shows their names")
    .option("--cores <n>", "cores that trainings and imports may use; default: all", wholeNumber(1, 4096))
    .option("--task-memory <mb>", "memory of one training or import; default: by the machine", wholeNumber(128, 1e9))
    .option("--quiet", "print nothing but errors")
    .action(async ({ port, host, quiet, prices, cores, taskMemory: taskMemoryMb }: UpOptions) => {
      const databaseUrl = session.environment.DATABASE_URL || undefined;
      const logLevel = quiet ? "error" : session.stderr.isTTY ? "warn" : "info";
      const home = homeFolder(session);
      const server = await started(session, () =>
        startLocal({ home, port, host, databaseUrl, logLevel, prices, cores, taskMemoryMb }),
      );
      try {
        announce(server, { quiet: quiet === true, session });
        await untilStopped(session);
        if (!quiet) session.note("Stopping: requests under way may finish. Ctrl-C again ends at once.");
      } finally {
        await server.stop();
      }
    });
}

/** Starts a server on a home folder and leaves its address and key there for other commands. */
export async function startLocal(options: LocalOptions): Promise<LocalServer> {
  // Loaded only here: no other command needs it.
  const { startServer } = await import("@massif/server");
  const { home, port, host, databaseUrl, cores, taskMemoryMb, logLevel = "warn" } = options;
  const prices = options.prices === undefined ? undefined : await readPrices(options.prices);
  const server = await startServer({
    home,
    port,
    host,
    databaseUrl,
    cores,
    taskMemoryMb,
    logLevel,
    prices,
    console: consoleFolder(),
  });
  try {
    const { url, adminKey } = server;
    const key = adminKey ?? (await readCredentials(home))?.key;
    if (key !== undefined) await writeCredentials(home, { url, key });
    return { client: createClient({ url, key }), url, key, home, newKey: adminKey, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Starts a server on the port, or on a free one when nobody asked for this port and it is taken. */
export async function startLocalAnywhere(options: Omit<LocalOptions, "port"> & { readonly port?: number }) {
  try {
    return await startLocal({ ...options, port: options.port ?? DEFAULT_PORT });
  } catch (error) {
    const taken = error instanceof ApiError && error.code === "PORT_IN_USE";
    if (!taken || options.port !== undefined) throw error;
    return startLocal({ ...options, port: 0 });
  }
}

/** Starts a server on a folder of its own, which goes away with it. */
export async function startTemporary(): Promise<LocalServer> {
  const home = await mkdtemp(path.join(os.tmpdir(), "massif-"));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const server = await startLocal({ home, port: 0 });
    const stop = async () => {
      await server.stop();
      await remove();
    };
    return { ...server, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Shows that a server is being started: the first start makes a database, which takes seconds. */
export async function started(session: Session, start: () => Promise<LocalServer>): Promise<LocalServer> {
  const board = openBoard(session, ["server"]);
  const line = board.line("server");
  const begun = performance.now();
  try {
    line.update({ detail: "starting" });
    const server = await start();
    line.done(`answers after ${duration((performance.now() - begun) / 1000)}`);
    return server;
  } catch (error) {
    line.failed("see below");
    throw error;
  } finally {
    board.stop();
  }
}

/** Resolves at Ctrl-C. */
export async function untilStopped({ signal }: Session): Promise<void> {
  if (signal.aborted) return;
  // A listener alone does not keep a process alive.
  const alive = setInterval(() => undefined, 2 ** 31 - 1);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(alive);
}

// Internal

function announce(
  { url, home, newKey, key }: LocalServer,
  { quiet, session }: { readonly quiet: boolean; readonly session: Session },
): void {
  if (session.json) session.answerJson({ url, home, adminKey: newKey ?? null });
  if (session.json || quiet) return;
  const { colours } = session;
  const rows: (readonly [string, string])[] = [
    ["url", colours.bold(url)],
    ["home", home],
    ["console", signInLink(url, newKey ?? (session.stderr.isTTY ? key : undefined))],
    ["docs", new URL("/docs", url).href],
  ];
  if (newKey !== undefined) rows.push(["admin key", colours.bold(newKey)]);
  session.say(facts(rows, session));
  if (newKey !== undefined) {
    session.say(colours.yellow("The key is shown this once; it is kept for the other commands in credentials.json."));
  } else if (key === undefined) {
    session.say(colours.yellow("No key is stored in this home: pass --key or MASSIF_API_KEY to the other commands."));
  }
  session.say("Serving until Ctrl-C.");
}

/** The console's address; with a key, opening it signs in. What follows `#` is not sent to any server. */
function signInLink(url: string, key: string | undefined): string {
  return new URL(key === undefined ? "/" : `/#key=${key}`, url).href;
}
