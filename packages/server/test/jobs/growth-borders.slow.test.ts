// A data set that grows across the border of the plan under a small memory limit, which is enforced: what no longer fits
// is trained out of core, within the limit, on the same split.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Client, createClient } from "@massif/api";
import { afterAll, expect, test } from "vitest";
import { type MassifServer, startServer } from "../../src/main.ts";
import { databaseOf, dropDatabase } from "../databases.ts";
import { importAndWait, trainAndWait, until } from "../servers.ts";
import { newHome } from "../stores.ts";

const LIMIT_MB = 420;
const COLUMNS = 80;

const home = await newHome();
const databaseUrl = await databaseOf(home);
let server: MassifServer | undefined;
let key: string | undefined;

afterAll(async () => {
  await server?.stop();
  rmSync(join(home, ".."), { recursive: true, force: true });
  await dropDatabase(databaseUrl);
});

/** A server on the same home with this much memory for a task; files are written with more than models are trained. */
async function serverWith(taskMemoryMb: number): Promise<Client> {
  await server?.stop();
  server = await startServer({ home, databaseUrl, port: 0, logLevel: "silent", cores: 1, taskMemoryMb });
  key ??= server.adminKey;
  return createClient({ url: server.url, key });
}

/** Sums of columns with noise. */
function rows(from: number, count: number): Uint8Array {
  const names = Array.from({ length: COLUMNS }, (_, j) => `x${j}`);
  const lines = [`${names.join(",")},y`];
  let state = from + 1;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < count; i++) {
    const x = names.map(() => Math.floor(random() * 100));
    lines.push(`${x.join(",")},${(x[0] + 2 * x[1] - x[2] + 5 * random()).toFixed(2)}`);
  }
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

test("10,000 rows train in memory, 100,000 out of core, and both models are as good", async () => {
  let client = await serverWith(LIMIT_MB);
  await importAndWait(client, { name: "wide", file: rows(0, 10_000) });
  const candidate = { estimator: "GradientDescentRegressor", params: { epochs: 5 } };
  const body = { dataset: "wide", target: "y", candidate };
  const small = await trainAndWait(client, body);
  expect(small).toMatchObject({ error: null, plan: { mode: "memory" } });
  client = await serverWith(2000);
  const query = { filename: "more.csv", fillMissing: "false" };
  const { version } = await client.appendRows({ params: { name: "wide" }, query, file: rows(10_000, 90_000) });
  const grown = await until(async () => {
    const found = await client.getDatasetVersion({ params: { name: "wide", version } });
    return found.status === "importing" ? undefined : found;
  }, 120);
  expect(grown).toMatchObject({ error: null, rows: 100_000 });
  client = await serverWith(LIMIT_MB);
  const plan = await client.createPlan({ body });
  expect(plan.choice).toBe("outofcore");
  expect(plan.options[0]).toMatchObject({ mode: "memory", feasible: false });
  const { id } = await client.createRun({ body });
  const large = await until(async () => {
    const run = await client.getRun({ params: { id } });
    return run.finishedAt === null ? undefined : run;
  }, 120);
  expect(large).toMatchObject({
    error: null,
    plan: { mode: "outofcore", actual: { memoryBytes: expect.any(Number) } },
  });
  expect(large.peakMemoryBytes).toBeLessThan(LIMIT_MB * 1e6);
  // Noise alone: uniform over 5, so a standard deviation of 5 / sqrt(12).
  for (const run of [small, large]) expect(run.metrics?.rmse).toBeCloseTo(5 / Math.sqrt(12), 1);
}, 240_000);
