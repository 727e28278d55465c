// The kernels that machines compare rows by, as parameters and as numbers for the loops that compute them.

import type { FittedState, Json } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { readMeta } from "../base/state.ts";

/** Their places are what the WebAssembly loops know them by. */
export const KERNELS = ["rbf", "linear", "poly", "sigmoid"] as const;

/** A kernel with all its constants. */
export interface KernelFunction {
  readonly kernel: (typeof KERNELS)[number];
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** The parameters by which a kernel is chosen. */
export const KERNEL_PARAMS = {
  kernel: {
    type: "choice",
    choices: KERNELS,
    default: "rbf",
    doc: "How alike two rows are: e^(-gamma |a - b|²), a·b, (gamma a·b + coef0)^degree, or tanh(gamma a·b + coef0).",
  },
  gamma: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    exclusiveMin: true,
    doc: "Scale of the kernels rbf, poly and sigmoid; null: 1 / (columns × variance of all values).",
    search: { min: 1e-4, max: 10, log: true },
  },
  degree: { type: "int", default: 3, min: 1, max: 20, doc: "Power of the kernel poly." },
  coef0: { type: "float", default: 0, doc: "What the kernels poly and sigmoid add to products." },
} as const satisfies ParamTable;

/** The kernel that parameters name, gamma taken from the columns where it is null; rows count by their weights. */
export function kernelFunction(
  { kernel, gamma, coef0, degree }: Omit<KernelFunction, "gamma"> & { readonly gamma: number | null },
  columns: readonly Float64Array[],
  weights: Float64Array,
): KernelFunction {
  return { kernel, gamma: gamma ?? scaleGamma(columns, weights), coef0, degree };
}

/** Kind, gamma, coef0 and degree, as the loops take them. */
export function kernelArguments({ kernel, gamma, coef0, degree }: KernelFunction): [number, number, number, number] {
  return [KERNELS.indexOf(kernel), gamma, coef0, degree];
}

/** The kernel as the meta of a state has it. */
export function kernelToJson({ kernel, gamma, coef0, degree }: KernelFunction): Json {
  return { kernel, gamma, coef0, degree };
}

/** Reads what `kernelToJson` wrote under "kernel"; throws ShapeError naming `owner`. */
export function kernelFromState(state: FittedState, owner: string): KernelFunction {
  const found = readMeta(state, "kernel", owner) as { readonly [key: string]: Json } | null;
  const { kernel, gamma, coef0, degree } = typeof found === "object" && found !== null ? found : {};
  const known = KERNELS.find((name) => name === kernel);
  const isWhole = typeof degree === "number" && Number.isInteger(degree) && degree >= 1 && degree <= 20;
  if (known === undefined || !Number.isFinite(gamma) || !Number.isFinite(coef0) || !isWhole) {
    throw new ShapeError(`"kernel" in the state of ${owner} is no kernel with gamma, coef0 and degree`);
  }
  return { kernel: known, gamma: gamma as number, coef0: coef0 as number, degree };
}

// Internal

/** 1 / (columns × variance of all values), as scikit-learn's `scale`; 1 for values that do not vary. */
function scaleGamma(columns: readonly Float64Array[], weights: Float64Array): number {
  let [count, sum] = [0, 0];
  for (const values of columns) {
    for (let i = 0; i < values.length; i++) {
      count += weights[i];
      sum += weights[i] * values[i];
    }
  }
  const mean = sum / count;
  let squares = 0;
  for (const values of columns) {
    for (let i = 0; i < values.length; i++) squares += weights[i] * (values[i] - mean) ** 2;
  }
  return squares > 0 ? count / (columns.length * squares) : 1;
}
