// A module in the making: constants of the model, the calls that predict a row, and the parts that these calls need.
import type { FittedState, Slot } from "../base/component.ts";
import { arrayLiteral, listLiteral, numberLiteral } from "./literals.ts";
import { PARTS, type PartName } from "./parts.ts";

/** Gathers a module's source. */
export class ModuleWriter {
  readonly #constants: string[] = [];
  readonly #calls: string[] = [];
  readonly #parts = new Set<PartName>();
  readonly #held = { bytes: 0 };
  #slots: number;

  constructor(inputs: number) {
    this.#slots = inputs;
  }

  /** Slots of the frame that are taken. */
  get slots(): number {
    return this.#slots;
  }

  /** A place in the frame for a column that a step makes. */
  newSlot(): number {
    return this.#slots++;
  }

  /** Keeps `name`, so that calls can use it. */
  constant(name: string, source: string): void {
    this.#constants.push(`const ${name} = ${source};`);
  }

  /** Runs `part`, with the fields of an object made once if there are any. */
  call(part: PartName, fields?: Readonly<Record<string, string>>): void {
    this.#parts.add(part);
    if (fields === undefined) {
      this.#calls.push(`${part}();`);
      return;
    }
    const name = `${part}${this.#calls.length + 1}`;
    this.constant(name, this.record(fields));
    this.#calls.push(`${part}(${name});`);
  }

  /** Has no answer for a row with a gap in one of the columns. */
  refuseGaps(columns: readonly Slot[]): void {
    this.#parts.add("isAnyMissing");
    this.constant("needed", this.slotsOf(columns));
    this.#calls.push("if (isAnyMissing(needed)) throw noAnswer();");
  }

  /** An object of these fields. */
  record(fields: Readonly<Record<string, string>>): string {
    const listed = Object.entries(fields).map(([field, source]) => `  ${field}: ${source},\n`);
    return `{\n${listed.join("")}}`;
  }

  /** Makes the module hold a part without calling it. */
  need(part: PartName): void {
    this.#parts.add(part);
  }

  array(values: Float64Array | Uint32Array | Uint8Array): string {
    const source = arrayLiteral(values, this.#held);
    for (const part of ["f64", "u32", "u8"] as const) if (source.startsWith(`${part}(`)) this.#parts.add(part);
    return source;
  }

  arrays(values: readonly (Float64Array | Uint32Array | Uint8Array)[]): string {
    return listLiteral(values.map((each) => this.array(each)));
  }

  /** A tensor of numbers. */
  numbers({ tensors }: FittedState, name: string): string {
    return this.array(tensors[name].data as Float64Array);
  }

  number(value: number): string {
    return numberLiteral(value);
  }

  /** An array of so many numbers to be written. */
  room(length: number): string {
    return `new Float64Array(${length})`;
  }

  slotsOf(columns: readonly Slot[]): string {
    return this.array(Uint32Array.from(columns, ({ slot }) => slot));
  }

  get calls(): readonly string[] {
    return this.#calls;
  }

  get constants(): readonly string[] {
    return this.#constants;
  }

  /** The sources of the parts that are needed, with those that these need. */
  parts(): string[] {
    const all = new Set<PartName>();
    const add = (name: PartName): void => {
      if (all.has(name)) return;
      all.add(name);
      for (const other of PARTS[name].needs ?? []) add(other);
    };
    for (const name of this.#parts) add(name);
    return [...all].map((name) => PARTS[name].source);
  }
}
