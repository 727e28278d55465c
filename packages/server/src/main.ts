// The composition root: makes every part, connects them, and takes them apart in reverse order. It is the only reader of
// the environment; nothing else in the server knows more than its neighbours.
import { ApiError } from "@massif/api";
import { VERSION } from "@massif/learn";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { makeHandlers } from "./http/answers.ts";
import { buildApp } from "./http/app.ts";
import { listen } from "./http/listen.ts";
import { HttpMetrics } from "./http/metrics.ts";
import { type Closing, openMeans, takeJobs } from "./open-means.ts";
import { launcherFrom, type ResolvedOptions, resolveOptions, type ServerOptions } from "./options.ts";
import { startReplica } from "./runtime/start-replica.ts";
import { Admission } from "./services/admission.ts";
import { Backups } from "./services/backups.ts";
import { Curves } from "./services/curves.ts";
import { Datasets } from "./services/datasets.ts";
import { Endpoints } from "./services/endpoints.ts";
import { Explanations } from "./services/explanations.ts";
import { toApiError } from "./services/failures.ts";
import { Invoices } from "./services/invoices.ts";
import { KeyRing } from "./services/key-ring.ts";
import { Keys } from "./services/keys.ts";
import type { Means } from "./services/means.ts";
import { Meter } from "./services/meter.ts";
import { ModelExports } from "./services/model-exports.ts";
import { ModelImports } from "./services/model-imports.ts";
import { Models } from "./services/models.ts";
import { Money } from "./services/money.ts";
import { Plans } from "./services/plans.ts";
import { Policies } from "./services/policies.ts";
import { PolicyClock } from "./services/policy-clock.ts";
import { Queries } from "./services/queries.ts";
import { ReplicaMeter } from "./services/replica-meter.ts";
import { RunStreams } from "./services/run-stream.ts";
import { Runs } from "./services/runs.ts";
import { OpenInference } from "./services/serving/open-inference.ts";
import { Predictions } from "./services/serving/predictions.ts";
import { Serving } from "./services/serving/serving.ts";
import { StorageMeter } from "./services/storage-meter.ts";
import { Studies } from "./services/studies.ts";
import { StudyStreams } from "./services/study-stream.ts";
import { sweepBlobs } from "./services/sweep-blobs.ts";
import { System } from "./services/system.ts";
import { UsageLog } from "./services/usage-log.ts";
import { ensureProject } from "./store/projects.ts";
import { countRunsByStatus } from "./store/runs.ts";

export type { Limits, ServerOptions } from "./options.ts";
export { type RestoreOptions, restoreBackup } from "./restore.ts";
export { type BackupSummary, type ReadOptions, verifyBackup } from "./services/backup-file.ts";
export { type MassifWorker, startWorker, type WorkerOptions } from "./worker.ts";

/** A running server. */
export interface MassifServer {
  /** Where it answers, such as `http://127.0.0.1:7331`. */
  readonly url: string;
  /** The first admin key: only when this start made it, and nowhere else ever. */
  readonly adminKey: string | undefined;
  /** Finishes requests under way, gives running work back to the queue, writes usage, closes everything. Idempotent. */
  stop(): Promise<void>;
}

/** Starts Massif. Throws ApiError: HOME_LOCKED, HOME_NOT_WRITABLE, HOME_DAMAGED, PORT_IN_USE, DISK_FULL. */
export async function startServer(given: ServerOptions): Promise<MassifServer> {
  const options = resolveOptions({
    databaseUrl: process.env.DATABASE_URL || undefined,
    launcher: launcherFrom(process.env),
    ...given,
  });
  if (!options.jobs && options.databaseUrl === undefined) {
    throw new ApiError("NOT_SHARED", "without jobs of its own, the server of an embedded home would leave work undone");
  }
  const closing: Closing = [];
  const stop = async () => {
    for (const close of closing.reverse()) await close();
  };
  try {
    const { url, adminKey, drain } = await assemble(options, closing);
    let stopped: Promise<void> | undefined;
    return { url, adminKey, stop: () => (stopped ??= drain().then(stop)) };
  } catch (error) {
    await stop();
    throw toApiError(error) ?? error;
  }
}

// Internal

interface Assembled {
  readonly url: string;
  readonly adminKey: string | undefined;
  /** Stops taking work and lets requests under way finish. */
  drain(): Promise<void>;
}

