// `npm run test:postgres`: the tests of the server and the command line on a real PostgreSQL. The server is the one that
// MASSIF_TEST_POSTGRES_URL (or DATABASE_URL) names, whose user may create databases, else a throw-away one from the
// programs on this machine, which are installed from Debian's packages when they are absent and this user may do that.
// Arguments go to vitest: `npm run test:postgres -- whole-path`.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Client } from "pg";
import { openQueue } from "../packages/server/src/queue/boss-queue.ts";
import { openStore } from "../packages/server/src/store/database.ts";
import { type Cluster, findPostgres, NoPostgres, startCluster } from "../packages/server/test/postgres/cluster.ts";

const root = path.join(import.meta.dirname, "..");
const given = process.env.MASSIF_TEST_POSTGRES_URL || process.env.DATABASE_URL;
const template = `massif_test_${randomBytes(4).toString("hex")}`;

const HOW =
  "Install it (Debian: apt-get install postgresql), or name a server whose user may create databases:\n" +
  "  MASSIF_TEST_POSTGRES_URL=postgres://user@host/postgres npm run test:postgres";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => abort.abort());

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof NoPostgres)) throw error;
  console.error(`${error.message}\n${HOW}`);
  process.exitCode = 1;
}

// Internal

async function main(): Promise<number> {
  if (given !== undefined) return withServer(given);
  if (findPostgres() === undefined) installPostgres();
  const cluster: Cluster = await startCluster();
  try {
    return await withServer(cluster.url);
  } finally {
    await cluster.stop();
  }
}

async function withServer(url: string): Promise<number> {
  try {
    await makeTemplate(url);
    return await runTests(url);
  } finally {
    await dropDatabases(url);
  }
}

/** All tables and the queue's, once; every test's database is a copy. */
async function makeTemplate(url: string): Promise<void> {
  await onServer(url, `create database ${template}`);
  const databaseUrl = Object.assign(new URL(url), { pathname: `/${template}` }).href;
  const store = await openStore({ databaseUrl });
  const queue = openQueue(store, { kinds: {} });
  await queue.start();
  await queue.stop();
  await store.close();
}

function runTests(url: string): Promise<number> {
  const { DATABASE_URL: _, ...environment } = process.env;
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const config = ["--config", path.join(root, "vitest.postgres.config.ts")];
  const child = spawn(process.execPath, [vitest, "run", ...config, ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
    env: { ...environment, MASSIF_TEST_POSTGRES_URL: url, MASSIF_TEST_POSTGRES_TEMPLATE: template },
  });
  abort.signal.addEventListener("abort", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 130));
  });
}

async function dropDatabases(url: string): Promise<void> {
  const left = await onServer(url, `select datname as name from pg_database where datname like '${template}%'`);
  for (const { name } of left) await onServer(url, `drop database if exists ${name} with (force)`);
}

async function onServer(url: string, statement: string): Promise<{ name: string }[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

function installPostgres(): void {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) throw new NoPostgres("PostgreSQL was not found.");
  // Debian would start a server of its own on the usual port.
  mkdirSync("/etc/postgresql-common", { recursive: true });
  writeFileSync("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n", { flag: "a" });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...args: string[]) => execFileSync("apt-get", args, { stdio: "inherit", env });
  run("update", "-qq");
  run("install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "postgresql");
}
