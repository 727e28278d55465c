// The queue on pg-boss, in the same database as the tables. pg-boss knows retries, back-off, expiry, heartbeats and
// notifications; this file adds what the embedded case needs (orphans offered again at start, no heartbeats), an
// orderly give-back at stop, and a callback for jobs without attempts left.

import type { Transaction } from "kysely";
import {
  type Db as BossDatabase,
  type ConstructorOptions,
  fromKysely,
  fromPglite,
  type JobWithMetadata,
  PgBoss,
} from "pg-boss";
import { outerUse, type Store } from "../store/database.ts";
import type { EmbeddedDatabase } from "../store/embedded-database.ts";
import { StoreError, toStoreError } from "../store/errors.ts";
import type { Schema } from "../store/schema.ts";
import { jobId, jobUuid, parseJobId } from "./job-id.ts";
import {
  type EnqueueOptions,
  type ExhaustedJob,
  type Job,
  JobAborted,
  type JobHandler,
  type JobPayloads,
  type JobPolicy,
  type Queue,
  type QueueWorker,
  type UnfinishedJob,
  type WorkOptions,
} from "./queue.ts";
import { Supervision } from "./supervision.ts";

/** What the queue must know before it starts. */
export interface QueueOptions<Payloads extends JobPayloads> {
  /** Every kind of job there is, also those that this process does not work on. */
  readonly kinds: { readonly [Kind in keyof Payloads & string]: JobPolicy };
  /** What this process is called among those that work on the queue. */
  readonly name?: string;
  /** Told about failures of the queue's own upkeep, which it tries again by itself. */
  readonly onError?: (error: unknown) => void;
}

const DAY_SECONDS = 86_400;
/** Kept for a week after its end, which is also how long an idempotency key is remembered. */
const KEEP_SECONDS = 7 * DAY_SECONDS;
/** On a server a worker must be heard of this often; the embedded database has one process, whose death is known. */
const HEARTBEAT_SECONDS = 15;
/** Three beats, so that one that is late costs nobody a job. */
const BEAT_SECONDS = 5;
/** How often a server's processes look for workers that are not heard of any more. */
const SUPERVISE_SECONDS = 5;
/** New jobs are announced; only delayed ones and retries wait for the next look. */
const POLL_SECONDS = 2;
const SCHEMA = "pgboss";

/** Makes a queue on an open store; nothing happens before `start`. */
export function openQueue<Payloads extends JobPayloads>(
  store: Store,
  options: QueueOptions<Payloads>,
): Queue<Payloads> {
  return new BossQueue<Payloads>(store, options);
}

/** One attempt that is running in this process. */
interface Running {
  readonly kind: string;
  readonly uuid: string;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

class BossQueue<Payloads extends JobPayloads> implements Queue<Payloads> {
  readonly #store: Store;
  readonly #kinds: Readonly<Record<string, JobPolicy>>;
  readonly #boss: PgBoss;
  readonly #onError: (error: unknown) => void;
  readonly #running = new Map<string, Running>();
  #stopping: Promise<void> | undefined;
  #supervision: Supervision | undefined;

  constructor(store: Store, { kinds, name = "massif", onError = () => {} }: QueueOptions<Payloads>) {
    this.#store = store;
    this.#kinds = kinds;
    this.#boss = new PgBoss(bossOptions(store, name));
    this.#onError = onError;
    this.#boss.on("error", onError);
  }

