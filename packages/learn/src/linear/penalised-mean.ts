// What regression to convergence minimises: the mean loss of all rows and an L2 penalty that leaves the intercept out.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import type { RowShare } from "../base/row-share.ts";
import { GradientPass, type LossData } from "./gradient-pass.ts";
import type { Objective } from "./lbfgs.ts";
import { KERNEL_LOSSES } from "./score-losses.ts";
import { ScorePass } from "./score-pass.ts";

/**
 * The mean loss plus penalty / 2 |w|^2 as a function of the weights (outputs x stride). With `share` the mean is that of
 * all ranks' rows, and every rank must ask for it. `total` is the sum of the rows' weights where they have any.
 */
export function penalisedMean(
  runtime: KernelRuntime,
  memory: Allocations,
  { data, penalty, share, total }: { data: LossData; penalty: number; share?: RowShare; total?: number },
): Objective {
  const isWeighed = data.weightColumn !== undefined;
  const pass = isWeighed
    ? new ScorePass(runtime, data, KERNEL_LOSSES[data.kind])
    : new GradientPass(runtime, memory, data);
  const { stride, intercept } = data.x;
  const rows = total ?? share?.total ?? data.x.rows;
  const finish = (sum: number, weights: Float64Array, gradient: Float64Array): number => {
    const loss = sum / rows;
    let square = 0;
    for (let j = 0; j < weights.length; j++) {
      // Nothing is learned of the rows' weights.
      if (isWeighed && j % stride === data.weightColumn) gradient[j] = 0;
      const weight = j % stride === intercept ? 0 : weights[j];
      square += weight * weight;
      gradient[j] = gradient[j] / rows + penalty * weight;
    }
    return loss + 0.5 * penalty * square;
  };
  if (share === undefined) return (weights, gradient) => finish(pass.run(weights, gradient), weights, gradient);
  const sums = new Float64Array(pass.width + 1);
  return async (weights, gradient) => {
    sums[pass.width] = pass.run(weights, gradient);
    sums.set(gradient);
    await share.communicator.allReduce(sums);
    gradient.set(sums.subarray(0, pass.width));
    return finish(sums[pass.width], weights, gradient);
  };
}
