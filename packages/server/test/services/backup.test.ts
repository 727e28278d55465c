// A backup of a server that works, and what is restored from it: the same data, models, endpoints and waiting jobs.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient, predictionsOf } from "@massif/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { restoreBackup, startServer, verifyBackup } from "../../src/main.ts";
import { createDatabase, dropDatabase, SERVER_URL } from "../databases.ts";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait, until } from "../servers.ts";
import { temporaryFolder } from "../stores.ts";

const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };
const predict = async (client: Client) =>
  predictionsOf(await client.predict({ params: { name: "iris" }, body: { rows: [ROW] } }));

let server: TestServer;
let folder: string;
let file: string;
const databases: string[] = [];

beforeAll(async () => {
  folder = temporaryFolder();
  file = join(folder, "backup.tar");
  server = await startTestServer({ cores: 1 });
  const { client } = server;
  await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
  const candidate = { estimator: "DecisionTreeClassifier" };
  const run = await trainAndWait(client, { dataset: "iris", target: "species", candidate });
  await client.registerModel({ body: { name: "iris", run: run.id, alias: "best" } });
  await client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
  // One core is busy with the first for minutes, so that both are unfinished in the backup.
  await importAndWait(client, { name: "diamonds", file: exampleFile("diamonds.csv") });
  const long = { estimator: "GradientBoostingRegressor", params: { nEstimators: 5000, patience: 5000 } };
  const busy = await client.createRun({ body: { dataset: "diamonds", target: "price", candidate: long } });
  await until(async () => (await client.getRun({ params: { id: busy.id } })).status === "running" || undefined);
  await client.createRun({ body: { dataset: "iris", target: "species", candidate } });
  const { stream } = await client.backup();
  await writeFile(file, stream);
  await client.cancelRun({ params: { id: busy.id } });
}, 240_000);
afterAll(async () => {
  await server.destroy();
  for (const url of databases) await dropDatabase(url);
  rmSync(folder, { recursive: true, force: true });
});

async function newDatabase(): Promise<string | undefined> {
  if (SERVER_URL === undefined) return undefined;
  databases.push(await createDatabase());
  return databases.at(-1);
}

describe("a backup", () => {
  test("is whole, and tells what is in it", async () => {
    const engine = SERVER_URL === undefined ? "embedded" : "postgres";
    expect(await verifyBackup(file)).toMatchObject({ engine, blobs: 3, tables: expect.any(Number) });
  });

  test("becomes a home that answers as before and goes on with what was unfinished", async () => {
    const home = join(folder, "restored");
    const databaseUrl = await newDatabase();
    const told: number[] = [];
    await restoreBackup({ file, home, databaseUrl, onBytes: (read, total) => told.push(read / total) });
    expect(told.at(-1)).toBe(1);
    const restored = await startServer({ home, databaseUrl, port: 0, logLevel: "silent" });
    try {
      expect(restored.adminKey).toBeUndefined();
      const client = createClient({ url: restored.url, key: server.key });
      expect(await predict(client)).toEqual(await predict(server.client));
      const strip = async (one: Client) => ({
        datasets: await one.listDatasets(),
        models: await one.listModels(),
        keys: (await one.listKeys()).map(({ id, name, role }) => ({ id, name, role })),
      });
      expect(await strip(client)).toEqual(await strip(server.client));
      const runs = await client.listRuns();
      expect(runs).toHaveLength(3);
      const [queued, long] = runs;
      await until(async () => (await client.getRun({ params: { id: long.id } })).attempt === 2 || undefined);
      await client.cancelRun({ params: { id: long.id } });
      const ended = await until(async () => {
        const run = await client.getRun({ params: { id: queued.id } });
        return run.finishedAt === null ? undefined : run;
      }, 100);
      expect(ended.status).toBe("succeeded");
    } finally {
      await restored.stop();
    }
  }, 200_000);
});

