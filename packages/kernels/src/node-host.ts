// Everything of the kernels that only Node has: reading the built module, V8 flags, worker threads.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { KernelHost, MemberInit } from "./host.ts";
import type { KernelVariant } from "./runtime.ts";
import { type WasmModule, wasm } from "./webassembly.ts";

// By package name, so that the built files are found from the sources and from an installed package alike.
const require = createRequire(import.meta.url);
const modules = new Map<KernelVariant, WasmModule>();

export const platformHost: KernelHost = {
  cores: availableParallelism(),

  loadModule(variant: KernelVariant): WasmModule {
    let module = modules.get(variant);
    if (module === undefined) {
      module = compile(variant);
      modules.set(variant, module);
    }
    return module;
  },

  startMember(init: MemberInit): boolean {
    try {
      const worker = new Worker(require.resolve("@massif/kernels/pool-worker"), {
        workerData: init,
        execArgv: [],
        name: "massif-kernels",
      });
      // A member that cannot start takes no chunks, so the caller does them; nothing else may depend on it.
      worker.on("error", () => undefined);
      worker.unref();
      return true;
    } catch {
      return false;
    }
  },
};

// Internal

function compile(variant: KernelVariant): WasmModule {
  const bytes = readFileSync(require.resolve(`@massif/kernels/${variant}.wasm`));
  // Node 20 has relaxed SIMD only behind this flag; later versions, where it is always on, complain about the flag.
  if (variant === "relaxed" && !wasm.validate(bytes)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return new wasm.Module(bytes);
}
