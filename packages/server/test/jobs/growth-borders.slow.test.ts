// A data set that grows across the border of the plan under a small memory limit, which is enforced: what no longer fits
// is trained out of core, within the limit, on the same split.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Client, createClient, type DatasetVersion, type Run } from "@massif/api";
import { afterAll, expect, test } from "vitest";
import { type MassifServer, startServer } from "../../src/main.ts";
import { databaseOf, dropDatabase } from "../databases.ts";
import { importAndWait, trainAndWait, until } from "../servers.ts";
import { newHome } from "../stores.ts";

const LIMIT_MB = 420;
/** For boosting: what is read and given back lies about until it is collected, 340 to 440 MB of it at most, as measured. */
const BOOST_LIMIT_MB = 480;
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

/** Trains out of core, within the limit. */
async function trainChunked(
  client: Client,
  body: Parameters<Client["createRun"]>[0]["body"],
  limitMb = LIMIT_MB,
): Promise<Run> {
  const { id } = await client.createRun({ body });
  const run = await until(async () => {
    const found = await client.getRun({ params: { id } });
    return found.finishedAt === null ? undefined : found;
  }, 200);
  expect(run).toMatchObject({
    error: null,
    plan: { mode: "outofcore", actual: { memoryBytes: expect.any(Number) } },
  });
  expect(run.peakMemoryBytes).toBeLessThan(limitMb * 1e6);
  return run;
}

/** Adds rows with more memory than models are trained with. */
async function grow(from: number, count: number): Promise<DatasetVersion> {
  const client = await serverWith(2000);
  const query = { filename: "more.csv", fillMissing: "false" };
  const { version } = await client.appendRows({ params: { name: "wide" }, query, file: rows(from, count) });
  return until(async () => {
    const found = await client.getDatasetVersion({ params: { name: "wide", version } });
    return found.status === "importing" ? undefined : found;
  }, 120);
}

test("10,000 rows train in memory, 100,000 out of core, and both models are as good", async () => {
  let client = await serverWith(LIMIT_MB);
  await importAndWait(client, { name: "wide", file: rows(0, 10_000) });
  const candidate = { estimator: "GradientDescentRegressor", params: { epochs: 5 } };
  const body = { dataset: "wide", target: "y", candidate };
  const small = await trainAndWait(client, body);
  expect(small).toMatchObject({ error: null, plan: { mode: "memory" } });
  const grown = await grow(10_000, 90_000);
  expect(grown).toMatchObject({ error: null, rows: 100_000 });
  client = await serverWith(LIMIT_MB);
  const plan = await client.createPlan({ body });
  expect(plan.choice).toBe("outofcore");
  expect(plan.options[0]).toMatchObject({ mode: "memory", feasible: false });
  const large = await trainChunked(client, body);
  // Noise alone: uniform over 5, so a standard deviation of 5 / sqrt(12).
  for (const run of [small, large]) expect(run.metrics?.rmse).toBeCloseTo(5 / Math.sqrt(12), 1);
}, 240_000);

test("boosting of 250,000 rows, which have no room as numbers, learns the same from their codes", async () => {
  expect(await grow(100_000, 150_000)).toMatchObject({ error: null, rows: 250_000 });
  const params = { nEstimators: 10 };
  const body = { dataset: "wide", target: "y", candidate: { estimator: "GradientBoostingRegressor", params } };
  let client = await serverWith(BOOST_LIMIT_MB);
  const plan = await client.createPlan({ body });
  expect(plan).toMatchObject({
    choice: "outofcore",
    reason: expect.stringContaining("a byte for each of their values"),
  });
  const chunked = await trainChunked(client, body, BOOST_LIMIT_MB);
  client = await serverWith(4000);
  const whole = await trainAndWait(client, body);
  expect(whole.plan?.mode).not.toBe("outofcore");
  expect(chunked.metrics).toEqual(whole.metrics);
}, 400_000);