describe("a file that is no whole backup", () => {
  const bytes = () => readFileSync(file);
  const changed = (name: string, change: (bytes: Buffer) => Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, change(bytes()));
    return path;
  };

  test.each([
    ["is cut off in the middle", (all: Buffer) => all.subarray(0, all.length >> 1), /breaks off|missing/],
    ["lacks its last entry", (all: Buffer) => all.subarray(0, all.lastIndexOf("manifest.json")), /missing|breaks off/],
    ["has one changed byte in a blob", flip("blobs/", 600), /was changed/],
    ["has one changed byte in a table", flip("tables/runs.jsonl", 520), /was changed/],
    ["is no tar file", () => Buffer.from("a,b\n1,2\n".repeat(1000)), /no tar file|missing|breaks off/],
    ["is empty", () => Buffer.alloc(0), /missing/],
  ] as const)("because it %s is refused", async (name, change, why) => {
    const path = changed(`${name.replaceAll(" ", "-")}.tar`, change);
    const refused = { code: "BACKUP_DAMAGED", message: expect.stringMatching(why) };
    await expect(verifyBackup(path)).rejects.toMatchObject(refused);
  });

  test.each([
    ["is cut off in the middle", (all: Buffer) => all.subarray(0, all.length >> 1)],
    ["has one changed byte in a table", flip("tables/runs.jsonl", 520)],
  ] as const)("because it %s is not restored, and nothing is made of it", async (name, change) => {
    const path = changed(`restored-${name.replaceAll(" ", "-")}.tar`, change);
    const home = join(folder, `home-${name.replaceAll(" ", "-")}`);
    await expect(restoreBackup({ file: path, home, databaseUrl: await newDatabase() })).rejects.toMatchObject({
      code: "BACKUP_DAMAGED",
    });
    expect(existsSync(home)).toBe(false);
  });

  test("because a newer version made it is refused with that version", async () => {
    const path = changed("newer.tar", (all) => {
      // As long as before, with the tar header's sum left alone: the name of a migration of the future.
      const at = all.indexOf("0001-first-tables");
      all.write("9001-first-tables", at);
      return all;
    });
    const home = join(folder, "newer");
    await expect(restoreBackup({ file: path, home, databaseUrl: await newDatabase() })).rejects.toMatchObject({
      code: "BACKUP_NEWER",
      message: expect.stringContaining("9001-first-tables"),
    });
    expect(existsSync(home)).toBe(false);
  });
});

test("a home that is not empty is left alone", async () => {
  const home = join(folder, "used");
  mkdirSync(home);
  writeFileSync(join(home, "note.txt"), "mine");
  const refused = restoreBackup({ file, home, databaseUrl: await newDatabase() });
  await expect(refused).rejects.toMatchObject({ code: "NOT_EMPTY", message: expect.stringContaining("note.txt") });
  expect(readFileSync(join(home, "note.txt"), "utf8")).toBe("mine");
});

test("a stored file that was damaged stops the backup with its name, and the file says so itself", async () => {
  const damaged = await startTestServer();
  try {
    const { hash } = await importAndWait(damaged.client, { name: "iris", file: exampleFile("iris.csv") });
    const path = join(damaged.home, "blobs", (hash as string).slice(0, 2), hash as string);
    const content = readFileSync(path);
    content[10] ^= 1;
    writeFileSync(path, content);
    const broken = join(folder, "broken.tar");
    await writeFile(broken, (await damaged.client.backup()).stream);
    await expect(verifyBackup(broken)).rejects.toMatchObject({
      code: "BLOB_DAMAGED",
      message: expect.stringContaining(hash as string),
    });
    expect(createHash("sha256").update(content).digest("hex")).not.toBe(hash);
    rmSync(path);
    await expect(damaged.client.backup()).rejects.toMatchObject({ code: "BLOB_DAMAGED" });
  } finally {
    await damaged.destroy();
  }
});

// Internal

function flip(after: string, distance: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    bytes[bytes.indexOf(after) + distance] ^= 1;
    return bytes;
  };
}
