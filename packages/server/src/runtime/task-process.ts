// The entry of a task process: takes one task over IPC, does it, answers, ends. It answers no requests and keeps
// nothing; whoever started it decides what its end means.
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { MEMORY_SECONDS_BYTES, MemorySeconds } from "./memory-seconds.ts";
import type { GuardData } from "./orphan-guard.ts";
import { problemOf } from "./task-problem.ts";
import {
  type FromTask,
  NOTHING_USED,
  type Outcomes,
  type Task,
  type TaskLimits,
  type TaskProgress,
  type TaskUsage,
  type ToTask,
} from "./task-protocol.ts";
import type { TaskAnswers, TaskQuestion } from "./trial-protocol.ts";

/** What a task is given to do its work with. */
export interface TaskContext {
  readonly limits: TaskLimits;
  /** Aborted when a cancellation comes, for tasks that wait for something else than their own work. */
  readonly signal: AbortSignal;
  /** Says what processes that the task started have used so far; it is added to the task's own. */
  others(usage: Omit<TaskUsage, "seconds">): void;
  /** Tells where the task stands; lets a cancellation through. Rejects with TaskCancelled when one came. */
  report(progress: TaskProgress, last?: boolean): Promise<void>;
  /** Asks the server and waits for its answer. Rejects with TaskCancelled when a cancellation came. */
  ask<K extends keyof TaskAnswers>(question: Extract<TaskQuestion, { kind: K }>): Promise<TaskAnswers[K]>;
}

/** Thrown inside a task that was told to stop. */
export class TaskCancelled extends Error {
  override readonly name = "TaskCancelled";
}

// Internal

/** Progress is for people: four times a second is enough, and the database keeps every one. */
const PROGRESS_MS = 250;
/** How often the event loop gets a turn, so that a cancellation is seen. */
const TURN_MS = 50;

let cancelled = false;
const cancelling = new AbortController();
let ofOthers: Omit<TaskUsage, "seconds"> = NOTHING_USED;
let answered: (answer: unknown) => void = () => undefined;
let lastProgress = 0;
let lastTurn = performance.now();

// A terminal's Ctrl-C reaches every process of its group; when this one ends is the server's decision.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.on("message", (message: ToTask) => {
  if (message.type === "cancel") {
    cancelled = true;
    cancelling.abort();
    answered(undefined);
  } else if (message.type === "answer") answered(message.answer);
  else void work(message.task, message.limits);
});
const [serverPid, memoryMb] = process.argv.slice(2).map(Number);
const held = new SharedArrayBuffer(MEMORY_SECONDS_BYTES);
const memory = new MemorySeconds(held);
const guardData: GuardData = { serverPid, memoryMb, held };
new Worker(new URL("./orphan-guard.js", import.meta.url), { workerData: guardData }).unref();
send({ type: "ready" });

async function work(task: Task, limits: TaskLimits): Promise<void> {
  let answer: FromTask;
  try {
    const outcome = await perform(task, { limits, report, ask, signal: cancelling.signal, others });
    answer = { type: "done", outcome, usage: usage() };
  } catch (error) {
    answer = { type: "problem", problem: problemOf(error), usage: usage() };
  }
  // The answer must be out before the process ends.
  process.send?.(answer, () => process.exit(0));
}

async function perform(task: Task, context: TaskContext): Promise<Outcomes[Task["kind"]]> {
  // Loaded when needed: a query has no use for the learning library, nor a training for the importer.
  if (task.kind === "append") return (await import("./import-task.ts")).appendTask(task, context);
  if (task.kind === "import") return (await import("./import-task.ts")).importTask(task, context);
  if (task.kind === "calibrate") return (await import("./calibrate-task.ts")).calibrateTask(task);
  if (task.kind === "sql") return (await import("./sql-task.ts")).sqlTask(task, context);
  if (task.kind === "explain") return (await import("./explain-task.ts")).explainTask(task);
  if (task.kind === "curve") return (await import("./curve-task.ts")).curveTask(task, context);
  if (task.kind === "export") return (await import("./export-task.ts")).exportTask(task);
  if (task.kind === "foreign") return (await import("./foreign-task.ts")).foreignTask(task, context);
  if (task.kind === "trial") return (await import("./trial-task.ts")).trialTask(task, context);
  return (await import("./train-task.ts")).trainTask(task, context);
}

async function report(progress: TaskProgress, last = false): Promise<void> {
  const now = performance.now();
  if (last || now - lastProgress >= PROGRESS_MS) {
    lastProgress = now;
    send({ type: "progress", progress, usage: usage() });
  }
  if (now - lastTurn >= TURN_MS) {
    await nextTurn();
    lastTurn = performance.now();
  }
  if (cancelled) throw new TaskCancelled("stopped on request");
}

async function ask<K extends keyof TaskAnswers>(question: Extract<TaskQuestion, { kind: K }>): Promise<TaskAnswers[K]> {
  const answer = await new Promise<unknown>((resolve) => {
    answered = resolve;
    send({ type: "question", question, usage: usage() });
  });
  lastTurn = performance.now();
  if (cancelled) throw new TaskCancelled("stopped on request");
  return answer as TaskAnswers[K];
}

function others(usage: Omit<TaskUsage, "seconds">): void {
  ofOthers = usage;
}

function usage(): TaskUsage {
  const { user, system } = process.cpuUsage();
  const seconds = process.uptime();
  return {
    cpuSeconds: (user + system) / 1e6 + ofOthers.cpuSeconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024 + ofOthers.peakMemoryBytes,
    seconds,
    memoryMbSeconds: memory.until(process.memoryUsage.rss(), seconds) + ofOthers.memoryMbSeconds,
  };
}

function send(message: FromTask): void {
  process.send?.(message);
}
