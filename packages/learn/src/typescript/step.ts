// What every step of an exported module is written with.
import type { Slot, Transformer } from "../base/component.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** Where a step stands in a module. */
export interface Step {
  readonly module: ModuleWriter;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** The slots as source. */
  readonly from: string;
  readonly to: string;
}

/** Transformers of one type, and how they are written. */
export interface StepFamily {
  readonly type: { readonly prototype: Transformer };
  readonly write: (step: Step, transformer: Transformer) => void;
}

/** A family of which `write` knows the type. */
export function stepFamily<T extends Transformer>(
  type: { readonly prototype: T },
  write: (step: Step, transformer: T) => void,
): StepFamily {
  return { type, write: write as StepFamily["write"] };
}
