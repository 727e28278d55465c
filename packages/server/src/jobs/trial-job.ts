// The job of a lane: trials of one study, one after the other, in a process that is kept warm between them. Trials are
// counted in the study's rows, not by the queue: a job that dies is done again and finds its trial waiting.
import type { Job } from "../queue/queue.ts";
import type { TaskUsage } from "../runtime/task-protocol.ts";
import { STOPPING } from "../runtime/task-run.ts";
import type { TaskQuestion } from "../runtime/trial-protocol.ts";
import type { JobKinds } from "../services/job-kinds.ts";
import { Lane, type LaneMeans, type Way } from "../services/lane.ts";
import type { Means } from "../services/means.ts";
import { RunningSpend } from "../services/running-spend.ts";
import { isAway, isCancelled, isStopping } from "./endings.ts";

/** What the trial job works with. */
export interface TrialMeans {
  readonly means: Means;
  readonly lanes: LaneMeans;
}

/** A lane that others wait behind goes on at least this long, because a process costs about half a second. */
const AT_LEAST_MS = 2000;
/** After this long a new job takes over: attempts are counted per job, and a study may outlive many servers. */
const HAND_OVER_MS = 60_000;

/** Does the trials of one lane. Rejects to be tried again. */
export async function trialJob(
  { payload }: Job<JobKinds["trial"]>,
  signal: AbortSignal,
  { means, lanes }: TrialMeans,
): Promise<void> {
  const lane = new Lane(payload, lanes);
  const began = means.clock();
  while (!lane.over && !signal.aborted) await session(lane, { signal, means, began });
}

/** Records that no attempt of a lane's job is left. */
export async function trialJobExhausted(payload: JobKinds["trial"], reason: string, lanes: LaneMeans): Promise<void> {
  await new Lane(payload, lanes).giveUp(reason);
}

// Internal

interface SessionParts {
  readonly signal: AbortSignal;
  readonly means: Means;
  /** When the job began. */
  readonly began: number;
}

async function session(lane: Lane, { signal, means, began }: SessionParts): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort(isCancelled(signal) ? "cancelled" : STOPPING);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const limit = new Limit(() => abort.abort("cancelled"));
  let opened = began;
  let spend: RunningSpend | undefined;
  const make = async () => {
    opened = means.clock();
    return lane.open();
  };
  const way = (): Way => {
    if (means.clock() - began >= HAND_OVER_MS) return "hand over";
    return means.tasks.waiting.tasks > 0 && means.clock() - opened >= AT_LEAST_MS ? "yield" : "on";
  };
  const onQuestion = async (question: TaskQuestion, usage: TaskUsage) => {
    if (question.kind === "next") limit.clear();
    const answer = await lane.answer(question, usage, way);
    spend ??= lane.owner && new RunningSpend(means, { ...lane.owner, kind: "train" });
    const broke = await spend?.count(lane.unwritten);
    if (broke !== undefined) {
      await lane.breakOff(broke);
      return question.kind === "next" ? null : "stop";
    }
    if (question.kind === "next" && answer !== null) limit.set(lane.limit - means.clock());
    return answer;
  };
  try {
    await means.tasks.runLater(make, { signal: abort.signal, onQuestion });
  } catch (error) {
    const judged = !isAway(error) && (await lane.settle(error, limit.reached));
    // Given back, its trial waiting: the queue offers the job again.
    if (isStopping(error) || !judged) throw error;
  } finally {
    limit.clear();
    spend?.end();
    signal.removeEventListener("abort", stop);
  }
}

/** The time one trial may take. */
class Limit {
  reached = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #act: () => void;

  constructor(act: () => void) {
    this.#act = act;
  }

  set(ms: number): void {
    this.clear();
    if (!Number.isFinite(ms)) return;
    this.#timer = setTimeout(
      () => {
        this.reached = true;
        this.#act();
      },
      // Longer ones would fire at once (Node's timers are 32 bits).
      Math.min(Math.max(0, ms), 2 ** 31 - 1),
    );
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
