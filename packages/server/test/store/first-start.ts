// The sweep over kills during a first start, shared by the quick and the slow test.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { openStore } from "../../src/store/database.ts";
import { ensureProject, listProjects } from "../../src/store/projects.ts";
import { startChild } from "../child.ts";
import { temporaryFolder } from "../stores.ts";

/** Lets a first start die at its nth flush (it has about a thousand) and checks that the home opens afterwards. */
export async function surviveDeathAtFlush(n: number): Promise<void> {
  await survive(async (home) => {
    await startChild(import.meta.url, "./home-process.ts", ["die-at", home, String(n)]).exit();
  });
}

/** Lets a first start die at its first flush after the new database got its name. */
export async function surviveDeathAfterRename(): Promise<void> {
  await survive(async (home) => {
    await startChild(import.meta.url, "./home-process.ts", ["die-renamed", home]).exit();
  });
}

/** Lets a first start die once a path inside the home appears. */
export async function surviveDeathWhenSeen(path: string): Promise<void> {
  await survive(async (home) => {
    const child = startChild(import.meta.url, "./home-process.ts", ["open", home]);
    while (!existsSync(join(home, path)) && child.process.exitCode === null) await new Promise(setImmediate);
    await child.kill();
  });
}

/** Lets a first start die after some milliseconds. */
export async function surviveDeathAfter(milliseconds: number): Promise<void> {
  await survive(async (home) => {
    const child = startChild(import.meta.url, "./home-process.ts", ["open", home]);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await child.kill();
  });
}

async function survive(die: (home: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  try {
    await die(home);
    const store = await openStore({ home, maintenanceInterval: 0 });
    const project = await ensureProject(store.db, { name: "after" });
    expect((await listProjects(store.db)).map(({ id }) => id)).toEqual([project.id]);
    expect(existsSync(join(home, "database.tmp"))).toBe(false);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
