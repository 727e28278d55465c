import { afterEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../../src/store/database.ts";
import { ensureProject, listProjects } from "../../src/store/projects.ts";
import { startChild } from "../child.ts";
import { createDatabase, dropDatabase } from "../databases.ts";
import { ENGINES, openTestStore, type TestStore } from "../stores.ts";

let open: TestStore | undefined;

afterEach(async () => {
  await open?.destroy();
  open = undefined;
});

describe.each(ENGINES)("migrations on %s", (engine) => {
  it("run again at the next start without changing anything", async () => {
    open = await openTestStore(engine);
    const project = await ensureProject(open.store.db, { name: "kept" });
    await open.store.close();
    expect(await listProjects((await open.reopen()).db)).toEqual([project]);
  });

  it("refuse a database of a newer version and name its migration", async () => {
    open = await openTestStore(engine);
    const untyped = open.store.db as unknown as import("kysely").Kysely<Record<string, Record<string, string>>>;
    await untyped.insertInto("kysely_migration").values({ name: "9999-later", timestamp: "2030-01-01" }).execute();
    await open.store.close();
    await expect(open.reopen()).rejects.toMatchObject({
      code: "DATABASE_NEWER",
      message: expect.stringContaining("9999-later"),
    });
  });
});

describe.runIf(ENGINES.includes("postgres"))("migrations on a server", () => {
  it("run once when several processes start together", async () => {
    const databaseUrl = await createDatabase();
    try {
      const children = [1, 2, 3].map(() => startChild(import.meta.url, "./server-process.ts", [databaseUrl]));
      const here: Promise<Store>[] = [openStore({ databaseUrl }), openStore({ databaseUrl })];
      for (const store of await Promise.all(here)) await store.close();
      for (const child of children) {
        await child.line(/^open$/);
        expect(await child.exit()).toBe(0);
      }
    } finally {
      await dropDatabase(databaseUrl);
    }
  });
});

describe("a server that does not answer", () => {
  it("is reported as unreachable, with what to check", async () => {
    await expect(openStore({ databaseUrl: "postgres://massif@127.0.0.1:1/massif" })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: expect.stringContaining("DATABASE_URL"),
    });
    await expect(openStore({ databaseUrl: "mysql://localhost" })).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
    });
  });
});
