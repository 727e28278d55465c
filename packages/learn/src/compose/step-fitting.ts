// How the steps before an estimator learn. On ranks each step learns from all ranks' rows of its own columns, which for
// that time are in every rank's memory: so its state has the same bits as in one process, whatever the step computes.
import type { EstimatorSpec, FitContext, Transformer } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { gatherTable, gatherTarget, shareRows } from "../base/row-share.ts";
import type { Table, Target } from "../base/table.ts";

/** Fits a step to its columns. */
export type StepFitter = (transformer: Transformer, columns: Table) => Promise<unknown>;

/** The fitter for steps before `estimator`. Throws ParamError when several processes cannot fit that estimator. */
export async function stepFitter(
  { rows, target, estimator }: { rows: number; target: Target | undefined; estimator: EstimatorSpec },
  context: FitContext,
): Promise<StepFitter> {
  const { communicator } = context;
  if (communicator === undefined || communicator.size === 1) {
    return (transformer, columns) => transformer.fit(columns, target, context);
  }
  if (estimator.onRanks !== true) {
    throw new ParamError("estimator", `${estimator.name} cannot be trained on ranks; train it without`);
  }
  const share = await shareRows(communicator, rows);
  const all = target && (await gatherTarget(share, target));
  const alone = { ...context, communicator: undefined };
  return async (transformer, columns) => transformer.fit(await gatherTable(share, columns), all, alone);
}
