// The command line's entry: signals, exit codes and the one place where errors become text.
import process from "node:process";
import { CommanderError } from "commander";
import { addCatalogueHelp } from "./catalogue-help.ts";
import { createProgram } from "./program.ts";
import { type Failure, failureOf, failureText } from "./report-error.ts";
import { createSession, type Session } from "./session.ts";

/** Runs one command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const interruption = new AbortController();
  const session = createSession(process, interruption.signal);
  const program = createProgram(session);
  const stopped = listenForSignals(interruption);
  quietBrokenPipes(interruption);
  let code = 0;
  let ended = true;
  try {
    const words = spelled(argv);
    await addCatalogueHelp(program, words, session);
    await program.parseAsync(words);
  } catch (error) {
    code = report(error, session);
    ended = false;
  }
  // A server that is told to stop and does so has done its work, as those who supervise processes see it.
  const signalled = stopped.code() === SIGNAL_CODES.SIGTERM && ended ? 0 : stopped.code();
  await flushed(signalled ?? (code || Number(process.exitCode ?? 0)));
}

// Internal

/** Wrong input, as in the error table. */
const USAGE_EXIT = 2;

/** Exit codes of a program that a signal ends, as shells count them. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

// `--version` alone prints the version; behind a command it is the version of a data set or a model.
function spelled([node, script, ...words]: readonly string[]): string[] {
  return [node, script, ...(words.length === 1 && words[0] === "--version" ? ["-V"] : words)];
}

// The first signal lets the running command clean up; a second one ends the process at once.
function listenForSignals(interruption: AbortController): { code(): number | undefined } {
  let code: number | undefined;
  for (const [name, exit] of Object.entries(SIGNAL_CODES)) {
    process.on(name, () => {
      if (code !== undefined) process.exit(exit);
      code = exit;
      interruption.abort();
    });
  }
  return { code: () => code };
}

// A reader that has seen enough (`massif … | head`) is no error.
function quietBrokenPipes(interruption: AbortController): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      interruption.abort();
      stream.destroy();
    });
  }
}

function report(error: unknown, session: Session): number {
  // Commander has printed its help or its complaint already.
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // A group without a command: its help is the answer.
    return error.code === "commander.help" ? USAGE_EXIT : usageError(error, session);
  }
  if (session.signal.aborted) return 0;
  const failure = failureOf(error);
  session.note(failureText(failure, session.noteColours));
  if (session.json) session.answerJson({ error: bare(failure) });
  return failure.exit;
}

function usageError(error: CommanderError, session: Session): number {
  const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  const failure: Failure = {
    code: "INVALID_REQUEST",
    message,
    cure: "`massif --help` lists the commands, `massif COMMAND --help` their options.",
    exit: USAGE_EXIT,
    details: [],
  };
  session.note(failureText(failure, session.noteColours));
  if (process.argv.includes("--json")) session.answerJson({ error: bare(failure) });
  return failure.exit;
}

function bare({ exit: _, ...failure }: Failure): object {
  return failure;
}

// Handles that are still open (idle connections) must not keep the process, but what was written must get out.
async function flushed(code: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.destroyed) await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
  process.exit(code);
}
