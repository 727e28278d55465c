// One kernel machine from columns: the memory of its rows' kernels for as long as it is fitted.
import type { KernelRuntime } from "@massif/kernels";
import type { KernelFunction } from "./kernel-function.ts";
import { KernelRows } from "./kernel-rows.ts";
import { type DualProblem, type KernelMachine, minimise, type Stops } from "./smo.ts";

/** The rows of a machine, and how it is fitted. */
export interface MachineTask extends Stops {
  /** Of the machine's own rows. */
  readonly columns: readonly Float64Array[];
  readonly kernel: KernelFunction;
  readonly cacheMegabytes: number;
  /** Throws the error that names a value which is not a finite float32. */
  readonly refuse: () => never;
}

/** Minimises `problem` over the task's rows; its betas must have the sum 0 unless `start` says otherwise. */
export function fitMachine(runtime: KernelRuntime, task: MachineTask, problem: DualProblem): KernelMachine {
  return runtime.scope((memory) => {
    const { kernel, cacheMegabytes, refuse } = task;
    const rows = problem.linear.length;
    // Distances come from products, which lose least near 0. Betas of sum 0 see products of moved rows alike, too.
    const isMoved = kernel.kernel === "rbf" || (kernel.kernel === "linear" && problem.start === undefined);
    const columns = isMoved ? task.columns.map(centred) : task.columns;
    const cacheBytes = cacheMegabytes * 2 ** 20;
    const machine = minimise(
      new KernelRows(runtime, memory, { columns, rows, kernel, cacheBytes, refuse }),
      memory,
      problem,
      task,
    );
    if (!isMoved || kernel.kernel === "rbf") return machine;
    return { ...machine, bias: machine.bias - shiftOf(task.columns, machine.betas) };
  });
}

// Internal

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function centred(values: Float64Array): Float64Array {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}

/** By how much products with moved rows are less: the sum of betas times a product of the row with the means. */
function shiftOf(columns: readonly Float64Array[], betas: Float64Array): number {
  let shift = 0;
  for (const values of columns) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += betas[i] * values[i];
    shift += sum * meanOf(values);
  }
  return shift;
}
