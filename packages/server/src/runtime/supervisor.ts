// Everything that runs in a process of its own, within a budget of cores. Trainings and imports wait for cores;
// queries, which somebody waits for, have a few places beside the budget. It keeps no record: that is the store's.
import { CpuSlots } from "./cpu-slots.ts";
import { TaskDied } from "./task-error.ts";
import { NOTHING_USED, type Outcomes, type Task, type TaskProgress, type TaskUsage } from "./task-protocol.ts";
import { runTask, STOPPING, type TaskResult } from "./task-run.ts";
import type { TaskQuestion } from "./trial-protocol.ts";

/** What the tasks together may use. */
export interface SupervisorOptions {
  readonly cores: number;
  /** Memory of one task in MB. */
  readonly memoryMb: number;
  /** How many queries run at once. */
  readonly queries: number;
}

/** How one task is run. */
export interface TaskOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** `usage` is what the task used so far. */
  onProgress?(progress: TaskProgress, usage: TaskUsage): void;
  /** Most cores that it gets; default: all that are free when it waits alone. */
  readonly threads?: number;
  /** Fewest cores that it starts with, or all where there are not so many; default 1. */
  readonly least?: number;
  /** Answers what the process asks; when this rejects, the process is ended and the task rejects with the same. */
  onQuestion?(question: TaskQuestion, usage: TaskUsage): Promise<unknown>;
}

/** Kinds of tasks that somebody waits for: they take seconds, and no core for long. */
const BRIEF: readonly Task["kind"][] = ["sql", "calibrate", "foreign", "export", "explain"];

/** Runs tasks in processes of their own; `stop` ends all of them. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: CpuSlots;
  readonly #queries: CpuSlots;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#slots = new CpuSlots(options.cores);
    this.#queries = new CpuSlots(options.queries, 1);
  }

  /** Cores of all tasks together, and the memory of each in MB. */
  get limits(): Pick<SupervisorOptions, "cores" | "memoryMb"> {
    return this.#options;
  }

  get running(): number {
    return this.#running.size;
  }

  /** How many tasks wait for cores, and how many queries for a place. */
  get waiting(): { tasks: number; queries: number } {
    return { tasks: this.#slots.waiting, queries: this.#queries.waiting };
  }

  /** Runs a task. Throws TaskFailed when it could not be done, TaskDied when its process ended without an answer. */
  async run<T extends Task>(task: T, options: TaskOptions = {}): Promise<TaskResult<Outcomes[T["kind"]]>> {
    // Somebody waits for these; they take seconds, and no core for long.
    const slots = BRIEF.includes(task.kind) ? this.#queries : this.#slots;
    return (await this.#within(slots, () => task, options)) as TaskResult<Outcomes[T["kind"]]>;
  }

  /**
   * `run` for a task that is made when its turn has come, told how many threads it gets; nothing runs, and the result is
   * undefined, when none is made.
   */
  runLater<T extends Task>(
    make: (threads: number) => Promise<T | undefined>,
    options: TaskOptions = {},
  ): Promise<TaskResult<Outcomes[T["kind"]]> | undefined> {
    return this.#within(this.#slots, make, options);
  }

  /** Ends every task; resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stopping.abort(STOPPING);
    await Promise.allSettled(this.#running);
  }

  // Internal

  async #within<T extends Task>(
    slots: CpuSlots,
    make: (threads: number) => Promise<T | undefined> | T,
    { signal: asked, threads: most, least, ...rest }: TaskOptions,
  ): Promise<TaskResult<Outcomes[T["kind"]]> | undefined> {
    const signal = anyOf(this.#stopping.signal, asked);
    const grant = await slots.acquire(signal, { most, least }).catch(() => {
      throw notBegun(signal);
    });
    try {
      const { threads } = grant;
      const task = await make(threads);
      if (task === undefined) return undefined;
      if (signal.aborted) throw notBegun(signal);
      const limits = { threads, memoryMb: this.#options.memoryMb };
      return await this.#track(runTask(task, { ...rest, limits, signal }));
    } finally {
      grant.release();
    }
  }

  async #track<R>(work: Promise<R>): Promise<R> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }
}

// Internal

function anyOf(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  return second === undefined ? first : AbortSignal.any([first, second]);
}

function notBegun(signal: AbortSignal): TaskDied {
  const kind = signal.reason === STOPPING ? "stopping" : "cancelled";
  return new TaskDied(kind, "was stopped on request before it began", NOTHING_USED);
}
