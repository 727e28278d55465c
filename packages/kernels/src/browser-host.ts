// Everything of the kernels that a browser does differently: the built module comes as text, and one thread runs it.
// Bundlers take this file in the place of `node-host.ts`.
// From `dist/` itself this leads to the same file.
import { base64 } from "../dist/simd-text.js";
import type { KernelHost } from "./host.ts";
import type { KernelVariant } from "./runtime.ts";
import { type WasmModule, wasm } from "./webassembly.ts";

let module: WasmModule | undefined;

export const platformHost: KernelHost = {
  // A page may not wait for other threads (Atomics.wait), and few pages may share memory with them.
  cores: 1,

  loadModule(variant: KernelVariant): WasmModule {
    if (variant !== "simd") throw new RangeError(`a browser has the kernels' variant "simd" only, got "${variant}"`);
    module ??= new wasm.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
    return module;
  },

  startMember(): boolean {
    return false;
  },
};
