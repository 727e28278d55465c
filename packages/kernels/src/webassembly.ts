// The part of the WebAssembly API that is used, typed here: TypeScript has it only in its DOM library, which would also
// declare a browser's globals in Node code. The classes are the platform's own.

export type WasmFunction = (...args: number[]) => number;

export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 64 KiB; throws RangeError at the limit. */
  grow(pages: number): number;
}

/** Compiled code; can be sent to a worker. */
export type WasmModule = object;

interface MemoryDescriptor {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

interface WasmApi {
  /** Whether this engine, with its present flags, can compile the bytes. */
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Memory: new (descriptor: MemoryDescriptor) => WasmMemory;
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    exports(module: WasmModule): readonly { readonly name: string; readonly kind: string }[];
  };
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, WasmFunction>> };
}

/** The platform's WebAssembly object. */
export const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
