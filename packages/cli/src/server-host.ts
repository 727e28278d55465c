// The one file that knows the server's package: servers and workers in this process, and what is done to a home without
// one. The package is loaded only when one of these is asked for; all other commands talk to a server.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApiError, createClient } from "@massif/api";
import type { BackupSummary, MassifWorker, ReadOptions, RestoreOptions, WorkerOptions } from "@massif/server";
import type { Connection } from "./connection.ts";
import { consoleFolder } from "./console-folder.ts";
import { readCredentials, writeCredentials } from "./home-files.ts";
import { readPrices } from "./price-file.ts";

export type { BackupSummary, MassifWorker } from "@massif/server";

/** Where a server listens unless told otherwise. */
export const DEFAULT_PORT = 7331;

export interface LocalServer extends Connection {
  readonly home: string;
  /** The admin key, at the first start only. */
  readonly newKey: string | undefined;
  stop(): Promise<void>;
}

export interface LocalOptions {
  readonly home: string;
  readonly port: number;
  readonly host?: string;
  /** A PostgreSQL address; default: the embedded database in the home folder. */
  readonly databaseUrl?: string;
  /** A JSON file with prices that differ from the defaults. */
  readonly prices?: string;
  /** Cores that trainings and imports may use, and the memory of each in MB; default: by the machine. */
  readonly cores?: number;
  readonly taskMemoryMb?: number;
  /** False: leaves trainings, trials and imports to workers. */
  readonly jobs?: boolean;
  /** Of the server's log on standard error. Default "warn". */
  readonly logLevel?: "silent" | "error" | "warn" | "info";
}

/** Starts a server on a home folder and leaves its address and key there for other commands. */
export async function startLocal(options: LocalOptions): Promise<LocalServer> {
  // Loaded only here: no other command needs it.
  const { startServer } = await import("@massif/server");
  const { home, port, host, databaseUrl, cores, taskMemoryMb, jobs, logLevel = "warn" } = options;
  const prices = options.prices === undefined ? undefined : await readPrices(options.prices);
  let key: string | undefined;
  // Before the server says that it is ready: who waits for that finds the address and the key.
  const beforeReady = async (ready: { readonly url: string; readonly adminKey: string | undefined }) => {
    key = ready.adminKey ?? (await readCredentials(home))?.key;
    if (key !== undefined) await writeCredentials(home, { url: ready.url, key });
  };
  const server = await startServer({
    home,
    port,
    host,
    databaseUrl,
    cores,
    taskMemoryMb,
    jobs,
    logLevel,
    prices,
    console: consoleFolder(),
    beforeReady,
  });
  const { url, adminKey } = server;
  return { client: createClient({ url, key }), url, key, home, newKey: adminKey, stop: () => server.stop() };
}

/** Starts a server on the port, or on a free one when nobody asked for this port and it is taken. */
export async function startLocalAnywhere(options: Omit<LocalOptions, "port"> & { readonly port?: number }) {
  try {
    return await startLocal({ ...options, port: options.port ?? DEFAULT_PORT });
  } catch (error) {
    const taken = error instanceof ApiError && error.code === "PORT_IN_USE";
    if (!taken || options.port !== undefined) throw error;
    return startLocal({ ...options, port: 0 });
  }
}

/** Starts a server on a folder of its own, which goes away with it. */
export async function startTemporary(): Promise<LocalServer> {
  const home = await mkdtemp(path.join(os.tmpdir(), "massif-"));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const server = await startLocal({ home, port: 0 });
    const stop = async () => {
      await server.stop();
      await remove();
    };
    return { ...server, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Starts a worker on the database and the home that servers share. */
export async function startWorker(options: WorkerOptions): Promise<MassifWorker> {
  return (await import("@massif/server")).startWorker(options);
}

/** Reads a backup and checks every hash in it. */
export async function verifyBackup(file: string, options: ReadOptions): Promise<BackupSummary> {
  return (await import("@massif/server")).verifyBackup(file, options);
}

/** Fills an empty home from a backup. */
export async function restoreBackup(options: RestoreOptions): Promise<BackupSummary> {
  return (await import("@massif/server")).restoreBackup(options);
}
