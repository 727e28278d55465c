// Whole servers for tests: in this process on a temporary home, or in a process of their own that can be killed.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient, type DatasetVersion } from "@massif/api";
import { type MassifServer, type ServerOptions, startServer } from "../src/main.ts";
import { type Child, startChild } from "./child.ts";
import { databaseEnvironment, databaseOf, dropDatabase, SERVER_URL } from "./databases.ts";
import { newHome } from "./stores.ts";

/** A server of a test. */
export interface TestServer {
  readonly home: string;
  readonly url: string;
  readonly key: string;
  readonly client: Client;
  /** Sends anything, with the admin key unless `headers` say otherwise. */
  send(path: string, request?: RequestInit): Promise<Response>;
  /** Stops it and starts another on the same home. */
  restart(): Promise<void>;
  /** Stops it and deletes the home. */
  destroy(): Promise<void>;
}

/** Starts a server on a new home. */
export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const home = options.home ?? (await newHome());
  const databaseUrl = options.databaseUrl ?? (await databaseOf(home));
  const start = () => startServer({ home, databaseUrl, port: 0, logLevel: "silent", ...options });
  let server: MassifServer = await start();
  const key = server.adminKey ?? "";
  let client = createClient({ url: server.url, key });
  return {
    home,
    key,
    get url() {
      return server.url;
    },
    get client() {
      return client;
    },
    send(path, { headers, ...request } = {}) {
      return fetch(server.url + path, { ...request, headers: { authorization: `Bearer ${key}`, ...headers } });
    },
    async restart() {
      await server.stop();
      server = await start();
      client = createClient({ url: server.url, key });
    },
    async destroy() {
      await server.stop();
      rmSync(join(home, ".."), { recursive: true, force: true });
      if (options.databaseUrl === undefined) await dropDatabase(databaseUrl);
    },
  };
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: Child;
  readonly pid: number;
  readonly url: string;
  readonly adminKey: string | undefined;
  client(key: string): Client;
}

/** Starts a server in a process of its own and waits until it answers. */
export async function startServerProcess(home: string, options: Partial<ServerOptions> = {}): Promise<ServerProcess> {
  const args = [home, JSON.stringify(options)];
  const child = startChild(import.meta.url, "./server-process.mjs", args, await databaseEnvironment(home));
  const { url, adminKey } = JSON.parse((await child.line(/^\{"url"/)) as string) as { url: string; adminKey?: string };
  return { child, pid: child.process.pid as number, url, adminKey, client: (key) => createClient({ url, key }) };
}

/** The bytes of one of the example files. */
export function exampleFile(name: string): Uint8Array {
  return readFileSync(fileURLToPath(new URL(`../../../examples/data/${name}`, import.meta.url)));
}

/** Uploads a file and waits until its import has ended. */
export async function importAndWait(
  client: Client,
  { name, file, filename = `${name}.csv` }: { name: string; file: Uint8Array; filename?: string },
): Promise<DatasetVersion> {
  const { version } = await client.importDataset({ query: { name, filename }, file });
  return until(async () => {
    const found = await client.getDatasetVersion({ params: { name, version } });
    return found.status === "importing" ? undefined : found;
  });
}

/** Trains one estimator and waits until the run is over. */
export async function trainAndWait(
  client: Client,
  body: Parameters<Client["createRun"]>[0]["body"],
): Promise<Awaited<ReturnType<Client["getRun"]>>> {
  const { id } = await client.createRun({ body });
  return until(async () => {
    const run = await client.getRun({ params: { id } });
    return run.finishedAt === null ? undefined : run;
  });
}

/** On a server, the work of a killed process is given back when it was not heard of for a while. */
const PATIENCE_SECONDS = SERVER_URL === undefined ? 40 : 120;

/** Asks again and again until there is an answer; rejects after `seconds`. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  seconds = PATIENCE_SECONDS,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`nothing came within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether a process is there, zombies not counted. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
