// Endpoints and event streams as a program uses them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { predictionsOf, rowSignatureOf } from "@massif/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exampleFile, importAndWait, startTestServer, type TestServer, trainAndWait } from "../servers.ts";

let server: TestServer;
let runId: string;

beforeAll(async () => {
  server = await startTestServer();
  await importAndWait(server.client, { name: "penguins", file: exampleFile("penguins.csv") });
  const run = await trainAndWait(server.client, {
    dataset: "penguins",
    target: "species",
    candidate: { estimator: "GradientBoostingClassifier", params: { nEstimators: 20 } },
  });
  expect(run.error).toBeNull();
  runId = run.id;
  await server.client.registerModel({ body: { name: "penguins", run: runId } });
  await server.client.deploy({ params: { name: "penguins" }, body: { model: "penguins" } });
});
afterAll(() => server.destroy());

test("the typed snippet compiles under strict and runs when pasted", async () => {
  const snippet = await server.client.getEndpointTypes({ params: { name: "penguins" } });
  expect(snippet).toContain('"island": "Biscoe" | "Dream" | "Torgersen" | null;');
  const folder = mkdtempSync(join(tmpdir(), "massif-snippet-"));
  try {
    const file = join(folder, "call.mts");
    writeFileSync(file, snippet);
    const { resolve } = createRequire(import.meta.url);
    const tsc = join(resolve("typescript/package.json"), "..", "bin", "tsc");
    const flags = [
      "--strict",
      "--noEmit",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--lib",
      "es2022,dom",
      "--types",
      "",
    ];
    const compiled = spawnSync(process.execPath, [tsc, "--ignoreConfig", ...flags, file], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(compiled.stdout).toBe("");
    expect(compiled.status).toBe(0);
    const wrong = join(folder, "wrong.mts");
    writeFileSync(wrong, snippet.replace(/"island":"\w+"/, '"island":"Atlantis"'));
    const refused = spawnSync(process.execPath, [tsc, "--ignoreConfig", ...flags, wrong], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(refused.stdout).toContain("Atlantis");
    const env = { ...process.env, MASSIF_API_KEY: server.key };
    const ran = await runAsync(["--import", resolve("tsx"), file], env);
    expect(ran.stderr).toBe("");
    expect(ran.stdout).toContain("probabilities");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an event stream can be resumed after any event, by query or by Last-Event-ID", async () => {
  const { client } = server;
  const all = [];
  for await (const event of client.watchRun({ params: { id: runId } })) all.push(event);
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
  expect(all.at(-1)?.type).toBe("succeeded");
  const rest = [];
  for await (const event of client.watchRun({ params: { id: runId }, query: { after: 2 } })) rest.push(event);
  expect(rest).toEqual(all.slice(2));
  const response = await server.send(`/v1/runs/${runId}/events`, {
    headers: { "last-event-id": String(all.length - 1) },
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const text = await response.text();
  expect(text).toMatch(new RegExp(`^id: ${all.length}\\ndata: \\{.*"type":"succeeded".*\\}\\n\\n$`));
  const nothing = await server.send(`/v1/runs/${runId}/events?after=${all.length}`);
  expect(await nothing.text()).toBe("");
});

test("a comparison's stream resumes from the id of its last event", async () => {
  const candidates = [{ estimator: "MajorityClassifier" }, { estimator: "DecisionTreeClassifier" }];
  const body = { dataset: "penguins", target: "species", candidates };
  const { id } = await server.client.createComparison({ body });
  const text = await (await server.send(`/v1/comparisons/${id}/events`)).text();
  const events = text
    .trim()
    .split("\n\n")
    .filter((event) => event.startsWith("id:"));
  expect(events.length).toBeGreaterThanOrEqual(6);
  const last = /^id: (.+)$/m.exec(events[events.length - 3])?.[1] as string;
  const again = await (
    await server.send(`/v1/comparisons/${id}/events`, { headers: { "last-event-id": last } })
  ).text();
  // Runs that end together may come in another order the second time; ids tell the place in an order, so only the
  // events themselves are compared.
  const dataOf = (event: string) => /^data: (.+)$/m.exec(event)?.[1];
  expect(again.trim().split("\n\n").map(dataOf).sort()).toEqual(events.slice(-2).map(dataOf).sort());
});

test("watchers that go away, and ones that never read, do not hold up the others", async () => {
  const body = { dataset: "penguins", target: "species", candidate: { estimator: "RandomForestClassifier" } };
  const { id } = await server.client.createRun({ body });
  const gone = new AbortController();
  const idle = await server.send(`/v1/runs/${id}/events`);
  const left = await server.send(`/v1/runs/${id}/events`, { signal: gone.signal });
  gone.abort();
  await left.text().catch(() => undefined);
  const types = [];
  for await (const { type } of server.client.watchRun({ params: { id } })) types.push(type);
  expect(types.at(-1)).toBe("succeeded");
  await idle.body?.cancel();
});

test("constant calls through version changes never fail, and each names the version that answered", async () => {
  const { client } = server;
  const { inputs } = rowSignatureOf((await client.getEndpoint({ params: { name: "penguins" } })).signature);
  const row = Object.fromEntries(inputs.map(({ name, example }) => [name, example ?? null]));
  let going = true;
  const versions = new Set<number>();
  const calls = Array.from({ length: 4 }, async () => {
    while (going)
      versions.add((await client.predict({ params: { name: "penguins" }, body: { rows: [row] } })).model.version);
  });
  for (let i = 0; i < 3; i++) {
    await client.registerModel({ body: { name: "penguins", run: runId } });
    await client.deploy({ params: { name: "penguins" }, body: { model: "penguins" } });
  }
  going = false;
  await Promise.all(calls);
  expect([...versions].sort()).toEqual([1, 2, 3, 4]);
});

test("many rows in one request are answered in order while other requests go on", async () => {
  const { client } = server;
  const { inputs } = rowSignatureOf((await client.getEndpoint({ params: { name: "penguins" } })).signature);
  const row = Object.fromEntries(inputs.map(({ name, example }) => [name, example ?? null]));
  const other = { ...row, [inputs[0].name]: null };
  const [single] = predictionsOf(await client.predict({ params: { name: "penguins" }, body: { rows: [other] } }));
  const rows = Array.from({ length: 10_000 }, (_, i) => (i === 7777 ? other : row));
  const many = client.predict({ params: { name: "penguins" }, body: { rows } });
  await client.live();
  const predictions = predictionsOf(await many);
  expect(predictions).toHaveLength(10_000);
  expect(predictions[7777]).toEqual(single);
});

// Internal

async function runAsync(args: string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  const { execFile } = await import("node:child_process");
  return new Promise((resolve) => {
    // Asynchronously: the server that is called lives in this process.
    execFile(process.execPath, args, { env }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}
