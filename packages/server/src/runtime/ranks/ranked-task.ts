// A training on ranks, seen from the task process: starts `mpirun`, passes on what the ranks say, and ends all of them
// when told to, when one is lost, or when it ends itself. It computes nothing.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { installHint } from "@massif/mpi";
import type { TaskContext } from "../task-process.ts";
import { MEMORY_SIGNAL, type TaskUsage } from "../task-protocol.ts";
import type { RunOutcome, TrainTask } from "../train-protocol.ts";
import { mostPerHost, mpirunArgs } from "./mpirun.ts";
import { RankProblem, RanksLost } from "./rank-error.ts";
import { type FromRank, fromLine, type RankJob, type RankPlan } from "./rank-protocol.ts";
import { checkReachable } from "./reachable.ts";

const ENTRY = createRequire(import.meta.url).resolve("@massif/server/rank-process");
/** From the start of `mpirun` until every rank has joined the group. */
const JOIN_MS = 60_000;
/** How long `mpirun` may take to end its ranks after it was told to. */
const END_MS = 2000;
const WORDS_BYTES = 4000;
/** SIGUSR2, with which a rank's guard ends it, as an exit status. */
const MEMORY_STATUS = 128 + 12;

/** Trains on ranks. Throws RankProblem, RanksLost and TaskCancelled. */
export async function rankedTask(task: TrainTask, plan: RankPlan, context: TaskContext): Promise<RunOutcome> {
  await checkReachable(plan);
  const memoryMb = Math.floor(context.limits.memoryMb / mostPerHost(plan));
  const job: RankJob = { task, count: plan.count, memoryMb, library: plan.launcher.library };
  const file = join(dirname(task.output), "ranks.json");
  await writeFile(file, JSON.stringify(job));
  const command = [process.execPath, `--max-old-space-size=${memoryMb}`, "--enable-source-maps", ENTRY, file];
  return await new RankGroup(plan, command, context).outcome();
}

// Internal

class RankGroup {
  readonly #plan: RankPlan;
  readonly #context: TaskContext;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #joined = new Set<number>();
  readonly #usages = new Map<number, TaskUsage>();
  #words = "";
  #outcome: RunOutcome | undefined;
  #failure: Error | undefined;
  /** Progress goes on in order, and all of it before the end. */
  #told: Promise<void> = Promise.resolve();

  constructor(plan: RankPlan, command: readonly string[], context: TaskContext) {
    this.#plan = plan;
    this.#context = context;
    // A group of its own: a terminal's Ctrl-C is for the server to answer. Its standard input stays open as long as this
    // process lives; rank 0 sees it close and ends everything.
    this.#child = spawn(plan.launcher.mpirun, mpirunArgs(plan, command), {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
  }

  outcome(): Promise<RunOutcome> {
    const { signal } = this.#context;
    // Telling anything after a cancellation is refused with the cancellation.
    const stop = () => void this.#context.report({ stage: "fit" }).catch((error) => this.#end(error));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const late = setTimeout(
      () =>
        this.#end(
          this.#notStarted(`${this.#plan.count - this.#joined.size} of them did not join within ${JOIN_MS / 1000} s`),
        ),
      JOIN_MS,
    );
    // Told to end at once, this process takes the ranks with it.
    const terminate = () => {
      this.#child.kill("SIGTERM");
      process.exit(143);
    };
    process.once("SIGTERM", terminate);
    for (const input of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        const message = fromLine(line);
        if (message === undefined) this.#keep(`${line}\n`);
        else if (this.#hear(message) === this.#plan.count) clearTimeout(late);
      });
    }
    this.#child.stdin.on("error", () => undefined);
    return new Promise<RunOutcome>((resolve, reject) => {
      this.#child.once("error", (cause: NodeJS.ErrnoException) => reject(this.#missing(cause)));
      this.#child.once("close", (code, by) => this.#told.then(() => resolve(this.#result(code, by))).catch(reject));
    }).finally(() => {
      clearTimeout(late);
      signal.removeEventListener("abort", stop);
      process.off("SIGTERM", terminate);
    });
  }

  /** Gives the number of ranks that have joined so far. */
  #hear(message: FromRank): number {
    if (message.type === "joined") this.#joined.add(message.rank);
    else if (message.type === "usage") this.#count(message.rank, message.usage);
    else if (message.type === "done") this.#outcome = message.outcome;
    else if (message.type === "problem") this.#failure ??= new RankProblem(message.problem);
    else {
      const { progress, last } = message;
      // A cancellation ends the group through the signal; what is told after it goes nowhere.
      this.#told = this.#told.then(() => this.#context.report(progress, last)).catch(() => undefined);
    }
    return this.#joined.size;
  }

  #count(rank: number, usage: TaskUsage): void {
    this.#usages.set(rank, usage);
    const all = [...this.#usages.values()];
    const sum = (of: (usage: TaskUsage) => number) => all.reduce((total, one) => total + of(one), 0);
    this.#context.others({
      cpuSeconds: sum((one) => one.cpuSeconds),
      peakMemoryBytes: sum((one) => one.peakMemoryBytes),
      memoryMbSeconds: sum((one) => one.memoryMbSeconds),
    });
  }

  /** Ends every rank; `failure` is why, unless something else was first. */
  #end(failure: Error): void {
    this.#failure ??= failure;
    this.#child.kill("SIGTERM");
    setTimeout(() => this.#child.kill("SIGKILL"), END_MS).unref();
  }

  #result(code: number | null, by: NodeJS.Signals | null): RunOutcome {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#outcome !== undefined) return this.#outcome;
    if (code === MEMORY_STATUS) {
      const message = `a rank ran out of memory; its limit was ${Math.floor(this.#context.limits.memoryMb / mostPerHost(this.#plan))} MB`;
      throw new RankProblem({
        code: "TOO_LARGE",
        message: `${message}: train on more hosts, or raise the memory of tasks`,
      });
    }
    // A rank that a signal ended gives its number: it was there, and may be there again.
    const signalled = by !== null || (code !== null && code > 128 && code < 160);
    if (this.#joined.size < this.#plan.count && !signalled) throw this.#notStarted(`mpirun ended with status ${code}`);
    const how = by === null ? `status ${code}` : by;
    throw new RanksLost(`lost its ranks: mpirun ended with ${how}${this.#said()}`);
  }

  #keep(text: string): void {
    this.#words = (this.#words + text).slice(-WORDS_BYTES);
  }

  /** The launcher's own words, as one line. */
  #said(): string {
    const lines = this.#words.split("\n").map((line) => line.trim());
    const words = lines.filter((line) => line !== "" && !/^[-=]+$/.test(line)).join(" ");
    return words === "" ? "" : `, saying: ${words.slice(0, 400)}`;
  }

  #notStarted(why: string): RankProblem {
    const { count } = this.#plan;
    return new RankProblem({
      code: "RANKS_NOT_STARTED",
      message: `the ${count} ranks could not be started: ${why}${this.#said()}`,
    });
  }

  #missing(cause: NodeJS.ErrnoException): RankProblem {
    const { mpirun } = this.#plan.launcher;
    const what = cause.code === "ENOENT" ? `there is no "${mpirun}" on this machine` : `"${mpirun}" does not run`;
    return new RankProblem({ code: "MPI_MISSING", message: `${what}, which ranks are started with; ${installHint()}` });
  }
}

// Named here so that a change of the guard's signal is a change of the status above.
MEMORY_SIGNAL satisfies "SIGUSR2";
