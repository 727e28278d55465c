// A data set that grows from 10,000 to 2 million rows of a known function, across the borders of the plan: one thread in
// memory, threads, out of core. At each size a model is trained by its plan, and a policy decides whether the alias of
// an older one moves. `npm run bench -- growth --only ROWS` stops at a smaller size.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient, type Run } from "@massif/api";
import { Random } from "@massif/learn";
import { startServer } from "@massif/server";

/** One training at one size. */
export interface GrowthRow {
  readonly rows: number;
  readonly estimator: string;
  readonly plan: string;
  readonly secondsPlanned: string;
  readonly seconds: string;
  readonly mbPlanned: string;
  readonly mb: string;
  readonly withinBand: boolean | string;
  readonly rmse: string;
  readonly alias: string;
}

const SIZES = [10_000, 50_000, 200_000, 800_000, 2_000_000];
/** Low enough that two million rows do not fit, on any machine. */
const TASK_MEMORY_MB = 640;
const ESTIMATORS = ["GradientBoostingRegressor", "GradientDescentRegressor"];
const MODEL = "grown";

/** Grows a data set up to so many rows, and says at each size what was planned and what came. */
export async function benchGrowth(most = SIZES[SIZES.length - 1]): Promise<GrowthRow[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "massif-growth-"));
  const home = path.join(folder, "home");
  const server = await startServer({ home, port: 0, logLevel: "silent", taskMemoryMb: TASK_MEMORY_MB });
  const client = createClient({ url: server.url, key: server.adminKey });
  try {
    const rows: GrowthRow[] = [];
    let have = 0;
    for (const size of SIZES.filter((one) => one <= most)) {
      const file = path.join(folder, "rows.csv");
      await writeRows(file, have, size - have);
      await grow(client, file, have === 0);
      have = size;
      const alias = rows.length === 0 ? "first" : await decision(client);
      for (const estimator of ESTIMATORS) {
        const row = await trained(client, { estimator, size, alias });
        process.stderr.write(`${JSON.stringify(row)}\n`);
        rows.push(row);
      }
      if (alias === "first") await follow(client);
    }
    return rows;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

// Internal

/** y = 10 sin(3a) + 4 b c - 2 d + noise, over ten columns of which some say nothing; slowly drifting. */
async function writeRows(file: string, from: number, count: number): Promise<void> {
  const random = new Random(from + 1);
  const parts = ["a,b,c,d,e,f,g,h,kind,y\n"];
  for (let i = 0; i < count; i++) {
    const x = Array.from({ length: 8 }, () => random.uniform());
    const drift = (from + i) / 2_000_000;
    const kind = random.below(3);
    const y = 10 * Math.sin(3 * x[0]) + 4 * x[1] * x[2] - 2 * x[3] + kind + 2 * drift + random.normal();
    parts.push(`${x.map((value) => value.toFixed(4)).join(",")},${["red", "green", "blue"][kind]},${y.toFixed(4)}\n`);
  }
  await writeFile(file, parts.join(""));
}

async function grow(client: Client, file: string, isFirst: boolean): Promise<void> {
  const bytes = readFileSync(file);
  const query = { filename: "rows.csv" };
  const { version } = isFirst
    ? await client.importDataset({ query: { name: "growth", ...query }, file: bytes })
    : await client.appendRows({ params: { name: "growth" }, query: { ...query, fillMissing: "false" }, file: bytes });
  for (;;) {
    const found = await client.getDatasetVersion({ params: { name: "growth", version } });
    if (found.status === "ready") return;
    if (found.status === "failed") throw new Error(found.error?.message);
    await sleep(200);
  }
}

async function trained(
  client: Client,
  { estimator, size, alias }: { estimator: string; size: number; alias: string },
): Promise<GrowthRow> {
  const body = { dataset: "growth", target: "y", candidate: { estimator } };
  const plan = await client.createPlan({ body });
  if (!plan.options.some(({ mode, feasible }) => mode === plan.choice && feasible)) {
    const none = { plan: "none fits", secondsPlanned: "–", seconds: "–", mbPlanned: "–", mb: "–", withinBand: "–" };
    return { rows: size, estimator, ...none, rmse: "–", alias };
  }
  const run = await ended(client, (await client.createRun({ body })).id);
  if (run.status !== "succeeded" || run.plan === null) throw new Error(run.error?.message ?? "no plan");
  const { mode, threads, seconds, memoryBytes, actual } = run.plan;
  return {
    rows: size,
    estimator,
    plan: mode === "threads" ? `${threads} threads` : mode,
    secondsPlanned:
      seconds === null ? "–" : `${seconds.expected.toFixed(1)} (${seconds.low.toFixed(1)}–${seconds.high.toFixed(1)})`,
    seconds: actual?.seconds.toFixed(1) ?? "–",
    mbPlanned: memoryBytes === null ? "–" : (memoryBytes.expected / 1e6).toFixed(0),
    mb: ((actual?.memoryBytes ?? 0) / 1e6).toFixed(0),
    withinBand: actual?.withinBand ?? "–",
    rmse: run.metrics?.rmse?.toFixed(4) ?? "–",
    alias,
  };
}

async function ended(client: Client, id: string): Promise<Run> {
  for (;;) {
    const run = await client.getRun({ params: { id } });
    if (run.finishedAt !== null) return run;
    await sleep(200);
  }
}

/** Registers the first boosted model and has it follow the data. */
async function follow(client: Client): Promise<void> {
  const [run] = (await client.listRuns({ query: {} })).filter((one) => one.label === ESTIMATORS[0]);
  await client.registerModel({ body: { name: MODEL, run: run.id, alias: "production" } });
  await client.setPolicy({ params: { name: MODEL }, body: { dataset: "growth", everyRows: 10_000 } });
}

/** What the policy made of the rows that were just appended. */
async function decision(client: Client): Promise<string> {
  for (;;) {
    const { retrainings } = await client.getPolicy({ params: { name: MODEL } });
    const [newest] = retrainings;
    if (newest?.finishedAt != null) return `${newest.status}: ${newest.decision?.reason ?? ""}`;
    await sleep(200);
  }
}
