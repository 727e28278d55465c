// Runtimes on Node. Estimators get theirs from the fit context and never call this.
import { nodeHost } from "./node-host.ts";
import type { KernelRuntime, RuntimeOptions } from "./runtime.ts";
import { SharedRuntime } from "./shared-runtime.ts";

let shared: KernelRuntime | undefined;

/** A runtime with its own memory and threads; `close` it when done. Throws RangeError for impossible options. */
export function createRuntime(options: RuntimeOptions = {}): KernelRuntime {
  return new SharedRuntime(nodeHost, options);
}

/** The process's runtime with default options, made at the first call. */
export function defaultRuntime(): KernelRuntime {
  shared ??= createRuntime();
  return shared;
}
