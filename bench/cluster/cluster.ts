// `npm run bench -- cluster`: all-reduce beside the same calls in C, and how trainings scale from one rank to four. Ranks
// beyond the machine's cores share them: their figures show what sharing costs, not what more machines bring.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Client, createClient } from "@massif/api";
import { startServer } from "@massif/server";

export interface ReduceRow {
  readonly ranks: number;
  readonly doubles: number;
  readonly oursMicros: number;
  /** Null where there is no `mpicc` to compile the peer with. */
  readonly cMicros: number | null;
}

export interface ScalingRow {
  readonly estimator: string;
  /** 0: one process without MPI, on one thread. */
  readonly ranks: number;
  readonly cores: number;
  readonly fitSeconds: number;
  readonly rowsPerSecond: number | null;
  readonly communicationSeconds: number | null;
  readonly rmse: number;
}

const ROWS = 400_000;
const COLUMNS = 20;
const MPIRUN = ["--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"];

/** Both tables. */
export async function benchCluster(cache: string): Promise<{ reduce: ReduceRow[]; scaling: ScalingRow[] }> {
  return { reduce: benchReduce(cache), scaling: await benchScaling() };
}

// Internal

function benchReduce(cache: string): ReduceRow[] {
  const peer = compilePeer(cache);
  const ours = path.join(import.meta.dirname, "all-reduce.mjs");
  return [1, 2, 4].flatMap((ranks) => {
    const c = peer === undefined ? undefined : reduceTimes(ranks, [peer]);
    return [...reduceTimes(ranks, [process.execPath, ours])].map(([doubles, oursMicros]) => ({
      ranks,
      doubles,
      oursMicros,
      cMicros: c?.get(doubles) ?? null,
    }));
  });
}

function compilePeer(cache: string): string | undefined {
  mkdirSync(cache, { recursive: true });
  const out = path.join(cache, "all_reduce");
  try {
    execFileSync("mpicc", ["-O3", path.join(import.meta.dirname, "../peers/all_reduce.c"), "-o", out]);
    return out;
  } catch {
    process.stderr.write("no mpicc: the peer in C is left out (libopenmpi-dev has it)\n");
    return undefined;
  }
}

function reduceTimes(ranks: number, command: readonly string[]): Map<number, number> {
  const root = process.getuid?.() === 0 ? ["--allow-run-as-root"] : [];
  const text = execFileSync("mpirun", [...root, ...MPIRUN, "-np", String(ranks), ...command], { encoding: "utf8" });
  const lines = text.split("\n").filter((line) => /^\d+ [\d.]+\s*$/.test(line));
  return new Map(lines.map((line) => line.trim().split(" ").map(Number) as [number, number]));
}

async function benchScaling(): Promise<ScalingRow[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "massif-bench-"));
  const server = await startServer({ home: path.join(folder, "home"), port: 0, logLevel: "error", cores: 1 });
  const client = createClient({ url: server.url, key: server.adminKey });
  try {
    await importRows(client, path.join(folder, "rows.parquet"));
    const rows: ScalingRow[] = [];
    for (const [estimator, params] of ESTIMATORS) {
      for (const ranks of [0, 1, 2, 4]) rows.push(await train(client, { estimator, params, ranks }));
    }
    return rows;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ESTIMATORS = [
  ["GradientBoostingRegressor", { nEstimators: 50 }],
  ["GradientDescentRegressor", { batchSize: 8192, epochs: 20 }],
] as const;

async function importRows(client: Client, file: string): Promise<void> {
  const duckdb = await (await DuckDBInstance.create()).connect();
  const columns = Array.from({ length: COLUMNS }, (_, j) => `random() AS x${j}`);
  const sum = "10 * sin(3 * x0) + 5 * x1 * x2 + 3 * x3 - 2 * x4 + random()";
  await duckdb.run("SELECT setseed(0.5)");
  const made = `SELECT ${columns.join(", ")} FROM range(${ROWS})`;
  await duckdb.run(`COPY (SELECT *, ${sum} AS y FROM (${made})) TO '${file}' (FORMAT parquet)`);
  const query = { name: "rows", filename: "rows.parquet" };
  const { version } = await client.importDataset({ query, file: readFileSync(file) });
  for (;;) {
    const { status } = await client.getDatasetVersion({ params: { name: "rows", version } });
    if (status === "ready") return;
    if (status === "failed") throw new Error("the generated rows could not be imported");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function train(
  client: Client,
  { estimator, params, ranks }: { estimator: string; params: Record<string, number>; ranks: number },
): Promise<ScalingRow> {
  const split = { kind: "holdout" as const, testFraction: 0.2 };
  const candidate = { estimator, params: { ...params } };
  const common = { dataset: "rows", target: "y", seed: 0, split, candidate };
  const { id } = await client.createRun({ body: ranks === 0 ? common : { ...common, ranks } });
  for (;;) {
    const run = await client.getRun({ params: { id } });
    if (run.finishedAt === null) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    if (run.status !== "succeeded") throw new Error(`${estimator} on ${ranks} ranks: ${run.error?.message}`);
    process.stderr.write(`${estimator} ${ranks} ranks: ${run.fitSeconds?.toFixed(2)} s\n`);
    return {
      estimator,
      ranks,
      cores: Math.min(Math.max(1, ranks), availableParallelism()),
      fitSeconds: run.fitSeconds ?? 0,
      rowsPerSecond: run.ranks?.rowsPerSecond ?? null,
      communicationSeconds: run.ranks?.communicationSeconds ?? null,
      rmse: run.metrics?.rmse ?? Number.NaN,
    };
  }
}
