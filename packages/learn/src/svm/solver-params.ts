// How machines with kernels are solved, as parameters that all of them share.
import type { ParamTable } from "../base/params.ts";

/** When to stop, and how much memory to take. */
export const SOLVER_PARAMS = {
  tolerance: {
    type: "float",
    default: 1e-3,
    min: 0,
    exclusiveMin: true,
    doc: "Largest violation of optimality that is left.",
  },
  maxIterations: { type: "int", default: 10_000_000, min: 1, doc: "Most steps for each machine." },
  cacheMegabytes: { type: "int", default: 200, min: 1, max: 3000, doc: "Memory for rows of the kernel's matrix." },
} as const satisfies ParamTable;
