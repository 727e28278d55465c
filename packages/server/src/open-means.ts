// Opens what a process of Massif works with, and has it take work from the queue: what `massif up` and `massif worker`
// share. It knows no HTTP.
import { mkdir } from "node:fs/promises";
import type { Logger } from "pino";
import type { Blobs } from "./blobs/blobs.ts";
import { openBlobs } from "./blobs/folder-blobs.ts";
import { claimFolder } from "./blobs/folder-mark.ts";
import { registerJobs } from "./jobs/register-jobs.ts";
import type { ResolvedOptions } from "./options.ts";
import { openQueue } from "./queue/boss-queue.ts";
import { Supervisor } from "./runtime/supervisor.ts";
import { openScratch } from "./scratch.ts";
import { Budgets } from "./services/budgets.ts";
import { Datasets } from "./services/datasets.ts";
import { EventBell } from "./services/event-bell.ts";
import { JOB_POLICIES, type JobKinds } from "./services/job-kinds.ts";
import type { Means } from "./services/means.ts";
import { Plans } from "./services/plans.ts";
import { Training } from "./services/training.ts";
import { UsageLog } from "./services/usage-log.ts";
import { anyUsedBlob } from "./store/blob-references.ts";
import { openStore, type Store } from "./store/database.ts";
import { prepareHome } from "./store/home.ts";
import { instanceId } from "./store/instance.ts";
import { ensurePrices } from "./store/prices.ts";

/** What must be closed, in the order in which it was opened. */
export type Closing = (() => Promise<unknown>)[];

/** Opens everything; what was opened is in `closing`, also when a later part fails. */
export async function openMeans(
  options: ResolvedOptions,
  { role, log, closing }: { role: "server" | "worker"; log: Logger; closing: Closing },
): Promise<Means> {
  const { home, databaseUrl, limits, prices, cores, taskMemoryMb, launcher } = options;
  const paths = prepareHome(home);
  const onLost = (error: unknown) => log.warn({ err: error }, "a connection to the database broke and is made again");
  const store = await openStore(databaseUrl === undefined ? { home } : { databaseUrl, onError: onLost });
  closing.push(() => store.close());
  const scratch = await openScratch(paths.root);
  closing.push(() => scratch.close());
  const blobs = await openBlobs(paths.blobs, { exclusive: store.kind === "embedded" });
  await claimFolder(paths.blobs, { id: await instanceId(store.db), missing: () => missingBlob(store, blobs) });
  const onError = (error: unknown) => log.error({ err: error }, "the queue's upkeep failed and is tried again");
  const queue = openQueue<JobKinds>(store, { kinds: JOB_POLICIES, name: role, onError });
  const tasks = new Supervisor({ cores, memoryMb: taskMemoryMb, queries: 2 });
  closing.push(() => tasks.stop());
  await queue.start();
  closing.push(() => queue.stop());
  const bell = openBell(store);
  const clock = Date.now;
  const { id: priceId } = await ensurePrices(store.db, { ...prices });
  const budgets = new Budgets({ store, prices, clock });
  await mkdir(paths.checkpoints, { recursive: true, mode: 0o700 });
  const checkpoints = { folder: paths.checkpoints, everyMs: options.checkpointMs };
  return {
    ...{ store, blobs, queue, tasks, bell, prices, priceId, budgets, launcher, checkpoints, limits, log, clock },
    scratch: scratch.path,
  };
}

/** Has this process do jobs; the same in a server and in a worker. */
export async function takeJobs(means: Means, { cores }: { cores: number }): Promise<void> {
  const usage = new UsageLog(means);
  const datasets = new Datasets(means);
  const training = new Training(means, usage);
  const plans = new Plans(means);
  await registerJobs(means.queue, { means, datasets, usage, training, plans, cores });
}

// Internal

async function missingBlob(store: Store, blobs: Blobs): Promise<string | undefined> {
  const hash = await anyUsedBlob(store.db);
  return hash === undefined || (await blobs.has(hash)) ? undefined : hash;
}

/** On a shared database, the bell also rings in the other processes, and theirs here. */
function openBell({ kind, db, changes }: Store): EventBell {
  if (kind === "embedded") return new EventBell();
  // The stream looks every second by itself, so a bell that could not be heard only makes it slower.
  const bell = new EventBell((topic) => changes.announce(db, { kind: "topic", id: topic }).catch(() => undefined));
  changes.onChange((change) => {
    if (change.kind === "topic" && !change.own) bell.hear(change.id);
  });
  return bell;
}
