// The seam between the tests and the engine: on the embedded one a home is all there is; on PostgreSQL (the suite that
// `npm run test:postgres` runs) each home has a database of its own, copied from one with all tables.
import { createHash, randomBytes } from "node:crypto";
import { Client } from "pg";

/** A PostgreSQL server on which databases may be created; undefined when the tests run embedded. */
export const SERVER_URL = process.env.MASSIF_TEST_POSTGRES_URL;

/** A database with all tables, on which nobody works; what every test's database begins as. */
const TEMPLATE = process.env.MASSIF_TEST_POSTGRES_TEMPLATE ?? "template1";

/** The address of the database that belongs to a home, made at the first call; undefined on the embedded engine. */
export async function databaseOf(home: string): Promise<string | undefined> {
  if (SERVER_URL === undefined) return undefined;
  const name = databaseName(createHash("sha256").update(home).digest("hex").slice(0, 16));
  await createUnlessThere(name, TEMPLATE);
  return addressOf(name);
}

/** What a process that uses `home` must have in its environment. */
export async function databaseEnvironment(home: string): Promise<NodeJS.ProcessEnv> {
  const url = await databaseOf(home);
  return url === undefined ? {} : { DATABASE_URL: url };
}

/** Creates a database with nothing in it and returns its address. */
export async function createDatabase(): Promise<string> {
  const name = databaseName(randomBytes(8).toString("hex"));
  await createUnlessThere(name, "template1");
  return addressOf(name);
}

/** Drops a database of the test server, cutting its connections. */
export async function dropDatabase(url: string | undefined): Promise<void> {
  if (url !== undefined) await onServer(`drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
}

// Internal

const DUPLICATE_DATABASE = "42P04";

/** All databases of one run of the suite begin alike, so that its end can drop what a test left. */
function databaseName(suffix: string): string {
  return `${TEMPLATE === "template1" ? "massif_test" : TEMPLATE}_${suffix}`;
}

function addressOf(name: string): string {
  const url = new URL(SERVER_URL as string);
  url.pathname = `/${name}`;
  return url.href;
}

async function createUnlessThere(name: string, template: string): Promise<void> {
  try {
    await onServer(`create database ${name} template ${template}`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== DUPLICATE_DATABASE) throw error;
  }
}

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: SERVER_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
