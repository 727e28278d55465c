// From PostgreSQL to an embedded home and back by backups: every row arrives as it was, digit by digit.
import { createReadStream, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createClient, predictionsOf } from "@massif/api";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { restoreBackup, startServer } from "../../src/main.ts";
import { createDatabase, dropDatabase } from "../databases.ts";
import { exampleFile, importAndWait, startTestServer, trainAndWait } from "../servers.ts";
import { temporaryFolder } from "../stores.ts";

const TABLES = ["datasets", "dataset_versions", "runs", "run_events", "models", "model_versions", "model_aliases"];
const ROW = { sepal_length_cm: 5.1, sepal_width_cm: 3.5, petal_length_cm: 1.4, petal_width_cm: 0.2 };

test("a backup made on one engine restores on the other, and back, without a difference", async () => {
  const folder = temporaryFolder();
  const server = await startTestServer();
  const databaseUrl = await createDatabase();
  try {
    const { client, key } = server;
    await importAndWait(client, { name: "iris", file: exampleFile("iris.csv") });
    const candidate = { estimator: "LogisticRegression" };
    const run = await trainAndWait(client, { dataset: "iris", target: "species", candidate });
    await client.registerModel({ body: { name: "iris", run: run.id, alias: "best" } });
    await client.deploy({ params: { name: "iris" }, body: { model: "iris" } });
    const predict = async (url: string) => {
      const answer = await createClient({ url, key }).predict({ params: { name: "iris" }, body: { rows: [ROW] } });
      return predictionsOf(answer);
    };
    const expected = await predict(server.url);
    const files = ["first", "second", "third"].map((name) => join(folder, `${name}.tar`));
    await writeFile(files[0], (await client.backup()).stream);
    const places = [{ home: join(folder, "embedded") }, { home: join(folder, "postgres"), databaseUrl }];
    for (const [i, place] of places.entries()) {
      await restoreBackup({ file: files[i], ...place });
      const restored = await startServer({ databaseUrl: undefined, ...place, port: 0, logLevel: "silent" });
      try {
        expect(await predict(restored.url)).toEqual(expected);
        await writeFile(files[i + 1], (await createClient({ url: restored.url, key }).backup()).stream);
      } finally {
        await restored.stop();
      }
    }
    const [first, second, third] = await Promise.all(files.map(tablesOf));
    expect(first.get("runs")).toHaveLength(1);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  } finally {
    await server.destroy();
    await dropDatabase(databaseUrl);
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

// Internal

/** The rows of some tables as texts, in an order of their own. */
async function tablesOf(file: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const entry of createReadStream(file).pipe(extract())) {
    const table = /^tables\/(\w+)\.jsonl$/.exec(entry.header.name)?.[1];
    const content = await text(entry);
    if (table !== undefined && TABLES.includes(table)) found.set(table, content.split("\n").sort().slice(1));
  }
  return found;
}
