// Writing down what work has come to, across a database that is away for a while. Only for steps that may be repeated:
// when the connection broke at the commit, nobody knows whether it was done.
import type { Logger } from "pino";
import { StoreError } from "../store/errors.ts";

/** What persistence may be told. */
export interface PersistOptions {
  readonly log: Logger;
  /** What is being written, for the log. */
  readonly what: string;
  /** Milliseconds after which the failure is passed on. */
  readonly patienceMs?: number;
  /** Milliseconds between two attempts. */
  readonly pauseMs?: number;
}

/** Longer than a restart or a fail-over takes; after that the job's own retries begin. */
const PATIENCE_MS = 10 * 60_000;
const PAUSE_MS = 1000;

/** Does `step` again and again while the database cannot be reached. */
export async function persist<T>(
  step: () => Promise<T>,
  { log, what, patienceMs = PATIENCE_MS, pauseMs = PAUSE_MS }: PersistOptions,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (let told = false; ; told = true) {
    try {
      return await step();
    } catch (error) {
      const away = error instanceof StoreError && error.code === "DATABASE_UNREACHABLE";
      if (!away || Date.now() > end) throw error;
      if (!told) log.warn({ err: error }, `the database is away; ${what} waits for it`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
