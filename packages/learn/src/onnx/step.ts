// What every step of a graph is written with.
import type { Transformer } from "../base/component.ts";
import type { GraphColumn } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** Where a step stands in a graph. */
export interface Step {
  readonly graph: OnnxGraph;
  readonly inputs: readonly GraphColumn[];
}

/** Transformers of one type, and how their outputs are written: the names of values [n, 1], in their order. */
export interface StepFamily {
  readonly type: { readonly prototype: Transformer };
  readonly write: (step: Step, transformer: Transformer) => readonly string[];
}

/** A family of which `write` knows the type. */
export function stepFamily<T extends Transformer>(
  type: { readonly prototype: T },
  write: (step: Step, transformer: T) => readonly string[],
): StepFamily {
  return { type, write: write as StepFamily["write"] };
}