async function assemble(options: ResolvedOptions, closing: Closing): Promise<Assembled> {
  const began = performance.now();
  const startedAt = new Date();
  const log = pino({ level: options.logLevel, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  const means = await openMeans(options, { role: "server", log, closing });
  const { store } = means;
  const stopping = new AbortController();
  const state = { accepting: false, startupSeconds: 0 };
  const keys = new KeyRing(store, means.clock);
  const usage = new UsageLog(means);
  const datasets = new Datasets(means);
  const runs = new Runs(means, datasets);
  const studies = new Studies(means, datasets, options.cores);
  const models = new Models(means, runs);
  const metrics = new HttpMetrics({
    queueDepth: () => means.queue.depth(),
    runsByStatus: () => countRunsByStatus(store.db),
    runningTasks: () => means.tasks.running,
  });
  const { serving, endpoints, predictions } = makeServing(means, { models, metrics, cores: options.cores, closing });
  const facts = { version: VERSION, home: options.home, cores: options.cores, startedAt };
  const services = {
    datasets,
    runs,
    models,
    exports: new ModelExports(means, { models, usage }),
    curves: new Curves(means, { datasets, usage }),
    explanations: new Explanations(means, { models, usage }),
    imports: new ModelImports(means, { models, usage, gate: datasets.gate }),
    endpoints,
    predictions,
    inference: new OpenInference(means, { serving, predictions }),
    usage,
    backups: new Backups(means, VERSION),
    keys: new Keys(means, keys),
    money: new Money(means, keys),
    invoices: new Invoices(means),
    plans: new Plans(means),
    policies: new Policies(means, { models, datasets }),
    prices: means.prices,
    budgets: means.budgets,
    queries: new Queries(means, usage),
    streams: new RunStreams(means, runs, stopping.signal),
    studies,
    studyStreams: new StudyStreams(means, studies, stopping.signal),
    system: new System(means, {
      ...facts,
      startupSeconds: () => state.startupSeconds,
      accepting: () => state.accepting,
      replicas: () => serving.figures(),
    }),
    metricsText: () => metrics.text(),
  };
  const app = await buildApp({
    handlers: makeHandlers(services),
    keys,
    admission: new Admission(means.budgets, means.clock),
    log,
    metrics,
    limits: options.limits,
    version: VERSION,
    console: options.console,
  });
  closing.push(() => app.close());
  const swept = await sweepBlobs(means);
  if (swept > 0) log.info({ swept }, "removed files that nothing refers to");
  const project = await ensureProject(store.db, { name: "default" });
  const url = await listen(app, options);
  const adminKey = await services.keys.createFirst(project.id);
  await serving.start();
  if (options.jobs) await takeJobs(means, options);
  const policyClock = new PolicyClock(means);
  policyClock.start();
  closing.push(() => policyClock.stop());
  store.announce({ url });
  await options.beforeReady({ url, adminKey });
  state.accepting = true;
  state.startupSeconds = (performance.now() - began) / 1000;
  log.info({ url, home: options.home, seconds: state.startupSeconds }, "Massif answers");
  const drain = () => {
    state.accepting = false;
    stopping.abort();
    return closeWithin(app, options.limits.stopMs);
  };
  return { url, adminKey, drain };
}

interface ServingParts {
  readonly models: Models;
  readonly metrics: HttpMetrics;
  readonly cores: number;
  readonly closing: Closing;
}

function makeServing(
  means: Means,
  { models, metrics, cores, closing }: ServingParts,
): { serving: Serving; endpoints: Endpoints; predictions: Predictions } {
  const { log } = means;
  const meter = new Meter(means, (error) => log.error({ err: error }, "usage could not be written and is kept"));
  meter.start();
  closing.push(() => meter.stop());
  const stored = new StorageMeter(means, (error) => log.error({ err: error }, "storage could not be counted yet"));
  stored.start();
  closing.push(() => stored.stop());
  const figures = metrics.serving(() => serving.figures());
  const serving = new Serving(means, {
    cores,
    startReplica: (source, placement) => startReplica(source, { log, placement }),
    onError: (error, message) => log.error({ err: error }, message),
    onBatch: (endpoint, rows) => figures.batch(endpoint, rows),
    onColdStart: (endpoint, seconds) => figures.coldStart(endpoint, seconds),
  });
  closing.push(() => serving.close());
  const held = new ReplicaMeter(
    means,
    () => serving.held(),
    (error) => log.error({ err: error }, "the memory of replicas could not be written and is kept"),
  );
  held.start();
  closing.push(() => held.stop());
  const onRows = (endpoint: string, count: number) => metrics.rows(endpoint, count);
  const predictions = new Predictions(means, { serving, meter, onRows, random: Math.random });
  return { serving, endpoints: new Endpoints(means, serving, models), predictions };
}

/** Requests under way may finish; what still holds a connection after that is cut off. */
async function closeWithin(app: FastifyInstance, ms: number): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), ms);
  try {
    await app.close();
  } finally {
    clearTimeout(late);
  }
}
