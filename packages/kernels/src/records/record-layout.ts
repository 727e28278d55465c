// Records that kernels share with their driver, written by field name. The order of fields is their layout in memory and
// must be that of the kernel's class; fields lie on multiples of their own size.
import type { KernelRuntime, Pointer } from "../runtime.ts";

type FieldType = "u32" | "u64" | "f64";

/** A layout: where each field is, and the bytes of one record. */
export class RecordLayout<T extends Readonly<Record<string, FieldType>>> {
  readonly bytes: number;
  readonly #fields: T;
  readonly #offsets = new Map<keyof T, number>();
  #view: DataView = new DataView(new ArrayBuffer(0));

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
    const view = this.#viewOf(runtime);
    for (const name in values) {
      const offset = pointer + this.#offset(name);
      const value = values[name] as number;
      const type = this.#fields[name];
      if (type === "u32") view.setUint32(offset, value, true);
      else if (type === "f64") view.setFloat64(offset, value, true);
      else view.setBigUint64(offset, BigInt(value), true);
    }
  }

  /** One u32 field of the record at `pointer`. */
  readU32(runtime: KernelRuntime, pointer: Pointer, name: keyof T & string): number {
    return this.#viewOf(runtime).getUint32(pointer + this.#offset(name), true);
  }

  /** Of all the memory, kept: records are written so often that making views shows in profiles. */
  #viewOf({ memory: { buffer } }: KernelRuntime): DataView {
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view;
  }

  #offset(name: keyof T & string): number {
    return this.#offsets.get(name) as number;
  }
}
