// `npm run bench -- [learn|data|tune|serving|studies|cluster|growth|memory] [--only CASE] [--threads 1,2] [--rounds N] [--json]`:
// runs us and the peer in turn and prints the ratio of medians.
import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { BenchCase, BenchRow, Measured } from "./case.ts";
import { CASES } from "./cases.ts";
import { PeerProcess } from "./peer-process.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string" },
    threads: { type: "string", default: "1,2" },
    rounds: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

if (positionals.includes("serving")) {
  const { benchServing } = await import("./serving/endpoint.ts");
  const { rows, elastic } = await benchServing();
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows, elastic })}\n`);
  else {
    console.table(rows);
    console.table(elastic);
  }
  process.exit(0);
}

if (positionals.includes("growth")) {
  const { benchGrowth } = await import("./growth/growth.ts");
  const rows = await benchGrowth(values.only === undefined ? undefined : Number(values.only));
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows })}\n`);
  else console.table(rows);
  process.exit(0);
}

if (positionals.includes("memory")) {
  const { benchMemory } = await import("./learn/memory.ts");
  const rows = await benchMemory(values.only);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows })}\n`);
  else console.table(rows);
  process.exit(0);
}

if (positionals.includes("studies")) {
  const { benchStudies } = await import("./tune/studies.ts");
  const rows = await benchStudies();
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows })}\n`);
  else console.table(rows);
  process.exit(0);
}

const cache = path.join(import.meta.dirname, ".cache");
mkdirSync(cache, { recursive: true });

if (positionals.includes("cluster")) {
  const { benchCluster } = await import("./cluster/cluster.ts");
  const tables = await benchCluster(cache);
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), ...tables })}\n`);
  else for (const rows of Object.values(tables)) console.table(rows);
  process.exit(0);
}

const cases = chosen();
const rows: BenchRow[] = [];
for (const threads of values.threads.split(",").map(Number)) {
  const peer = new PeerProcess(threads);
  for (const one of cases) rows.push(await measure(one, threads, peer));
  peer.close();
}
if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows })}\n`);
else process.stdout.write(`${table(rows)}\n${machine()}\n`);
process.exit(0);

function chosen(): BenchCase[] {
  const suites = positionals.length > 0 ? positionals : Object.keys(CASES);
  const known = Object.entries(CASES).flatMap(([suite, list]) => (suites.includes(suite) ? list : []));
  const picked = values.only === undefined ? known : known.filter((one) => one.name === values.only);
  if (picked.length === 0) throw new Error(`no such benchmark; there are: ${known.map((one) => one.name).join(", ")}`);
  return picked;
}

async function measure(one: BenchCase, threads: number, peer: PeerProcess): Promise<BenchRow> {
  const prepared = await one.prepare(cache);
  const ours: Measured[] = [];
  const theirs: (Measured & { version: string })[] = [];
  // One round more than counted: the first warms compilers and page caches on both sides.
  for (let round = 0; round <= Number(values.rounds ?? one.rounds); round++) {
    ours.push(await prepared.ours(threads));
    theirs.push(await peer.run(one.name, prepared.peerInput));
    process.stderr.write(
      `${one.name} ${threads}t round ${round}: ${duration(ours[round].seconds)}, peer ${duration(theirs[round].seconds)}\n`,
    );
  }
  const oursSeconds = median(ours.slice(1));
  const peerSeconds = median(theirs.slice(1));
  return {
    case: one.name,
    threads,
    peer: one.peer,
    peerVersion: theirs[0].version,
    oursSeconds,
    peerSeconds,
    ratio: oursSeconds / peerSeconds,
    target: one.target,
    ...(one.mostSeconds === undefined ? {} : { mostSeconds: one.mostSeconds }),
    oursQuality: ours[0].quality,
    peerQuality: theirs[0].quality,
  };
}

function median(runs: readonly Measured[]): number {
  const sorted = runs.map((run) => run.seconds).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function table(rows: readonly BenchRow[]): string {
  const head = "| case | threads | peer | ours | peer | ratio | target | quality ours | quality peer |";
  const lines = rows.map((row) =>
    [
      row.case,
      row.threads,
      `${row.peer} ${row.peerVersion}`,
      duration(row.oursSeconds),
      duration(row.peerSeconds),
      row.ratio < 0.01 ? row.ratio.toPrecision(2) : row.ratio.toFixed(3),
      row.mostSeconds === undefined ? row.target : `${row.target}, ${duration(row.mostSeconds)}`,
      row.oursQuality.toPrecision(6),
      row.peerQuality.toPrecision(6),
    ].join(" | "),
  );
  return [head, "|---|---|---|---|---|---|---|---|---|", ...lines.map((line) => `| ${line} |`)].join("\n");
}

function duration(seconds: number): string {
  return seconds < 1e-3 ? `${(seconds * 1e6).toPrecision(3)} µs` : `${seconds.toFixed(3)} s`;
}

function machine(): string {
  const cpus = os.cpus();
  return `${cpus.length} x ${cpus[0].model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()}, Node ${process.version}`;
}
