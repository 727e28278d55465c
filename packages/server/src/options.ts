// What may be given to the server, and what it reads: resolved once, then frozen.
import { availableParallelism, totalmem } from "node:os";
import type { RankLauncher } from "./runtime/ranks/rank-protocol.ts";
import { DEFAULT_PRICES, type Prices } from "./services/prices.ts";

/** Options of `startServer`; each has a default. */
export interface ServerOptions {
  /** The folder that holds everything. */
  readonly home: string;
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** A PostgreSQL server instead of the embedded database. */
  readonly databaseUrl?: string;
  /** Cores that trainings, imports and the like may use. */
  readonly cores?: number;
  /** Memory of one training or import in MB. */
  readonly taskMemoryMb?: number;
  /** Whether this process takes trainings, trials and imports itself, or leaves them to workers. Default true. */
  readonly jobs?: boolean;
  readonly limits?: Partial<Limits>;
  /** The folder of the built web console; without it, `/` says that there is none. */
  readonly console?: string;
  /** How ranks of a training are started; default: `mpirun` of the path. */
  readonly launcher?: Partial<RankLauncher>;
  /** Milliseconds from one checkpoint of a training to the next. */
  readonly checkpointMs?: number;
  readonly logLevel?: "silent" | "error" | "warn" | "info" | "debug";
  readonly prices?: Partial<Prices>;
  /** Called when the server listens and before it says that it is ready, with the key that the first start made. */
  readonly beforeReady?: (server: { readonly url: string; readonly adminKey: string | undefined }) => Promise<void>;
}

/** Limits of what comes in and of what is done with it. */
export interface Limits {
  /** Most bytes of a JSON body. */
  readonly bodyBytes: number;
  /** Most bytes of an uploaded file. */
  readonly uploadBytes: number;
  /** Most rows of one predict request. */
  readonly predictRows: number;
  /** Milliseconds a JSON body may take to arrive. */
  readonly bodyMs: number;
  /** Milliseconds a connection may say nothing. */
  readonly idleMs: number;
  /** Milliseconds of one query. */
  readonly sqlMs: number;
  /** Milliseconds of one training attempt. */
  readonly trainMs: number;
  /** Milliseconds that requests under way get when the server stops. */
  readonly stopMs: number;
}

export type ResolvedOptions = Required<
  Omit<ServerOptions, "console" | "databaseUrl" | "launcher" | "limits" | "prices">
> & {
  readonly launcher: RankLauncher;
  readonly console: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly limits: Limits;
  readonly prices: Prices;
};

const DEFAULT_LIMITS: Limits = {
  bodyBytes: 8 * 1024 * 1024,
  uploadBytes: 10 * 1024 ** 3,
  predictRows: 100_000,
  bodyMs: 30_000,
  idleMs: 60_000,
  sqlMs: 30_000,
  trainMs: 12 * 3600_000,
  stopMs: 10_000,
};

/** What is lost when a trainer dies; a checkpoint costs milliseconds. */
const CHECKPOINT_MS = 5000;

/** How ranks are started, by variables of the environment. */
export function launcherFrom(environment: Readonly<Record<string, string | undefined>>): Partial<RankLauncher> {
  const { MASSIF_MPIRUN: mpirun, MASSIF_MPIRUN_ARGS: args, MASSIF_MPI_LIBRARY: library } = environment;
  return {
    ...(mpirun ? { mpirun } : {}),
    ...(args ? { args: args.split(/\s+/).filter((arg) => arg !== "") } : {}),
    ...(library ? { library } : {}),
  };
}

/** Share of the machine's memory that all tasks together may use. */
const TASKS_SHARE = 0.7;

/** Fills in the defaults. */
export function resolveOptions(given: ServerOptions): ResolvedOptions {
  const cores = given.cores ?? availableParallelism();
  return Object.freeze({
    home: given.home,
    host: given.host ?? "127.0.0.1",
    port: given.port ?? 7331,
    databaseUrl: given.databaseUrl,
    console: given.console,
    cores,
    taskMemoryMb: given.taskMemoryMb ?? Math.floor(((totalmem() / 1e6) * TASKS_SHARE) / cores),
    jobs: given.jobs ?? true,
    limits: Object.freeze({ ...DEFAULT_LIMITS, ...given.limits }),
    launcher: Object.freeze({ mpirun: "mpirun", args: [], ...given.launcher }),
    checkpointMs: given.checkpointMs ?? CHECKPOINT_MS,
    logLevel: given.logLevel ?? "info",
    beforeReady: given.beforeReady ?? (async () => undefined),
    prices: Object.freeze({ ...DEFAULT_PRICES, ...given.prices }),
  });
}
