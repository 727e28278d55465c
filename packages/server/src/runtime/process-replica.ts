// A replica in a child process, for native runtimes and for models that shall not share the gateway's process. Generic:
// it is given the built entry file that calls `hostModel` (model-host.ts) and the message that tells it what to load.
// Questions, time limits, draining, restarts with back-off and the orphan guard come from HostedReplica and processHost.
//
//   const replica = new ProcessReplica({ entry, load: { path, threads: 1 }, label: sha256, log, memoryMb: 2048 });
//   await replica.start();            // throws ModelRefused (load threw) or ReplicaUnavailable (the process died)
//   await replica.infer(inputs);      // or predict(rows): whatever the entry's HostedModel does
//   await replica.stop();             // answers under way come out, `HostedModel.stop` runs, then the process ends
import { type HostedOptions, HostedReplica } from "./hosted-replica.ts";
import { processHost } from "./process-host.ts";

/** What runs in the process, and its limits. */
export interface ProcessOptions extends Omit<HostedOptions, "placement" | "startHost"> {
  /** Path of the built entry file. */
  readonly entry: string;
  /** Resident memory at which the process is ended. */
  readonly memoryMb: number;
}

/** Runs a model in a child process. */
export class ProcessReplica extends HostedReplica {
  constructor({ entry, memoryMb, ...options }: ProcessOptions) {
    super({ ...options, placement: "process", startHost: processHost(entry, { memoryMb }) });
  }
}
