// `massif up`: a server in this process until Ctrl-C.
import type { Command } from "commander";
import { addCommand, wholeNumber } from "../command.ts";
import { duration } from "../figures.ts";
import { homeFolder } from "../home-files.ts";
import { openBoard } from "../progress.ts";
import { DEFAULT_PORT, type LocalServer, startLocal } from "../server-host.ts";
import type { Session } from "../session.ts";
import { facts } from "../table.ts";

interface UpOptions {
  readonly port: number;
  readonly host: string;
  readonly quiet?: true;
  readonly prices?: string;
  readonly cores?: number;
  readonly taskMemory?: number;
  readonly jobs: boolean;
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
    .option("--no-jobs", "leave trainings, trials and imports to workers (`massif worker`)")
    .option("--quiet", "print nothing but errors")
    .action(async ({ port, host, quiet, prices, cores, taskMemory: taskMemoryMb, jobs }: UpOptions) => {
      const databaseUrl = session.environment.DATABASE_URL || undefined;
      const logLevel = quiet ? "error" : session.stderr.isTTY ? "warn" : "info";
      const home = homeFolder(session);
      const server = await started(session, () =>
        startLocal({ home, port, host, databaseUrl, logLevel, prices, cores, taskMemoryMb, jobs }),
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
