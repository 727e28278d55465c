import { randomBytes } from "node:crypto";
import { cpSync, fsyncSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { insertAudit, listAudit } from "../../src/store/audit.ts";
import { openStore, type Store } from "../../src/store/database.ts";
import type { StoreError } from "../../src/store/errors.ts";
import { homePaths } from "../../src/store/home.ts";
import { insertProject, listProjects } from "../../src/store/projects.ts";
import { startChild } from "../child.ts";
import { smallDisk } from "../small-disk.ts";
import { templateHome } from "../stores.ts";

let home: string;
let opened: Store[];

beforeEach(async () => {
  home = await templateHome();
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store.close();
  rmSync(join(home, ".."), { recursive: true, force: true });
});

async function open(options: Partial<Parameters<typeof openStore>[0]> = {}): Promise<Store> {
  const store = await openStore({ home, maintenanceInterval: 0, ...options });
  opened.push(store);
  return store;
}

function embedded(store: Store) {
  if (store.connection.kind !== "embedded") throw new Error("not embedded");
  return store.connection.database;
}

describe("the embedded database", () => {
  it("has every acknowledged row after kill -9 in the middle of inserts", async () => {
    const child = startChild(import.meta.url, "./home-process.ts", ["insert", home]);
    await child.line(/^row 150$/);
    await child.kill();
    const acknowledged = child.lines.filter((line) => line.startsWith("row "));
    const names = new Set((await listProjects((await open()).db)).map(({ name }) => name));
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    // The one that was under way may or may not be there; nothing else can be.
    expect(names.size - acknowledged.length).toBeLessThanOrEqual(1);
  });

  it("refuses a second process and leaves the first one unharmed", async () => {
    const store = await open();
    await insertProject(store.db, { name: "before" });
    const second = startChild(import.meta.url, "./home-process.ts", ["open", home]);
    expect(await second.line(/^(open|refused)/)).toMatch(/^refused HOME_LOCKED: .*process \d+/);
    expect(await second.exit()).toBe(0);
    await insertProject(store.db, { name: "after" });
    await store.close();
    expect((await listProjects((await open()).db)).map(({ name }) => name)).toEqual(["before", "after"]);
  });

  it("flushes each commit to the disk before it is acknowledged", async () => {
    let flushes = 0;
    const sync = (fd: number) => {
      flushes++;
      fsyncSync(fd);
    };
    const store = await open({ sync });
    for (let i = 0; i < 20; i++) {
      const before = flushes;
      await insertProject(store.db, { name: `row ${i}` });
      expect(flushes).toBeGreaterThan(before);
    }
  });

  it("does not acknowledge a commit whose flush failed, says that the engine is dead, and recovers at the next start", async () => {
    let failing = false;
    const fatal: StoreError[] = [];
    const sync = (fd: number) => {
      if (failing) throw Object.assign(new Error("the disk is gone"), { code: "EIO" });
      fsyncSync(fd);
    };
    const store = await open({ sync, onFatal: (error) => fatal.push(error) });
    await insertProject(store.db, { name: "kept" });
    failing = true;
    await expect(insertProject(store.db, { name: "lost" })).rejects.toMatchObject({ code: "DATABASE_FAILED" });
    await expect(insertProject(store.db, { name: "refused" })).rejects.toMatchObject({ code: "DATABASE_FAILED" });
    await expect(store.transaction(async () => {})).rejects.toMatchObject({ code: "DATABASE_FAILED" });
    expect(fatal.map(({ code }) => code)).toEqual(["DATABASE_FAILED"]);
    await store.close();
    const names = (await listProjects((await open()).db)).map(({ name }) => name);
    expect(names).toContain("kept");
    expect(names).not.toContain("refused");
  });

  it("moves the checkpoint forward and counts the rows anew on its timer", async () => {
    const store = await open({ maintenanceInterval: 50 });
    const { pglite } = embedded(store);
    const read = async () => {
      const statement = `select redo_lsn::text as redo, (select reltuples from pg_class where relname = 'projects') as counted
        from pg_control_checkpoint()`;
      return (await pglite.query<{ redo: string; counted: number }>(statement)).rows[0];
    };
    const before = await read();
    await pglite.query("insert into projects (id, name) select i::text, i::text from generate_series(1, 100) i");
    const done = ({ redo, counted }: typeof before) => redo !== before.redo && counted === 100;
    await expect.poll(read, { timeout: 30_000 }).toSatisfy(done);
  });

  it("reuses the room of dead rows after maintenance", async () => {
    const { pglite, maintain } = embedded(await open());
    const size = async () =>
      (await pglite.query<{ bytes: number }>("select pg_relation_size('projects')::int as bytes")).rows[0].bytes;
    await pglite.query(
      "insert into projects (id, name) select i::text, repeat('x', 100) || i from generate_series(1, 2000) i",
    );
    const filled = await size();
    for (let round = 0; round < 6; round++) {
      await pglite.query("update projects set name = name || 'y'");
      await maintain();
    }
    expect(await size()).toBeLessThanOrEqual(3 * filled);
  });

  it("checkpoints when it closes, so that the next start has nothing to replay", async () => {
    const store = await open();
    for (let i = 0; i < 5; i++) await insertProject(store.db, { name: `row ${i}` });
    await store.close();
    const { rows } = await embedded(await open()).pglite.query<{ replayed: boolean }>(
      "select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn) > 16384 as replayed from pg_control_checkpoint()",
    );
    expect(rows).toEqual([{ replayed: false }]);
  });

  it("reports a database that is gutted, or no folder, as damaged, and gives the lock back", async () => {
    const { database } = homePaths(home);
    renameSync(join(database, "global"), join(database, "away"));
    await expect(open()).rejects.toMatchObject({ code: "HOME_DAMAGED" });
    renameSync(join(database, "away"), join(database, "global"));
    renameSync(database, `${database}.away`);
    writeFileSync(database, "not a folder");
    await expect(open()).rejects.toMatchObject({ code: "HOME_DAMAGED" });
    rmSync(database);
    renameSync(`${database}.away`, database);
    expect((await open()).kind).toBe("embedded");
  });

  it("refuses writes on a full disk, loses nothing that was acknowledged, and goes on once there is room", async ({
    skip,
  }) => {
    const disk = smallDisk(70_000);
    if (disk === undefined) return skip("mounting a small disk needs root");
    try {
      cpSync(home, join(disk.path, "home"), { recursive: true });
      const full = await open({ home: join(disk.path, "home") });
      const detail = { filler: randomBytes(60_000).toString("base64") };
      let acknowledged = 0;
      const fill = async () => {
        for (;;) {
          await insertAudit(full.db, { projectId: "p", action: `fill ${acknowledged}`, detail });
          acknowledged++;
        }
      };
      // Which of the two depends on whether a table or the log met the end of the disk.
      await expect(fill()).rejects.toMatchObject({ code: expect.stringMatching(/^(DISK_FULL|DATABASE_FAILED)$/) });
      expect(acknowledged).toBeGreaterThan(10);
      await full.close();
      disk.resize(300_000);
      const roomy = await open({ home: join(disk.path, "home") });
      expect((await listAudit(roomy.db, { projectId: "p", limit: 1000 })).length).toBe(acknowledged);
      await insertAudit(roomy.db, { projectId: "p", action: "after", detail });
      await roomy.close();
    } finally {
      disk.remove();
    }
  });

  it("does not begin a first start on a disk without room for it", async ({ skip }) => {
    const disk = smallDisk(20_000);
    if (disk === undefined) return skip("mounting a small disk needs root");
    try {
      await expect(open({ home: join(disk.path, "home") })).rejects.toMatchObject({ code: "DISK_FULL" });
    } finally {
      disk.remove();
    }
  });
});
