// The functions of an exported module, as source: a module holds those that its model needs. Each does, operation by
// operation, what `compileRow` of the step or estimator does, so that both give the same bits. Reads carry a `!` because
// a reader's compiler may count every element as possibly absent.
import { COMPOSITE_PARTS } from "./composite-parts.ts";
import { DENSITY_PARTS } from "./density-parts.ts";
import { ESTIMATOR_PARTS } from "./estimator-parts.ts";
import { FEATURE_PARTS } from "./feature-parts.ts";
import { MACHINE_PARTS } from "./machine-parts.ts";
import { NEIGHBOR_PARTS } from "./neighbor-parts.ts";
import { READ_PARTS } from "./read-parts.ts";
import { STEP_PARTS } from "./step-parts.ts";

/** A function, and the others that it calls. */
export interface Part {
  readonly source: string;
  readonly needs?: readonly PartName[];
}

/** What the functions are called. */
export type PartName =
  | keyof typeof READ_PARTS
  | keyof typeof STEP_PARTS
  | keyof typeof FEATURE_PARTS
  | keyof typeof ESTIMATOR_PARTS
  | keyof typeof MACHINE_PARTS
  | keyof typeof DENSITY_PARTS
  | keyof typeof NEIGHBOR_PARTS
  | keyof typeof COMPOSITE_PARTS;

/** All functions. */
export const PARTS: Readonly<Record<PartName, Part>> = {
  ...READ_PARTS,
  ...STEP_PARTS,
  ...FEATURE_PARTS,
  ...ESTIMATOR_PARTS,
  ...MACHINE_PARTS,
  ...DENSITY_PARTS,
  ...NEIGHBOR_PARTS,
  ...COMPOSITE_PARTS,
} as Record<PartName, Part>;
