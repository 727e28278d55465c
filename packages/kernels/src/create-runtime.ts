// Runtimes on this platform. Estimators get theirs from the fit context and never call this.
import { platformHost } from "./node-host.ts";
import type { KernelRuntime, RuntimeOptions } from "./runtime.ts";
import { SharedRuntime } from "./shared-runtime.ts";

let shared: KernelRuntime | undefined;

/** A runtime with its own memory and threads; `close` it when done. Throws RangeError for impossible options. */
export function createRuntime(options: RuntimeOptions = {}): KernelRuntime {
  return new SharedRuntime(platformHost, options);
}

/** The process's runtime, on which models predict: the one that was set, or else one with default options. */
export function defaultRuntime(): KernelRuntime {
  if (shared === undefined || shared.closed) shared = createRuntime();
  return shared;
}

/** Makes `runtime` the process's from now on, to predict on so many threads; it must outlive its use. */
export function setDefaultRuntime(runtime: KernelRuntime): void {
  shared = runtime;
}
