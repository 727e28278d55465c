// One thread's instance of the kernel module on the shared memory.
import { KernelError } from "./errors.ts";
import { type WasmFunction, type WasmMemory, type WasmModule, wasm } from "./webassembly.ts";

export class KernelInstance {
  readonly #functions: Readonly<Record<string, WasmFunction>>;
  readonly #names: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;

  constructor(module: WasmModule, memory: WasmMemory) {
    this.#functions = new wasm.Instance(module, { env: { memory } }).exports;
    this.#names = wasm.Module.exports(module)
      .filter((entry) => entry.kind === "function")
      .map((entry) => entry.name);
    this.#indices = new Map(this.#names.map((name, index) => [name, index]));
  }

  /** Throws KernelError when there is no such kernel. */
  function(name: string): WasmFunction {
    const found = this.#functions[name];
    if (!this.#indices.has(name)) {
      throw new KernelError(name, `there is no kernel \`${name}\` in the built module; run \`npm run build\``);
    }
    return found;
  }

  /** A kernel's number, equal on all threads because it is its place in the module. */
  indexOf(name: string): number {
    return this.#indices.get(name) ?? -1;
  }

  byIndex(index: number): WasmFunction {
    return this.#functions[this.#names[index]];
  }
}
