// What the runtime needs of its platform. Node's is in `node-host.ts`; bundlers for a browser
// take `browser-host.ts` in its place (`browser` in package.json).
import type { KernelVariant } from "./runtime.ts";
import type { WasmMemory, WasmModule } from "./webassembly.ts";

/** What a pool member is started with. */
export interface MemberInit {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  /** Byte offset of the job board. */
  readonly board: number;
}

export interface KernelHost {
  /** Threads that can run at once on this machine. */
  readonly cores: number;
  /** Compiled code of a variant; throws when it was not built. */
  loadModule(variant: KernelVariant): WasmModule;
  /** Starts a thread that serves the board and never keeps the process alive; false when the platform cannot. */
  startMember(init: MemberInit): boolean;
}
