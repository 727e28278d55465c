// `npm run bench -- serving`: requests per second of one endpoint against scikit-learn behind FastAPI, in turn, with one
// load generator; and what an idle server costs. Boosting with 100 trees on `diamonds` on both sides. Then the elastic part.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "@massif/api";
import { python } from "../peer-process.ts";
import { benchElastic, type ElasticRow } from "./elastic.ts";
import { type Load, load } from "./measure.ts";

const root = path.join(import.meta.dirname, "..", "..");
const DIAMONDS = path.join(root, "examples/data/diamonds.csv");
const ROW = { carat: 0.7, cut: "Ideal", color: "E", clarity: "VS2", depth: 61.5, table: 55, x: 5.7, y: 5.72, z: 3.5 };
const OURS_PORT = 7391;
const PEER_PORT = 7392;
const ROUNDS = 3;

export interface ServingRow {
  readonly server: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly errors: number;
}

/** Medians over the rounds, ours and the peer's, at 1 and 32 connections. */
export async function benchServing(): Promise<{ rows: ServingRow[]; elastic: ElasticRow[] }> {
  const home = mkdtempSync(path.join(tmpdir(), "massif-bench-"));
  const ours = await startOurs(home);
  const peer = await startPeer();
  const rows: ServingRow[] = [];
  for (const connections of [1, 32]) {
    const loads: [Load[], Load[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      const peer = { url: `http://127.0.0.1:${PEER_PORT}/predict`, key: "", row: ROW };
      loads[0].push(await load({ ...ours, row: ROW }, { connections, requests: 20_000 }));
      loads[1].push(await load(peer, { connections, requests: 1_000 }));
    }
    rows.push(
      summary("massif", connections, loads[0].slice(1)),
      summary("scikit-learn + FastAPI", connections, loads[1].slice(1)),
    );
  }
  peer.kill();
  const elastic = await benchElastic({ url: new URL(ours.url).origin, key: ours.key, row: ROW, rounds: ROUNDS });
  ours.child.kill("SIGINT");
  await new Promise((resolve) => ours.child.once("close", resolve));
  rmSync(home, { recursive: true, force: true });
  return { rows, elastic };
}

// Internal

async function startOurs(home: string): Promise<{ child: ChildProcess; url: string; key: string }> {
  const cli = path.join(root, "packages/cli/bin/massif.js");
  const began = performance.now();
  const child = spawn(process.execPath, [cli, "up", "--home", home, "--port", String(OURS_PORT)], { stdio: "ignore" });
  const base = `http://127.0.0.1:${OURS_PORT}`;
  await answering(`${base}/readyz`);
  process.stderr.write(`massif up, new home: answers after ${((performance.now() - began) / 1000).toFixed(2)} s\n`);
  // The key is on disk a moment after the server answers.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const { key } = JSON.parse(readFileSync(path.join(home, "credentials.json"), "utf8")) as { key: string };
  process.stderr.write(`massif up, idle: ${residentMegabytes(child.pid!)} MB resident\n`);
  await deployDiamonds(base, key);
  return { child, url: `${base}/v1/endpoints/diamonds/predict`, key };
}

async function deployDiamonds(url: string, key: string): Promise<void> {
  const client = createClient({ url, key });
  const file = readFileSync(DIAMONDS);
  const made = await client.importDataset({ query: { name: "diamonds", filename: "diamonds.csv" }, file });
  while (
    (await client.getDatasetVersion({ params: { name: "diamonds", version: made.version } })).status === "importing"
  ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const candidate = { estimator: "GradientBoostingRegressor", params: { nEstimators: 100 } };
  const run = await client.createRun({ body: { dataset: "diamonds", target: "price", candidate } });
  for await (const event of client.watchRun({ params: { id: run.id } }))
    if (event.type === "failed") throw new Error("failed");
  await client.registerModel({ body: { name: "diamonds", run: run.id } });
  await client.deploy({ params: { name: "diamonds" }, body: { model: "diamonds" } });
}

async function startPeer(): Promise<ChildProcess> {
  const script = path.join(root, "bench/peers/serve_http.py");
  const child = spawn(python(), [script, DIAMONDS, String(PEER_PORT)], { stdio: "inherit" });
  await answering(`http://127.0.0.1:${PEER_PORT}/health`);
  return child;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} did not answer within a minute`);
}

function summary(server: string, connections: number, loads: readonly Load[]): ServingRow {
  const median = (of: (load: Load) => number) => loads.map(of).sort((a, b) => a - b)[loads.length >> 1];
  return {
    server,
    connections,
    perSecond: median((one) => one.perSecond),
    p50Millis: median((one) => one.p50),
    p99Millis: median((one) => one.p99),
    errors: loads.reduce((sum, one) => sum + one.errors, 0),
  };
}

// Linux only; elsewhere the figure is left out.
function residentMegabytes(pid: number): string {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return (Number(kilobytes) / 1024).toFixed(0);
  } catch {
    return "unknown";
  }
}
