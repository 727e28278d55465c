// Stores for tests: real ones, started from a template home (0.5 s instead of 4 s), and the same tests on a
// PostgreSQL server in the suite that `npm run test:postgres` runs.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openQueue } from "../src/queue/boss-queue.ts";
import { openStore, type Store } from "../src/store/database.ts";
import { createDatabase, dropDatabase, SERVER_URL } from "./databases.ts";

/** A store of a test, with what it takes to open the same one again. */
export interface TestStore {
  store: Store;
  /** Opens it once more, after `store.close()`. */
  reopen(): Promise<Store>;
  /** Closes what is open and deletes it. */
  destroy(): Promise<void>;
}

/** The engine that is tested. */
export const ENGINE: Store["kind"] = SERVER_URL === undefined ? "embedded" : "postgres";

/** The engines on which every test of the store and the queue runs. */
export const ENGINES: readonly Store["kind"][] = [ENGINE];

/** A new folder for one test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "massif-test-"));
}

/** A new home, already initialised. */
export async function templateHome(): Promise<string> {
  const template = await ensureTemplate();
  const home = join(temporaryFolder(), "home");
  cpSync(template, home, { recursive: true });
  return home;
}

/** A new home for a server of the engine that is tested: initialised, or, on PostgreSQL, just a folder. */
export async function newHome(): Promise<string> {
  if (ENGINE === "embedded") return templateHome();
  const home = join(temporaryFolder(), "home");
  mkdirSync(home);
  return home;
}

/** An empty store on the given engine. */
export async function openTestStore(kind: Store["kind"]): Promise<TestStore> {
  return kind === "embedded" ? openEmbedded(await templateHome()) : openOnServer(await createDatabase());
}

// Internal

async function openEmbedded(home: string): Promise<TestStore> {
  const opened: Store[] = [];
  const reopen = async () => {
    const store = await openStore({ home, maintenanceInterval: 0 });
    opened.push(store);
    return store;
  };
  const destroy = async () => {
    for (const store of opened) await store.close();
    rmSync(join(home, ".."), { recursive: true, force: true });
  };
  return { store: await reopen(), reopen, destroy };
}

async function openOnServer(databaseUrl: string): Promise<TestStore> {
  const opened: Store[] = [];
  const reopen = async () => {
    const store = await openStore({ databaseUrl });
    opened.push(store);
    return store;
  };
  const destroy = async () => {
    for (const store of opened) await store.close();
    await dropDatabase(databaseUrl);
  };
  return { store: await reopen(), reopen, destroy };
}

/** Made once per set of migrations; the rename lets test processes that start together make it side by side. */
async function ensureTemplate(): Promise<string> {
  const cache = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));
  const template = join(cache, `massif-home-${templateHash()}`);
  if (existsSync(template)) return template;
  const draft = `${template}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  const store = await openStore({ home: draft, maintenanceInterval: 0 });
  const queue = openQueue(store, { kinds: {} });
  await queue.start();
  await queue.stop();
  await store.close();
  try {
    renameSync(draft, template);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(template)) throw error;
  }
  return template;
}

function templateHash(): string {
  const hash = createHash("sha256");
  const migrations = fileURLToPath(new URL("../src/store/migrations/", import.meta.url));
  for (const name of readdirSync(migrations).sort()) hash.update(readFileSync(join(migrations, name)));
  const dependencies = readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8");
  return hash.update(dependencies).digest("hex").slice(0, 16);
}
