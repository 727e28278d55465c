// Following a study to its end and saying what came out, as `tune`, `studies watch` and `studies resume` do.
import { ApiError, type Client, type Run, type Study } from "@massif/api";
import { InvalidArgumentError } from "commander";
import { followed } from "./commands/train.ts";
import { openBoard } from "./progress.ts";
import { runText } from "./run-view.ts";
import type { Session } from "./session.ts";
import { showStudy } from "./study-line.ts";
import { studyText } from "./study-view.ts";
import { problemError, runError, studyEvents } from "./watch.ts";

/** A study that has ended, with the run of its best parameters. */
export interface Tuned {
  readonly study: Study;
  readonly run: Run;
}

/** Shows a study's progress until it and its run end; with `stops`, Ctrl-C stops it on the server too. */
export async function followStudy(
  client: Client,
  { name }: Pick<Study, "name">,
  session: Session,
  { stops = false }: { stops?: boolean } = {},
): Promise<Tuned> {
  const { signal } = session;
  const board = openBoard(session, [name]);
  const line = board.line(name);
  try {
    for await (const event of studyEvents(client, name, signal)) showStudy(line, event);
  } catch (error) {
    board.stop();
    if (signal.aborted && stops) await stopStudy(client, name, session);
    throw error;
  } finally {
    board.stop();
  }
  const study = await client.getStudy({ params: { name }, signal });
  if (study.status === "stopped")
    throw new ApiError("CANCELLED", `study ${name} was stopped; \`massif studies resume ${name}\` goes on`);
  if (study.run === null) throw problemError(study.error, `study ${name} is ${study.status}`);
  const run = await followed(client, await client.getRun({ params: { id: study.run }, signal }), session);
  if (run.status !== "succeeded") throw runError(run);
  return { study, run };
}

/** Prints what came out. */
export function studyAnswer({ study, run }: Tuned, session: Session, more: readonly string[] = []): void {
  const next = more.length > 0 ? more : [`next: massif models register ${run.id} --name ${study.dataset}`];
  session.answer({ study, run }, () => [studyText(study, session), "", runText(run, session), "", ...next].join("\n"));
}

/** Parses a time such as `90s`, `10m`, `1.5h` or a number of seconds. */
export function seconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?$/.exec(text.trim()) ?? [];
  const value = Number(amount) * (UNITS[unit ?? "s"] ?? 1);
  if (amount !== undefined && value > 0) return value;
  throw new InvalidArgumentError("Give a time such as 90s, 10m or 2h.");
}

// Internal

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** Whoever pressed Ctrl-C does not wait longer than this for the server. */
const STOP_MS = 5000;

async function stopStudy(client: Client, name: string, session: Session): Promise<void> {
  try {
    await client.stopStudy({ params: { name }, signal: AbortSignal.timeout(STOP_MS) });
    session.note(`stopped study ${name}; go on with: massif studies resume ${name}`);
  } catch {
    // It has ended meanwhile, or the server is gone: then there is nothing to stop.
  }
}
