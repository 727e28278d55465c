// A process that does the queue's work and answers nobody: trainings, trials and imports of a database that it shares
// with servers and other workers. Its death gives its jobs to the others.
import { createServer, type Server } from "node:http";
import { ApiError } from "@massif/api";
import pino from "pino";
import { type Closing, openMeans, takeJobs } from "./open-means.ts";
import { launcherFrom, resolveOptions, type ServerOptions } from "./options.ts";
import { toApiError } from "./services/failures.ts";

/** Options of `startWorker`. */
export type WorkerOptions = Pick<ServerOptions, "home" | "databaseUrl" | "cores" | "taskMemoryMb" | "logLevel"> & {
  /** Answers `GET /healthz` here; default: listens nowhere. */
  readonly healthPort?: number;
  /** Default 127.0.0.1. */
  readonly healthHost?: string;
};

/** A running worker. */
export interface MassifWorker {
  readonly cores: number;
  /** Where it tells that it lives, when it was given a port. */
  readonly healthUrl: string | undefined;
  /** Gives running work back to the queue and closes everything. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a worker. Throws ApiError: NOT_SHARED, DATABASE_UNREACHABLE, HOME_FOREIGN, HOME_NOT_WRITABLE. */
export async function startWorker(given: WorkerOptions): Promise<MassifWorker> {
  const options = resolveOptions({
    databaseUrl: process.env.DATABASE_URL || undefined,
    launcher: launcherFrom(process.env),
    ...given,
  });
  if (options.databaseUrl === undefined) {
    throw new ApiError("NOT_SHARED", `the home ${options.home} is embedded, so only its server can work on its queue`);
  }
  const log = pino({ level: options.logLevel, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  const closing: Closing = [];
  const stop = async () => {
    for (const close of closing.reverse()) await close();
  };
  try {
    const means = await openMeans(options, { role: "worker", log, closing });
    const healthUrl = given.healthPort === undefined ? undefined : await answerHealth(given, closing);
    await takeJobs(means, options);
    log.info({ cores: options.cores, home: options.home }, "the worker takes jobs");
    let stopped: Promise<void> | undefined;
    return { cores: options.cores, healthUrl, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await stop();
    throw toApiError(error) ?? error;
  }
}

// Internal

async function answerHealth(
  { healthPort, healthHost = "127.0.0.1" }: WorkerOptions,
  closing: Closing,
): Promise<string> {
  const server = createServer((request, response) => {
    const known = request.method === "GET" && request.url === "/healthz";
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(known ? { status: "ok", checks: [] } : { error: { code: "NOT_FOUND" } }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(inUse(error, healthPort)));
    server.listen(healthPort, healthHost, resolve);
  });
  closing.push(() => new Promise<void>((resolve) => void closeNow(server, resolve)));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : healthPort;
  return `http://${healthHost}:${port}/healthz`;
}

function closeNow(server: Server, done: () => void): void {
  server.close(() => done());
  server.closeAllConnections();
}

function inUse(error: Error, port: number | undefined): Error {
  const taken = "code" in error && error.code === "EADDRINUSE";
  return taken ? new ApiError("PORT_IN_USE", `port ${port} is in use by another program`, { cause: error }) : error;
}
