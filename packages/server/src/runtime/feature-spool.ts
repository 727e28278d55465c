// What the estimator sees of each part, kept on disk between passes: reading it back costs a copy, while reading the
// rows again would decode them and run the steps again. One file, removed by whoever owns its folder.
import { type FileHandle, open } from "node:fs/promises";
import type { NumberColumn, Table, Target } from "@massif/learn";
import type { LabelledRows } from "./stack-parts.ts";

/** Keeps parts of number columns. */
export class FeatureSpool {
  readonly #file: FileHandle;
  readonly #parts: KeptPart[] = [];
  #end = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Makes the file. */
  static async create(path: string): Promise<FeatureSpool> {
    return new FeatureSpool(await open(path, "wx+"));
  }

  /** Whether a table can be kept: it holds nothing but numbers. */
  static takes(table: Table): boolean {
    return table.columns.every(({ kind }) => kind === "number");
  }

  /** Adds a part. */
  async add({ table, target }: LabelledRows): Promise<void> {
    const { rows } = table;
    const at = this.#end;
    for (const column of table.columns) await this.#write((column as NumberColumn).values);
    await this.#write(target.kind === "class" ? target.codes : target.values);
    const classes = target.kind === "class" ? target.classes : null;
    this.#parts.push({ names: table.columns.map(({ name }) => name), rows, target: target.name, classes, at });
  }

  /** The parts in order. */
  async *parts(): AsyncGenerator<LabelledRows & { readonly last: boolean }> {
    for (const [i, { names, rows, target: name, classes, at }] of this.#parts.entries()) {
      const bytes = new ArrayBuffer(names.length * rows * 8 + rows * (classes === null ? 8 : 4));
      await this.#read(new Uint8Array(bytes), at);
      const columns = names.map(
        (column, j): NumberColumn => ({
          kind: "number",
          name: column,
          values: new Float64Array(bytes, j * rows * 8, rows),
        }),
      );
      const rest = names.length * rows * 8;
      const target: Target =
        classes === null
          ? { kind: "number", name, values: new Float64Array(bytes, rest, rows) }
          : { kind: "class", name, classes, codes: new Int32Array(bytes, rest, rows) };
      yield { table: { rows, columns }, target, last: i === this.#parts.length - 1 };
    }
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#file.close();
  }

  // Internal

  async #write({ buffer, byteOffset, byteLength }: Float64Array | Int32Array): Promise<void> {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#end + done);
      done += bytesWritten;
    }
    this.#end += byteLength;
  }

  async #read(into: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await this.#file.read(into, done, into.length - done, at + done);
      if (bytesRead === 0) throw new Error("the file of features ended too soon");
      done += bytesRead;
    }
  }
}

// Internal

/** Where a part lies, and what it is called. */
interface KeptPart {
  readonly names: readonly string[];
  readonly rows: number;
  /** The target's name, and its classes if it has any. */
  readonly target: string;
  readonly classes: readonly string[] | null;
  readonly at: number;
}
