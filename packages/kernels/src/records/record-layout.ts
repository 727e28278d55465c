// Records that kernels share with their driver, written by field name. The order of fields is their layout in memory and
// must be that of the kernel's class; fields lie on multiples of their own size.
import type { KernelRuntime, Pointer } from "../runtime.ts";

type FieldType = "u32" | "u64" | "f64";

/** A layout: where each field is, and the bytes of one record. */
export class RecordLayout<T extends Readonly<Record<string, FieldType>>> {
  readonly bytes: number;
  readonly #fields: T;
  readonly #offsets = new Map<keyof T, number>();

  constructor(fields: T) {
    this.#fields = fields;
    let offset = 0;
    for (const [name, type] of Object.entries(fields)) {
      const size = type === "u32" ? 4 : 8;
      offset = Math.ceil(offset / size) * size;
      this.#offsets.set(name, offset);
      offset += size;
    }
    this.bytes = offset;
  }

  /** Writes the named fields of the record at `pointer`; a u64 from a number below 2^53. */
  write(runtime: KernelRuntime, pointer: Pointer, values: { readonly [K in keyof T]?: number }): void {
    const view = new DataView(runtime.memory.buffer, pointer, this.bytes);
    for (const name of Object.keys(values)) {
      const offset = this.#offset(name);
      const value = values[name] as number;
      const type = this.#fields[name];
      if (type === "u32") view.setUint32(offset, value, true);
      else if (type === "f64") view.setFloat64(offset, value, true);
      else view.setBigUint64(offset, BigInt(value), true);
    }
  }

  /** One u32 field of the record at `pointer`. */
  readU32(runtime: KernelRuntime, pointer: Pointer, name: keyof T & string): number {
    return new DataView(runtime.memory.buffer, pointer, this.bytes).getUint32(this.#offset(name), true);
  }

  #offset(name: keyof T & string): number {
    return this.#offsets.get(name) as number;
  }
}