  async start(): Promise<void> {
    try {
      await this.#boss.start();
      for (const [kind, policy] of Object.entries(this.#kinds)) await this.#defineKind(kind, policy);
      if (this.#store.kind === "embedded") await this.#offerOrphans();
      else this.#supervision = new Supervision(this.#boss, this.#onError);
    } catch (error) {
      throw toStoreError(error, "the queue");
    }
  }

  stop({ graceSeconds = 10 }: { graceSeconds?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(graceSeconds);
    return this.#stopping;
  }

  async enqueue<Kind extends keyof Payloads & string>(
    kind: Kind,
    payload: Payloads[Kind],
    { transaction, idempotencyKey, startAfter }: EnqueueOptions = {},
  ): Promise<string> {
    if (!(kind in this.#kinds)) throw new StoreError("MISUSE", `There is no kind of job called "${kind}".`);
    const uuid = jobUuid(kind, idempotencyKey);
    this.#assertSameTransaction(transaction);
    try {
      // Null instead of an id means that the job is there already, which is what the key asks for.
      await this.#boss.send(kind, payload, { id: uuid, ...(startAfter && { startAfter }), ...within(transaction) });
    } catch (error) {
      throw toStoreError(error, "the queue");
    }
    return jobId(kind, uuid);
  }

  async work<Kind extends keyof Payloads & string>(
    kind: Kind,
    { concurrency, exhausted }: WorkOptions<Payloads[Kind]>,
    handler: JobHandler<Payloads[Kind]>,
  ): Promise<void> {
    for (let i = 0; i < concurrency; i++) {
      await this.#addWorker(kind, (job) => this.#attempt(kind, job as JobWithMetadata<Payloads[Kind]>, handler));
    }
    if (exhausted) await this.#addWorker(deadKind(kind), (job) => exhausted(exhaustedJob(kind, job)));
  }

  async cancel(id: string, { transaction }: { transaction?: Transaction<Schema> } = {}): Promise<void> {
    const { kind, uuid } = parseJobId(id);
    this.#assertSameTransaction(transaction);
    try {
      await this.#boss.cancel(kind, uuid, within(transaction));
    } catch (error) {
      throw toStoreError(error, "the queue");
    }
    this.#running.get(uuid)?.abort.abort(new JobAborted("cancelled"));
  }

  async unfinished(transaction: Transaction<Schema>): Promise<UnfinishedJob[]> {
    const statement = `select name as kind, id::text as uuid, data as payload, start_after as "startAfter"
      from ${SCHEMA}.job where state in ('created', 'retry', 'active') order by created_on, id`;
    const { rows } = await fromKysely(transaction).executeSql(statement);
    return (rows as (Omit<UnfinishedJob, "startAfter"> & { startAfter: Date })[]).map((row) => ({
      ...row,
      startAfter: row.startAfter.toISOString(),
    }));
  }

  async adopt(jobs: readonly UnfinishedJob[]): Promise<void> {
    const known = new Set(Object.keys(this.#kinds).flatMap((kind) => [kind, deadKind(kind)]));
    for (const { kind, uuid, payload, startAfter } of jobs) {
      if (known.has(kind)) await this.#boss.send(kind, payload, { id: uuid, startAfter: new Date(startAfter) });
    }
  }

  async workers(): Promise<QueueWorker[]> {
    const instances = await this.#boss.getInstances().catch((error) => {
      throw toStoreError(error, "the queue");
    });
    return instances
      .filter(({ stoppedOn }) => stoppedOn === null)
      .map(({ name, host, pid, live, heartbeatOn, workers }) => ({
        name: name ?? "massif",
        host,
        pid,
        live,
        seenAt: heartbeatOn,
        running: workers.reduce((sum, { active }) => sum + active, 0),
      }));
  }

  async depth(): Promise<Record<string, number>> {
    const statement = `select name, count(*)::integer as waiting from ${SCHEMA}.job
      where state in ('created', 'retry') group by name`;
    const { rows } = await this.#boss
      .getDb()
      .executeSql(statement)
      .catch((error) => {
        throw toStoreError(error, "the queue");
      });
    const waiting = new Map((rows as { name: string; waiting: number }[]).map((row) => [row.name, row.waiting]));
    return Object.fromEntries(Object.keys(this.#kinds).map((kind) => [kind, waiting.get(kind) ?? 0]));
  }

  // Internal

  /** On the embedded engine's one connection, a statement beside the open transaction would wait for ever. */
  #assertSameTransaction(transaction: Transaction<Schema> | undefined): void {
    if (transaction === undefined && this.#store.inTransaction()) throw outerUse();
  }

  async #defineKind(
    kind: string,
    { attempts, backoffSeconds, timeoutSeconds = DAY_SECONDS }: JobPolicy,
  ): Promise<void> {
    const shared = {
      retryBackoff: true,
      deleteAfterSeconds: KEEP_SECONDS,
      retentionSeconds: 14 * DAY_SECONDS,
      notify: true,
      // Absent, not undefined: pg-boss refuses the latter.
      ...(this.#store.kind === "postgres" && { heartbeatSeconds: HEARTBEAT_SECONDS }),
    };
    // Telling about a lost job is itself retried for long, since forgetting it would leave a run "running" for ever.
    const dead = { ...shared, retryLimit: 100, retryDelay: 5, retryDelayMax: 300, expireInSeconds: 300 };
    const live = {
      ...shared,
      retryLimit: attempts - 1,
      retryDelay: backoffSeconds,
      expireInSeconds: timeoutSeconds,
      deadLetter: deadKind(kind),
    };
    await this.#ensureQueue(deadKind(kind), dead);
    await this.#ensureQueue(kind, live);
  }

  async #ensureQueue(name: string, options: NonNullable<Parameters<PgBoss["createQueue"]>[1]>): Promise<void> {
    // Creating an existing queue changes nothing, so a policy that was edited is written by the update.
    await this.#boss.createQueue(name, options);
    await this.#boss.updateQueue(name, options);
  }

  async #addWorker(name: string, perform: (job: JobWithMetadata<unknown>) => Promise<void>): Promise<void> {
    let worker: string | undefined;
    const options = {
      batchSize: 1,
      includeMetadata: true,
      pollingIntervalSeconds: POLL_SECONDS,
      notifyPollingIntervalSeconds: POLL_SECONDS,
      ...(this.#store.kind === "postgres" && { heartbeatRefreshSeconds: BEAT_SECONDS }),
    } as const;
    worker = await this.#boss.work(name, options, async ([job]: JobWithMetadata<unknown>[]) => {
      // pg-boss would wait out the polling interval after each job; where one was, another may be.
      if (worker !== undefined) this.#boss.notifyWorker(worker);
      await perform(job);
    });
  }

  async #attempt<Payload>(kind: string, job: JobWithMetadata<Payload>, handler: JobHandler<Payload>): Promise<void> {
    const abort = new AbortController();
    const lost = () => abort.abort(new JobAborted("lost"));
    job.signal.addEventListener("abort", lost, { once: true });
    if (this.#stopping !== undefined) abort.abort(new JobAborted("stopping"));
    const done = handler(describe(kind, job), abort.signal);
    this.#running.set(job.id, { kind, uuid: job.id, abort, done });
    try {
      await done;
    } catch (error) {
      if (this.#stopping !== undefined) await this.#giveBack(kind, job.id);
      throw error;
    } finally {
      job.signal.removeEventListener("abort", lost);
      this.#running.delete(job.id);
    }
  }

  async #stop(graceSeconds: number): Promise<void> {
    // Workers first, so that nobody fetches what is given back here; pg-boss waits a little longer than we do.
    const names = Object.keys(this.#kinds).flatMap((kind) => [kind, deadKind(kind)]);
    this.#supervision?.stop();
    await Promise.all(names.map((name) => this.#boss.offWork(name, { wait: false })));
    const stopped = this.#boss.stop({ graceful: true, timeout: (graceSeconds + 2) * 1000 });
    for (const { abort } of this.#running.values()) abort.abort(new JobAborted("stopping"));
    const settled = Promise.allSettled([...this.#running.values()].map(({ done }) => done));
    await withinSeconds(settled, graceSeconds);
    for (const { kind, uuid } of [...this.#running.values()]) await this.#giveBack(kind, uuid);
    await stopped;
  }

  /** Offers a job again; without a start on record, pg-boss counts the next attempt under this one's number. */
  async #giveBack(kind: string, uuid: string): Promise<void> {
    const statement = `update ${SCHEMA}.job set state = 'created', started_on = null, heartbeat_on = null, start_after = now()
      where name = $1 and id = $2 and state = 'active'`;
    await this.#boss.getDb().executeSql(statement, [kind, uuid]);
  }

  /** We hold the home's lock, so whoever held an active job is dead: fail it, which counts the attempt, and offer it. */
  async #offerOrphans(): Promise<void> {
    const db = this.#boss.getDb();
    const { rows } = await db.executeSql(`select name, id from ${SCHEMA}.job where state = 'active'`);
    for (const { name, id } of rows as { name: string; id: string }[]) {
      await this.#boss.fail(name, id, { message: "The process that ran this job ended before the job did." });
      await db.executeSql(
        `update ${SCHEMA}.job set start_after = now() where name = $1 and id = $2 and state = 'retry'`,
        [name, id],
      );
    }
  }
}

function bossOptions(store: Store, name: string): ConstructorOptions {
  const registry = { instanceName: name, instanceHeartbeatSeconds: BEAT_SECONDS };
  const shared = { schema: SCHEMA, schedule: false, useListenNotify: true, ...registry };
  return store.connection.kind === "embedded"
    ? { ...shared, backend: "pglite", db: watched(store.connection.database), monitorVacuum: false, reindex: false }
    : {
        ...shared,
        connectionString: store.connection.url,
        max: 4,
        application_name: "massif-queue",
        // Done here instead, by a process that has itself been in touch with the database: see Supervision.
        supervise: false,
        superviseIntervalSeconds: SUPERVISE_SECONDS,
        monitorIntervalSeconds: SUPERVISE_SECONDS,
      };
}

/** pg-boss's own adapter, which also tells when the engine died and then refuses at once instead of waiting. */
function watched({ pglite, observe, assertAlive }: EmbeddedDatabase): BossDatabase {
  const db = fromPglite(pglite);
  const executeSql: BossDatabase["executeSql"] = async (text, values) => {
    assertAlive();
    try {
      return await db.executeSql(text, values);
    } catch (error) {
      observe(error);
      throw error;
    }
  };
  return { ...db, executeSql };
}

function within(transaction: Transaction<Schema> | undefined): { db: BossDatabase } | Record<string, never> {
  return transaction === undefined ? {} : { db: fromKysely(transaction) };
}

function deadKind(kind: string): string {
  return `${kind}.exhausted`;
}

function describe<Payload>(kind: string, job: JobWithMetadata<Payload>): Job<Payload> {
  return {
    id: jobId(kind, job.id),
    payload: job.data,
    attempt: job.retryCount + 1,
    lastAttempt: job.retryCount >= job.retryLimit,
  };
}

function exhaustedJob<Payload>(kind: string, job: JobWithMetadata<unknown>): ExhaustedJob<Payload> {
  const output = job.sourceOutput as { message?: unknown } | null | undefined;
  return {
    id: jobId(kind, job.sourceId ?? job.id),
    payload: job.data as Payload,
    reason: typeof output?.message === "string" ? output.message : "All attempts failed.",
  };
}

async function withinSeconds(work: Promise<unknown>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
