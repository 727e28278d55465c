// The guard of a task process: a thread of its own, so that it acts even while the main thread is inside one long
// WebAssembly call. It ends the process within a second when the server is gone, or when memory runs over its limit.
import { workerData } from "node:worker_threads";
import { MEMORY_SIGNAL } from "./task-protocol.ts";

/** What the guard watches. */
export interface GuardData {
  readonly serverPid: number;
  readonly memoryMb: number;
}

// Half of the second that is promised, so that a tick that comes late still keeps it.
const INTERVAL_MS = 400;

const { serverPid, memoryMb } = workerData as GuardData;
const limit = memoryMb * 1024 * 1024;

setInterval(look, INTERVAL_MS);
look();

function look(): void {
  // An orphan is adopted by another process; asking for the parent cannot be fooled by a pid that is used again.
  if (process.ppid !== serverPid) process.kill(process.pid, "SIGKILL");
  if (process.memoryUsage.rss() > limit) process.kill(process.pid, MEMORY_SIGNAL);
}
