// What services are given to work with. Each service takes the parts it needs; `main.ts` makes them all.
import type { Logger } from "pino";
import type { Blobs } from "../blobs/blobs.ts";
import type { Queue } from "../queue/queue.ts";
import type { RankLauncher } from "../runtime/ranks/rank-protocol.ts";
import type { Supervisor } from "../runtime/supervisor.ts";
import type { Store } from "../store/database.ts";
import type { Budgets } from "./budgets.ts";
import type { EventBell } from "./event-bell.ts";
import type { JobKinds } from "./job-kinds.ts";
import type { Prices } from "./prices.ts";

/** The means shared by services. */
export interface Means {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly queue: Queue<JobKinds>;
  readonly tasks: Supervisor;
  /** Rings when something was appended to a run's events. */
  readonly bell: EventBell;
  readonly prices: Prices;
  /** Names `prices` among all price tables that were ever in force. */
  readonly priceId: string;
  readonly budgets: Budgets;
  /** How ranks are started here. */
  readonly launcher: RankLauncher;
  /** Where trainings leave what another attempt goes on from, and how often. */
  readonly checkpoints: { readonly folder: string; readonly everyMs: number };
  /** A folder for files that need not outlive the process. */
  readonly scratch: string;
  readonly limits: ServiceLimits;
  readonly log: Logger;
  /** Now, in milliseconds since 1970. */
  readonly clock: () => number;
}

/** Limits that the product sets, whatever the door. */
export interface ServiceLimits {
  /** Most bytes of an uploaded file. */
  readonly uploadBytes: number;
  /** Longest time of one query. */
  readonly sqlMs: number;
  /** Longest time of one training attempt. */
  readonly trainMs: number;
  /** Most rows of one predict request. */
  readonly predictRows: number;
}
