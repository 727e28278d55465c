// What a training on ranks is told, and what its ranks say to the task process that started them: one line of JSON each,
// through the launcher's own streams, so that nothing has to listen on a network.

import type { TaskProblem, TaskProgress, TaskUsage } from "../task-protocol.ts";
import type { RunOutcome, TrainTask } from "../train-protocol.ts";

/** A machine and how many ranks it takes. */
export interface RankHost {
  readonly name: string;
  readonly slots: number;
}

/** How a training is spread. */
export interface RankPlan {
  readonly count: number;
  /** Null: this machine. */
  readonly hosts: readonly RankHost[] | null;
  readonly launcher: RankLauncher;
}

/** How ranks are started here. */
export interface RankLauncher {
  /** The `mpirun` to call. */
  readonly mpirun: string;
  /** Further arguments of it: network interfaces, another remote shell. */
  readonly args: readonly string[];
  /** File of the MPI library; absent: the usual names. */
  readonly library?: string;
}

/** What ranks cost and gave; seconds are means over the ranks. */
export interface RankFigures {
  /** Rows that all ranks together passed over in a second, each pass counted. */
  readonly rowsPerSecond: number;
  readonly communicationSeconds: number;
  /** Name and version of the MPI library. */
  readonly library: string;
}

/** What every rank reads at its start. */
export interface RankJob {
  readonly task: TrainTask;
  readonly count: number;
  readonly memoryMb: number;
  readonly library?: string;
}

export type FromRank =
  | { readonly type: "joined"; readonly rank: number }
  | { readonly type: "usage"; readonly rank: number; readonly usage: TaskUsage }
  | { readonly type: "progress"; readonly progress: TaskProgress; readonly last: boolean }
  | { readonly type: "done"; readonly outcome: RunOutcome }
  | { readonly type: "problem"; readonly rank: number; readonly problem: TaskProblem };

/** Tells a line of ours from what libraries print. */
const MARK = "\u001emassif ";

/** A message as a line. */
export function toLine(message: FromRank): string {
  return `${MARK}${JSON.stringify(message)}\n`;
}

/** The message in a line; undefined for a line of somebody else. */
export function fromLine(line: string): FromRank | undefined {
  const at = line.indexOf(MARK);
  if (at < 0) return undefined;
  try {
    return JSON.parse(line.slice(at + MARK.length)) as FromRank;
  } catch (error) {
    // Cut off by the death of its rank.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
