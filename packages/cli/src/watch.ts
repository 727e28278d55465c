// Following work on the server until it ends: runs and comparisons by their event streams, imports by asking again. A
// broken stream is opened again where it stopped, so a server that restarts does not end a command.

import { setTimeout as sleep } from "node:timers/promises";
import {
  ApiError,
  type Client,
  type Comparison,
  type DatasetVersion,
  isErrorCode,
  type Run,
  type RunEvent,
  type StudyEvent,
} from "@massif/api";

/** Yields the events of a run after `after`, until it ends. */
export async function* runEvents(client: Client, id: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  let after = 0;
  yield* resumed({
    open: () => client.watchRun({ params: { id }, query: { after }, signal }),
    ended: async () => isOver((await client.getRun({ params: { id }, signal })).status),
    fresh: ({ seq }) => {
      if (seq <= after) return false;
      after = seq;
      return true;
    },
    signal,
  });
}

/** Yields the events of all runs of a comparison, until all end. */
export async function* comparisonEvents(client: Client, id: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  const seen = new Map<string, number>();
  yield* resumed({
    open: () => client.watchComparison({ params: { id }, signal }),
    ended: async () => (await client.getComparison({ params: { id }, signal })).status === "finished",
    fresh: ({ run, seq }) => {
      if (seq <= (seen.get(run) ?? 0)) return false;
      seen.set(run, seq);
      return true;
    },
    signal,
  });
}

/** Yields a study as it stands and as it changes, until it is over. */
export async function* studyEvents(client: Client, name: string, signal: AbortSignal): AsyncGenerator<StudyEvent> {
  let after = 0;
  yield* resumed<StudyEvent>({
    open: () => client.watchStudy({ params: { name }, query: { after }, signal }),
    ended: async () => (await client.getStudy({ params: { name }, signal })).status !== "running",
    fresh: ({ seq }) => {
      after = seq;
      return true;
    },
    signal,
  });
}

/** Waits until an import has ended; throws its error when it failed. */
export async function importEnd(
  client: Client,
  { dataset, version }: Pick<DatasetVersion, "dataset" | "version">,
  { signal, tick }: { readonly signal: AbortSignal; readonly tick?: () => void },
): Promise<DatasetVersion> {
  for (let pause = 50; ; pause = Math.min(500, pause * 1.5)) {
    const found = await client.getDatasetVersion({ params: { name: dataset, version }, signal });
    if (found.status === "ready") return found;
    if (found.status === "failed") throw problemError(found.error, `importing ${dataset} failed`);
    tick?.();
    await sleep(pause, undefined, { signal });
  }
}

/** True for a status that no longer changes. */
export function isOver(status: Run["status"]): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

/** A stored problem as the error to end a command with. */
export function problemError(problem: Run["error"], otherwise: string): ApiError {
  if (problem === null) return new ApiError("INTERNAL", otherwise);
  return new ApiError(isErrorCode(problem.code) ? problem.code : "INTERNAL", problem.message);
}

/** Why a run gave no model, as the error to end a command with. */
export function runError({ id, status, error }: Run): ApiError {
  if (status === "cancelled") return new ApiError("CANCELLED", `run ${id} was stopped on request`);
  return problemError(error, `run ${id} is ${status}`);
}

/** The finished comparison; throws when no run of it succeeded. */
export async function finishedComparison(client: Client, id: string, signal: AbortSignal): Promise<Comparison> {
  const comparison = await client.getComparison({ params: { id }, signal });
  if (comparison.leaderboard.some(({ status }) => status === "succeeded")) return comparison;
  throw problemError(comparison.leaderboard[0]?.error ?? null, "no pipeline of the comparison could be trained");
}

// Internal

/** A server restarts within seconds; one that stays away longer is gone. */
const RECONNECT_FOR_MS = 60_000;
const RECONNECT_PAUSE_MS = 500;

interface Resumable<E> {
  readonly open: () => AsyncIterable<E>;
  /** Asks the resource itself whether it has ended: a stream may also end because the server stops. */
  readonly ended: () => Promise<boolean>;
  /** False for an event that came before the stream broke. */
  readonly fresh: (event: E) => boolean;
  readonly signal: AbortSignal;
}

async function* resumed<E>({ open, ended, fresh, signal }: Resumable<E>): AsyncGenerator<E> {
  let lastAnswer = performance.now();
  for (;;) {
    try {
      for await (const event of open()) {
        lastAnswer = performance.now();
        if (fresh(event)) yield event;
      }
      if (await ended()) return;
    } catch (error) {
      signal.throwIfAborted();
      const lost = !(error instanceof ApiError) || error.code === "SERVER_UNREACHABLE";
      if (!lost || performance.now() - lastAnswer > RECONNECT_FOR_MS) throw error;
    }
    await sleep(RECONNECT_PAUSE_MS, undefined, { signal });
  }
}
