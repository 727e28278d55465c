// The queue's contract: jobs that survive the process, each done at least once. What the rest of the server sees; how
// it is kept is `openQueue`'s business. Not a scheduler and not a result store: a job's outcome is written by its
// handler into the tables it is about.
import type { Transaction } from "kysely";
import type { Schema } from "../store/schema.ts";

/** What each kind of job carries; payloads must survive JSON. */
export type JobPayloads = Record<string, object>;

/** How a kind of job is treated when it fails. */
export interface JobPolicy {
  /** How often a job is begun at most, the first time included; crashes count, orderly stops do not. */
  readonly attempts: number;
  /** Seconds before the second attempt, doubled (with jitter) for each further one. */
  readonly backoffSeconds: number;
  /** Seconds after which a running attempt is given up; at most a day. */
  readonly timeoutSeconds?: number;
}

/** One job in the hands of a handler. */
export interface Job<Payload> {
  readonly id: string;
  readonly payload: Payload;
  /** Counts from 1. */
  readonly attempt: number;
  /** Whether a failure now is final. */
  readonly lastAttempt: boolean;
}

/** A job of which no attempt is left, with what the last one failed of. */
export interface ExhaustedJob<Payload> {
  readonly id: string;
  readonly payload: Payload;
  readonly reason: string;
}

/** How a handler is run. */
export interface WorkOptions<Payload> {
  /** How many jobs of this kind run at once in this process. */
  readonly concurrency: number;
  /** Called, at least once, when a job has used up its attempts, also by crashes of the process. */
  readonly exhausted?: (job: ExhaustedJob<Payload>) => Promise<void>;
}

/** What an enqueue may say. */
export interface EnqueueOptions {
  /** The job exists if, and only if, this transaction commits. */
  readonly transaction?: Transaction<Schema>;
  /** The same key of the same kind names the same job: a second enqueue adds nothing. */
  readonly idempotencyKey?: string;
  /** Not before this time. */
  readonly startAfter?: Date;
}

/** Why a handler's signal was aborted. */
export type AbortCause = "cancelled" | "stopping" | "lost";

/** The reason on an aborted signal: cancelled by someone, given back at a stop, or lost to another worker. */
export class JobAborted extends Error {
  override readonly name = "JobAborted";
  readonly reason: AbortCause;

  constructor(reason: AbortCause) {
    super(`The job was aborted (${reason}).`);
    this.reason = reason;
  }
}

/** Does one job; resolves when it is done, rejects to have it tried again. Must stop soon after `signal` aborts. */
export type JobHandler<Payload> = (job: Job<Payload>, signal: AbortSignal) => Promise<void>;

/** A job that is not over, as it is kept in a backup. */
export interface UnfinishedJob {
  readonly kind: string;
  readonly uuid: string;
  readonly payload: object;
  /** ISO 8601; not before this time. */
  readonly startAfter: string;
}

/** A process that works on the queue. */
export interface QueueWorker {
  /** `server` or `worker`. */
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** Whether it was heard of lately. */
  readonly live: boolean;
  readonly seenAt: Date;
  /** Jobs in hand when it was last heard of. */
  readonly running: number;
}

/** Jobs in the database, each done at least once. */
export interface Queue<Payloads extends JobPayloads> {
  /** Begins to look for work. With the embedded database, jobs that a dead process held are offered again at once. */
  start(): Promise<void>;
  /** Aborts running handlers, waits for them up to `graceSeconds`, and gives unfinished jobs back uncounted. */
  stop(options?: { graceSeconds?: number }): Promise<void>;
  /** Adds a job and returns its id. */
  enqueue<Kind extends keyof Payloads & string>(
    kind: Kind,
    payload: Payloads[Kind],
    options?: EnqueueOptions,
  ): Promise<string>;
  /** Has jobs of a kind done by `handler` in this process. */
  work<Kind extends keyof Payloads & string>(
    kind: Kind,
    options: WorkOptions<Payloads[Kind]>,
    handler: JobHandler<Payloads[Kind]>,
  ): Promise<void>;
  /** Cancels a job that is not over; a handler running it (here at once, elsewhere by its heartbeat) is aborted. */
  cancel(id: string, options?: { transaction?: Transaction<Schema> }): Promise<void>;
  /** The jobs that wait or run, as `transaction` sees them: for a backup. */
  unfinished(transaction: Transaction<Schema>): Promise<UnfinishedJob[]>;
  /** Adds jobs as `unfinished` gave them, those that were running too. */
  adopt(jobs: readonly UnfinishedJob[]): Promise<void>;
  /** The processes that work on the queue and have not said good-bye. */
  workers(): Promise<QueueWorker[]>;
  /** How many jobs of each kind wait, those of a later try too. */
  depth(): Promise<Record<string, number>>;
}
