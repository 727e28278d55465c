// One of our models in a worker thread, or in a child process: for models that take long per row, and for many rows at
// once, so that the thread that answers HTTP stays free.
import { createRequire } from "node:module";
import { rowSignatureOf } from "@massif/api";
import type { Logger } from "pino";
import { exampleRow } from "./example-row.ts";
import { HostedReplica } from "./hosted-replica.ts";
import { processHost } from "./process-host.ts";
import type { InputRow, ModelSource } from "./replica.ts";
import { threadHost } from "./thread-host.ts";

/** What the entry `replica-worker` is told to load. */
export interface ModelLoad {
  readonly path: string;
  readonly sha256: string;
  /** A row of the model's own columns, to try it on. */
  readonly example: InputRow;
  /** Whether to measure how fast the model is, which takes 0.1 s. */
  readonly measure: boolean;
}

const ENTRY = createRequire(import.meta.url).resolve("@massif/server/replica-worker");

/** How one of our models is hosted. */
export interface WorkerOptions {
  readonly placement?: "worker" | "process";
  /** Limits the thread's heap, or the process's memory. */
  readonly memoryMb?: number;
  readonly measure?: boolean;
}

/** Runs one of our models in a thread or a process. */
export class WorkerReplica extends HostedReplica {
  constructor(source: ModelSource, log: Logger, options: WorkerOptions = {}) {
    const { placement = "worker", memoryMb = 2048, measure = false } = options;
    const { path, sha256, signature } = source;
    const load: ModelLoad = { path, sha256, example: exampleRow(rowSignatureOf(signature)), measure };
    const startHost = placement === "worker" ? threadHost(ENTRY, { memoryMb }) : processHost(ENTRY, { memoryMb });
    super({ placement, startHost, load, log, label: sha256 });
  }
}
