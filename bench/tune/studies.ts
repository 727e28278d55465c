// `npm run bench -- studies`: what a study costs beside its fits (trials per second of a model that is fitted in a
// millisecond), and what pruning saves (boosting rounds on `diamonds`, with and without, same seed).
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Client, createClient, type Study } from "@massif/api";
import { startServer } from "@massif/server";

const DATA = path.join(import.meta.dirname, "..", "..", "examples/data");

export interface StudyRow {
  readonly study: string;
  readonly trials: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly pruned: number;
  /** Trees or folds of all trials together. */
  readonly steps: number;
  readonly best: number;
}

type StudyBody = Parameters<Client["createStudy"]>[0]["body"];

/** All rows, one study each. */
export async function benchStudies(): Promise<StudyRow[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "massif-bench-"));
  const server = await startServer({ home: path.join(folder, "home"), port: 0, logLevel: "error" });
  const client = createClient({ url: server.url, key: server.adminKey });
  try {
    for (const name of ["diabetes", "diamonds"]) await importData(client, name);
    const rows: StudyRow[] = [];
    for (const parallel of [1, 2]) rows.push(await study(client, `ridge, ${parallel} at once`, { ...RIDGE, parallel }));
    for (const pruner of PRUNERS) rows.push(await study(client, `boosting, ${pruner.name}`, { ...BOOSTING, pruner }));
    return rows;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

// Internal

const RIDGE: StudyBody = {
  dataset: "diabetes",
  target: "progression",
  candidate: { estimator: "Ridge" },
  pruner: { name: "none" },
  trials: 200,
};

const BOOSTING: StudyBody = {
  dataset: "diamonds",
  target: "price",
  candidate: { estimator: "GradientBoostingRegressor", params: { nEstimators: 100 } },
  space: { learningRate: true, maxLeaves: true, minSamplesLeaf: true, subsample: true, columnSample: true },
  trials: 40,
  parallel: 2,
};

const PRUNERS = [{ name: "none" }, { name: "median" }, { name: "halving", minResource: 5 }] as const;

async function study(client: Client, label: string, body: StudyBody): Promise<StudyRow> {
  const started = performance.now();
  const { name } = await client.createStudy({ body });
  let last: Study | undefined;
  for await (const event of client.watchStudy({ params: { name } })) last = event.study;
  const seconds = (performance.now() - started) / 1000;
  if (last?.status !== "finished") throw new Error(`${label} is ${last?.status}: ${last?.error?.message}`);
  process.stderr.write(`${label}: ${seconds.toFixed(1)} s\n`);
  const { trials, counts, steps, best } = last;
  return {
    study: label,
    trials,
    seconds,
    perSecond: trials / seconds,
    pruned: counts.pruned,
    steps,
    best: best?.value ?? Number.NaN,
  };
}

async function importData(client: Client, name: string): Promise<void> {
  const file = readFileSync(path.join(DATA, `${name}.csv`));
  const { version } = await client.importDataset({ query: { name, filename: `${name}.csv` }, file });
  while ((await client.getDatasetVersion({ params: { name, version } })).status === "importing") {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
