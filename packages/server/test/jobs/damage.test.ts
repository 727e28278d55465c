// Work whose files are gone or damaged fails with the reason, instead of being tried for ever.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rowSignatureOf } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";
import { ENGINE } from "../stores.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.destroy());

function blobPath(hash: string): string {
  return join(server.home, "blobs", hash.slice(0, 2), hash);
}

test("a run on a version whose file is damaged fails at once and names the file", async () => {
  const { hash } = await importAndWait(server.client, { name: "iris", file: exampleFile("iris.csv") });
  writeFileSync(blobPath(hash as string), "damaged");
  const run = await trainAndWait(server.client, {
    dataset: "iris",
    target: "species",
    candidate: { estimator: "MajorityClassifier" },
  });
  expect(run).toMatchObject({ status: "failed", attempt: 1, error: { code: "BLOB_DAMAGED" } });
  expect(run.error?.message).toContain(hash);
});

test("a model whose file is gone is not registered, one whose file is damaged not deployed; the old version stays", async () => {
  const { client } = server;
  await importAndWait(client, { name: "wine", file: exampleFile("wine.csv") });
  const [{ name: target }] = (await client.getDataset({ params: { name: "wine" } })).columns?.slice(-1) ?? [];
  const train = (estimator: string) => trainAndWait(client, { dataset: "wine", target, candidate: { estimator } });
  const [good, damaged, gone] = [
    await train("MajorityClassifier"),
    await train("DecisionTreeClassifier"),
    await train("LogisticRegression"),
  ];
  rmSync(blobPath(gone.modelHash as string));
  await expect(client.registerModel({ body: { name: "wine", run: gone.id } })).rejects.toMatchObject({
    code: "BLOB_DAMAGED",
  });
  await client.registerModel({ body: { name: "wine", run: good.id } });
  await client.deploy({ params: { name: "wine" }, body: { model: "wine" } });
  await client.registerModel({ body: { name: "wine", run: damaged.id } });
  writeFileSync(blobPath(damaged.modelHash as string), "damaged");
  const refused = client.deploy({ params: { name: "wine" }, body: { model: "wine" } });
  await expect(refused).rejects.toMatchObject({ code: "BLOB_DAMAGED" });
  const endpoint = await client.getEndpoint({ params: { name: "wine" } });
  expect(endpoint).toMatchObject({ status: "running", version: 1 });
  const row = Object.fromEntries(
    rowSignatureOf(endpoint.signature).inputs.map(({ name, example }) => [name, example ?? null]),
  );
  expect((await client.predict({ params: { name: "wine" }, body: { rows: [row] } })).model.version).toBe(1);
});

// Other processes may share a server's folder, and one of them may be about to record what it has just written.
test.runIf(ENGINE === "embedded")(
  "files that nothing refers to are gone after a restart, the others are not",
  async () => {
    const count = () =>
      readdirSync(join(server.home, "blobs"), { recursive: true }).filter((path) => String(path).length > 60);
    const stray = "ab".repeat(32);
    await server.client.listDatasets();
    const before = count().length;
    const { mkdirSync } = await import("node:fs");
    mkdirSync(join(server.home, "blobs", "ab"), { recursive: true });
    writeFileSync(blobPath(stray), "stray");
    await server.restart();
    expect(count().some((path) => String(path).includes(stray))).toBe(false);
    expect(count().length).toBe(before);
  },
);
