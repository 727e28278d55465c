// A worker thread as the host of a model: the cheapest to start and to talk to. Its heap is limited, so that a request
// too large for it ends the thread and not the server; native code that aborts would still end both (process-host.ts).
import { Worker } from "node:worker_threads";
import type { FromHost, StartHost } from "./host-protocol.ts";

/** Starts hosts from the built file `entry`, which calls `hostModel`. */
export function threadHost(entry: string, { memoryMb }: { readonly memoryMb: number }): StartHost {
  return ({ hear, ended }) => {
    const worker = new Worker(entry, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    let reason = "";
    worker.on("message", (message: FromHost) => hear(message));
    worker.on("error", (error) => {
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on("exit", (code) => ended(`exit code ${code}${reason}`));
    return {
      name: `thread ${worker.threadId}`,
      send: (message) => worker.postMessage(message),
      kill: () => void worker.terminate(),
      unref: () => worker.unref(),
    };
  };
}
