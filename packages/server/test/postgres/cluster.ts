// A throw-away PostgreSQL server for tests: its own folder, a free port, no flushing. It cannot outlive its maker: a
// shell holds it and stops it as soon as the maker's end of a pipe closes, whatever the maker died of.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

/** A running server of our own. */
export interface Cluster {
  /** Of a superuser; names the database `postgres`. */
  readonly url: string;
  /** Stops the server and keeps its data: every connection breaks, new ones are refused. */
  pause(): Promise<void>;
  /** Starts it again on the same port. */
  resume(): Promise<void>;
  /** Stops it and deletes its data. */
  stop(): Promise<void>;
}

/** What is missing for a server of our own, in words that say the cure. */
export class NoPostgres extends Error {
  override readonly name = "NoPostgres";
}

/** Where PostgreSQL's server programs are: the newest of Debian's folders, else the folder of the `initdb` on the path. */
export function findPostgres(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** Starts a server; throws NoPostgres when the programs, or the user to run them as, are missing. */
export async function startCluster(): Promise<Cluster> {
  const programs = findPostgres();
  if (programs === undefined) throw new NoPostgres("PostgreSQL's server programs (initdb, postgres) were not found.");
  const folder = mkdtempSync(join(tmpdir(), "massif-postgres-"));
  const user = serverUser(folder);
  const data = join(folder, "data");
  execFileSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "massif", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
    { stdio: ["ignore", "ignore", "inherit"], cwd: folder, ...user },
  );
  const port = await freePort();
  const url = `postgres://massif@127.0.0.1:${port}/postgres`;
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: folder, max_connections: 300, ...FAST };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let guard: ChildProcess | undefined;
  const resume = async () => {
    if (guard !== undefined) return;
    const command = [join(programs, "postgres"), "-D", data, "-p", String(port), ...options];
    guard = spawn("sh", ["-c", GUARD, "postgres-guard", ...command], {
      // Not in our process group: Ctrl-C is ours, and what it stops is stopped in order.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: folder,
      ...user,
    });
    await answers(url, guard);
  };
  const pause = async () => {
    const ended = guard;
    guard = undefined;
    if (ended === undefined || ended.exitCode !== null) return;
    ended.stdin?.end();
    await once(ended, "close");
  };
  const stop = async () => {
    await pause();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await resume();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pause, resume, stop };
}

// Internal

/** A test's data need not survive the machine. */
const FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
/** SIGINT is PostgreSQL's fast shutdown: connections are cut, not waited for. */
const GUARD = '"$@" </dev/null >/dev/null 2>&1 & server=$!; cat >/dev/null; kill -INT $server; wait $server';
const START_SECONDS = 60;

/** PostgreSQL refuses to run as root, so it then runs as the user that its package made. */
function serverUser(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => {
    try {
      return Number(execFileSync("id", [flag, "postgres"], { stdio: ["ignore", "pipe", "ignore"] }));
    } catch (error) {
      throw new NoPostgres("There is no user `postgres` to run the server as, and it refuses to run as root.", {
        cause: error,
      });
    }
  };
  const user = { uid: id("-u"), gid: id("-g") };
  chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  return user;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function answers(url: string, guard: ChildProcess): Promise<void> {
  for (const end = Date.now() + START_SECONDS * 1000; ; ) {
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (guard.exitCode !== null || Date.now() > end) {
        throw new Error(`PostgreSQL did not start within ${START_SECONDS} s`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
