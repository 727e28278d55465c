// The entry of a rank: joins the group that `mpirun` started, does its part of the training, and says how it went. It
// ends when its launcher or the task process is gone, whatever it is doing.
import { readFileSync, writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { MpiError, openCommunicator } from "@massif/mpi";
import { MEMORY_SECONDS_BYTES, MemorySeconds } from "../memory-seconds.ts";
import type { GuardData } from "../orphan-guard.ts";
import { problemOf } from "../task-problem.ts";
import type { TaskProgress, TaskUsage } from "../task-protocol.ts";
import { type FromRank, type RankJob, toLine } from "./rank-protocol.ts";
import { rankTraining } from "./rank-training.ts";

/** Progress is for people; the database keeps every one. */
const PROGRESS_MS = 250;
const TURN_MS = 50;
const USAGE_MS = 1000;

const launcher = process.ppid;
const job = JSON.parse(readFileSync(process.argv[2], "utf8")) as RankJob;
const held = new SharedArrayBuffer(MEMORY_SECONDS_BYTES);
const memory = new MemorySeconds(held);
const guardData: GuardData = { serverPid: launcher, memoryMb: job.memoryMb, held };
new Worker(new URL("../orphan-guard.js", import.meta.url), { workerData: guardData }).unref();

let rank = -1;
let lastProgress = 0;
let lastTurn = performance.now();

await run().catch(fail);

// Internal

async function run(): Promise<void> {
  const communicator = await openCommunicator({ library: job.library });
  rank = communicator.rank;
  if (communicator.size !== job.count) {
    const cure = "use the mpirun of the same installation as the library";
    throw new MpiError(
      "MPI_FAILED",
      `${communicator.version} sees ${communicator.size} rank(s) where mpirun started ${job.count}; ${cure}`,
    );
  }
  tell({ type: "joined", rank });
  if (rank === 0) endWithTask();
  setInterval(() => tell({ type: "usage", rank, usage: usage() }), USAGE_MS).unref();
  const outcome = await rankTraining(job.task, communicator, report);
  tell({ type: "usage", rank, usage: usage() });
  if (rank === 0) tell({ type: "done", outcome });
  await communicator.close();
  process.exit(0);
}

/** `mpirun` hands its standard input to rank 0; it closes when the task process ends, however it does. */
function endWithTask(): void {
  process.stdin.on("end", () => process.kill(process.pid, "SIGKILL"));
  process.stdin.on("error", () => process.kill(process.pid, "SIGKILL"));
  process.stdin.resume();
}

/** The other ranks wait for this one in a call that only its death ends; leaving properly would wait for them. */
function fail(error: unknown): void {
  tell({ type: "problem", rank: Math.max(0, rank), problem: problemOf(error) });
  process.kill(process.pid, "SIGKILL");
}

async function report(progress: TaskProgress, last: boolean): Promise<void> {
  const now = performance.now();
  if (rank === 0 && (last || now - lastProgress >= PROGRESS_MS)) {
    lastProgress = now;
    tell({ type: "progress", progress, last });
  }
  if (now - lastTurn >= TURN_MS) {
    await nextTurn();
    lastTurn = performance.now();
  }
}

function usage(): TaskUsage {
  const { user, system } = process.cpuUsage();
  const seconds = process.uptime();
  return {
    cpuSeconds: (user + system) / 1e6,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    seconds,
    memoryMbSeconds: memory.until(process.memoryUsage.rss(), seconds),
  };
}

/**
 * Written at once and whole, so that it is out before the process can end. mpirun mixes what ranks write to one stream,
 * piece by piece: the long lines are rank 0's, which has standard output to itself.
 */
function tell(message: FromRank): void {
  const stream = rank === 0 ? 1 : 2;
  const bytes = Buffer.from(toLine(message));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(stream, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
