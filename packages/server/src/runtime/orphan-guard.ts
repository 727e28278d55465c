// The guard of a task process: a thread of its own, so that it acts even while the main thread is inside one long
// WebAssembly call. It ends the process within a second when the server is gone, or when memory runs over its limit,
// and adds up the memory held over time, which is paid for.
import { workerData } from "node:worker_threads";
import { MemorySeconds } from "./memory-seconds.ts";
import { MEMORY_SIGNAL } from "./task-protocol.ts";

/** What the guard watches. */
export interface GuardData {
  readonly serverPid: number;
  readonly memoryMb: number;
  /** Where the guard writes the memory held over time. */
  readonly held: SharedArrayBuffer;
}

// Half of the second that is promised, so that a tick that comes late still keeps it.
const INTERVAL_MS = 400;

const { serverPid, memoryMb, held } = workerData as GuardData;
const limit = memoryMb * 1024 * 1024;
const memory = new MemorySeconds(held);

setInterval(look, INTERVAL_MS);
look();

function look(): void {
  // An orphan is adopted by another process; asking for the parent cannot be fooled by a pid that is used again.
  if (process.ppid !== serverPid) process.kill(process.pid, "SIGKILL");
  const bytes = process.memoryUsage.rss();
  memory.sample(bytes, process.uptime());
  if (bytes > limit) process.kill(process.pid, MEMORY_SIGNAL);
}
