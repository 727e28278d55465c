// Backups as a user makes them: of a running server, checked, restored, and killed half-way.
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, databaseOf, dropDatabase } from "../../server/test/databases.ts";
import { exampleData, run, start, startTestServer, type TestServer } from "./cli-process.ts";

let server: TestServer;
let folder: string;
let file: string;

beforeAll(async () => {
  [server, folder] = await Promise.all([startTestServer(), mkdtemp(path.join(os.tmpdir(), "massif-backup-"))]);
  file = path.join(folder, "massif.tar");
  await server.run(["data", "import", exampleData("iris.csv")]);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("a backup is made under another name, checked, and says what it holds; an existing file is left alone", async () => {
  const made = await server.json<{ file: string; blobs: number }>(["backup", file]);
  expect(made).toMatchObject({ file, blobs: 1 });
  expect(await readdir(folder)).toEqual(["massif.tar"]);
  const again = await server.run(["backup", file]);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("exists already") });
  expect(await run(["backup", "verify", file, "--json"])).toMatchObject({ code: 0 });
});

test("a damaged file is told as such by verify and refused by restore", async () => {
  const bytes = await readFile(file);
  bytes[bytes.indexOf("blobs/") + 700] ^= 1;
  const damaged = path.join(folder, "damaged.tar");
  await writeFile(damaged, bytes);
  const told = { code: 2, stderr: expect.stringMatching(/error BACKUP_DAMAGED: .*was changed/) };
  expect(await run(["backup", "verify", damaged])).toMatchObject(told);
  expect(await run(["restore", damaged, "--home", path.join(folder, "no")])).toMatchObject(told);
  expect(existsSync(path.join(folder, "no"))).toBe(false);
});

test("a restore that is killed leaves no home, and the next one makes it whole", async () => {
  const home = path.join(folder, "restored");
  const killed = start(["restore", file, "--home", home]);
  // It works in a folder of another name beside the home, which tells that it has begun.
  while (!(await readdir(folder)).some((name) => name.startsWith(".restored."))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(existsSync(home)).toBe(false);
  expect(await run(["restore", file, "--home", home])).toMatchObject({ code: 0 });
  const up = start(["up", "--home", home, "--port", "0", "--json"]);
  try {
    const [line] = await up.until(/^\{"url":.*\}\n/);
    const { url } = JSON.parse(line) as { url: string };
    const { key } = JSON.parse(await readFile(path.join(server.home, "credentials.json"), "utf8")) as { key: string };
    const listed = await run(["data", "list", "--url", url, "--key", key, "--json"]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "iris" }]);
  } finally {
    up.child.kill("SIGTERM");
    await up.ended;
  }
});

test("health names every part; a worker on an embedded home, and a server without jobs there, are refused", async () => {
  const health = await server.json<{ status: string; checks: { name: string }[] }>(["health"]);
  expect(health.status).toBe("ok");
  expect(health.checks.map(({ name }) => name)).toContain("database");
  const home = path.join(folder, "embedded");
  const refused = { code: 2, stderr: expect.stringMatching(/error NOT_SHARED: .*\nSet DATABASE_URL/) };
  expect(await run(["worker", "--home", home])).toMatchObject(refused);
  expect(await run(["up", "--no-jobs", "--port", "0", "--home", home])).toMatchObject(refused);
});

test("a worker is given its address by an option, and ends well when it is told to", async () => {
  const database = await databaseOf(server.home);
  if (database === undefined) return;
  const worker = start(["worker", "--home", server.home, "--database-url", database, "--cores", "1", "--json"]);
  await worker.until(/^\{"home":.*\}\n/);
  worker.child.kill("SIGTERM");
  expect((await worker.ended).code).toBe(0);
  const DATABASE_URL = await createDatabase();
  const foreign = await run(["worker", "--home", server.home], { env: { DATABASE_URL } });
  expect(foreign).toMatchObject({ code: 3, stderr: expect.stringMatching(/error HOME_FOREIGN: /) });
  await dropDatabase(DATABASE_URL);
});
