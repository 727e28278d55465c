// One task process from start to end: starts it, passes its progress on, stops it when asked, and says in words how it
// ended. Whether that means trying again is decided above.
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { TaskDied, TaskFailed } from "./task-error.ts";
import {
  type FromTask,
  MEMORY_SIGNAL,
  NOTHING_USED,
  type Outcomes,
  RANKS_LOST,
  type Task,
  type TaskLimits,
  type TaskProgress,
  type TaskUsage,
  type ToTask,
} from "./task-protocol.ts";
import type { TaskQuestion } from "./trial-protocol.ts";

/** How a task is run. */
export interface TaskRunOptions {
  readonly limits: TaskLimits;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** `usage` is what the task used so far. */
  onProgress?(progress: TaskProgress, usage: TaskUsage): void;
  /** Answers what the process asks; when this rejects, the process is ended and the task rejects with the same. */
  onQuestion?(question: TaskQuestion, usage: TaskUsage): Promise<unknown>;
}

/** What came out and what it took. */
export interface TaskResult<T> {
  readonly outcome: T;
  readonly usage: TaskUsage;
}

/** Aborts with this reason stop a task because the server ends, not because someone wants the task stopped. */
export const STOPPING = "stopping";

const ENTRY = createRequire(import.meta.url).resolve("@massif/server/task-process");

/** How long a task may take to end by itself after it was told to. */
const CANCEL_MS = 1500;
const TERM_MS = 1000;
/** Enough of the end of a crash report to say why. */
const STDERR_BYTES = 8000;

/** Runs a task in a process of its own. Throws TaskFailed and TaskDied. */
export function runTask<T extends Task>(task: T, options: TaskRunOptions): Promise<TaskResult<Outcomes[T["kind"]]>> {
  return new TaskRun(task, options).result as Promise<TaskResult<Outcomes[T["kind"]]>>;
}

// Internal

class TaskRun {
  readonly result: Promise<TaskResult<unknown>>;
  readonly #child: ChildProcess;
  readonly #options: TaskRunOptions;
  readonly #task: Task;
  #stderr = "";
  #answer: Extract<FromTask, { type: "done" | "problem" }> | undefined;
  #usage: TaskUsage = NOTHING_USED;
  #refused: { readonly error: unknown } | undefined;
  #stopped: "timeout" | "cancelled" | "stopping" | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(task: Task, options: TaskRunOptions) {
    this.#task = task;
    this.#options = options;
    const { memoryMb } = options.limits;
    this.#child = fork(ENTRY, [String(process.pid), String(memoryMb)], {
      execArgv: [`--max-old-space-size=${memoryMb}`, "--enable-source-maps"],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.result = new Promise((resolve, reject) => {
      this.#child.on("error", (cause) =>
        reject(new TaskDied("crashed", `could not start: ${cause.message}`, this.#usage)),
      );
      this.#child.on("close", (code, signal) => this.#end(code, signal).then(resolve, reject));
    });
    this.#watch();
  }

  #watch(): void {
    const { signal, timeoutMs } = this.#options;
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_BYTES);
    });
    this.#child.on("message", (message: FromTask) => this.#hear(message));
    if (timeoutMs !== undefined) this.#later(timeoutMs, () => this.#stop("timeout"));
    const abort = () => this.#stop(signal?.reason === STOPPING ? "stopping" : "cancelled");
    signal?.addEventListener("abort", abort, { once: true });
    this.#child.once("close", () => signal?.removeEventListener("abort", abort));
    if (signal?.aborted) abort();
  }

  #hear(message: FromTask): void {
    if (message.type === "ready") {
      this.#tell({ type: "start", task: this.#task, limits: this.#options.limits });
      return;
    }
    this.#usage = message.usage;
    if (message.type === "progress") this.#options.onProgress?.(message.progress, message.usage);
    else if (message.type === "question") void this.#reply(message.question, message.usage);
    else this.#answer = message;
  }

  async #reply(question: TaskQuestion, usage: TaskUsage): Promise<void> {
    try {
      this.#tell({ type: "answer", answer: await this.#options.onQuestion?.(question, usage) });
    } catch (error) {
      this.#refused ??= { error };
      this.#child.kill("SIGKILL");
    }
  }

  #tell(message: ToTask): void {
    // A process that just died has no channel any more; its end is reported by "close".
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #stop(why: "timeout" | "cancelled" | "stopping"): void {
    this.#stopped ??= why;
    this.#tell({ type: "cancel" });
    if (why === "stopping") this.#child.kill("SIGTERM");
    // A task inside one long WebAssembly call hears neither messages nor, with a handler, SIGTERM; SIGKILL it does.
    this.#later(CANCEL_MS, () => this.#child.kill("SIGTERM"));
    this.#later(CANCEL_MS + TERM_MS, () => this.#child.kill("SIGKILL"));
  }

  #later(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }

  async #end(code: number | null, signal: NodeJS.Signals | null): Promise<TaskResult<unknown>> {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#refused !== undefined) throw this.#refused.error;
    const answer = this.#answer;
    if (answer?.type === "done") return { outcome: answer.outcome, usage: answer.usage };
    if (answer?.type === "problem" && answer.problem.code === RANKS_LOST && this.#stopped === undefined)
      throw new TaskDied("killed", answer.problem.message, answer.usage);
    if (answer?.type === "problem" && answer.problem.code !== "CANCELLED" && answer.problem.code !== RANKS_LOST)
      throw new TaskFailed(answer.problem, answer.usage);
    const { kind, words } = this.#death(code, signal);
    throw new TaskDied(kind, words, this.#usage);
  }

  #death(code: number | null, signal: NodeJS.Signals | null): { kind: TaskDied["kind"]; words: string } {
    const { timeoutMs, limits } = this.#options;
    if (this.#stopped === "timeout") return { kind: "timeout", words: `took longer than ${(timeoutMs ?? 0) / 1000} s` };
    if (this.#stopped !== undefined) return { kind: this.#stopped, words: "was stopped on request" };
    const heapFull = signal === "SIGABRT" && this.#stderr.includes("heap out of memory");
    if (signal === MEMORY_SIGNAL || heapFull) {
      return { kind: "memory", words: `ran out of memory: it needed more than its limit of ${limits.memoryMb} MB` };
    }
    if (signal !== null) return { kind: "killed", words: `was killed by ${signal}` };
    return { kind: "crashed", words: `ended with exit code ${code}${lastError(this.#stderr)}` };
  }
}

/** The line of a crash report that names the error; the lines after it are its stack and Node's version. */
function lastError(report: string): string {
  const lines = report.split("\n").filter((line) => /^(?:Uncaught )?[A-Z]\w*(?: \[\w+\])?: /.test(line));
  return lines.length === 0 ? "" : `: ${lines.at(-1)?.slice(0, 300)}`;
}
