// A comparison from its start to its leaderboard, with one live line per run. Ctrl-C stops the runs on the server.
import type { Client, Comparison } from "@massif/api";
import { cancelRuns } from "./commands/train.ts";
import { openBoard } from "./progress.ts";
import type { Session } from "./session.ts";
import { TrainingLines } from "./training-lines.ts";
import { comparisonEvents, finishedComparison } from "./watch.ts";

type ComparisonBody = Parameters<Client["createComparison"]>[0]["body"];

/** Trains all candidates and returns the finished comparison; throws when none could be trained. */
export async function compare(client: Client, body: ComparisonBody, session: Session): Promise<Comparison> {
  const { signal } = session;
  // Not cut off by Ctrl-C: only what is known to have begun can be stopped.
  const begun = await client.createComparison({ body });
  const labels = new Map(begun.leaderboard.map(({ run, estimator }) => [run, estimator]));
  const board = openBoard(session, [...labels.values()]);
  const lines = new TrainingLines(board, labels);
  try {
    for await (const event of comparisonEvents(client, begun.id, signal)) lines.show(event);
  } catch (error) {
    board.stop();
    if (signal.aborted) await cancelRuns(client, await unfinished(client, begun.id), session);
    throw error;
  } finally {
    board.stop();
  }
  return finishedComparison(client, begun.id, signal);
}

// Internal

async function unfinished(client: Client, id: string): Promise<string[]> {
  try {
    const { leaderboard } = await client.getComparison({ params: { id } });
    return leaderboard.filter(({ status }) => status === "queued" || status === "running").map(({ run }) => run);
  } catch {
    // The server is gone with the runs.
    return [];
  }
}
