// What regression to convergence minimises: the mean loss of all rows and an L2 penalty that leaves the intercept out.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { GradientPass, type LossData } from "./gradient-pass.ts";
import type { Objective } from "./lbfgs.ts";

/** The mean loss plus penalty / 2 |w|^2 as a function of the weights (outputs x stride). */
export function penalisedMean(
  runtime: KernelRuntime,
  memory: Allocations,
  { data, penalty }: { data: LossData; penalty: number },
): Objective {
  const pass = new GradientPass(runtime, memory, data);
  const { rows, stride, intercept } = data.x;
  return (weights, gradient) => {
    const loss = pass.run(weights, gradient) / rows;
    let square = 0;
    for (let j = 0; j < weights.length; j++) {
      const weight = j % stride === intercept ? 0 : weights[j];
      square += weight * weight;
      gradient[j] = gradient[j] / rows + penalty * weight;
    }
    return loss + 0.5 * penalty * square;
  };
}
