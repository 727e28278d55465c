// How the steps before an estimator learn. On ranks each step learns from all ranks' rows of its own columns, which for
// that time are in every rank's memory: so its state has the same bits as in one process, whatever the step computes.
import type { EstimatorSpec, FitContext, Transformer } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { gatherTable, gatherTarget, shareRows } from "../base/row-share.ts";
import type { Table, Target } from "../base/table.ts";
import { takeRows } from "../base/take-rows.ts";

/** Fits a step to its columns; gives what the step makes of these rows. */
export type StepFitter = (transformer: Transformer, columns: Table) => Promise<Table>;

/** The fitter for steps before `estimator`. Throws ParamError when several processes cannot fit that estimator. */
export async function stepFitter(
  { rows, target, estimator }: { rows: number; target: Target | undefined; estimator: EstimatorSpec },
  context: FitContext,
): Promise<StepFitter> {
  const { communicator } = context;
  if (communicator === undefined || communicator.size === 1) {
    return (transformer, columns) => fitStep(transformer, columns, { target, context });
  }
  if (estimator.onRanks !== true) {
    throw new ParamError("estimator", `${estimator.name} cannot be trained on ranks; train it without`);
  }
  const share = await shareRows(communicator, rows);
  const all = target && (await gatherTarget(share, target));
  const alone = { ...context, communicator: undefined };
  const own = Uint32Array.from({ length: rows }, (_, row) => share.first + row);
  return async (transformer, columns) => {
    const gathered = await gatherTable(share, columns);
    if (transformer.fitTransform !== undefined) {
      return takeRows(await transformer.fitTransform(gathered, all, alone), own);
    }
    await transformer.fit(gathered, all, alone);
    return transformer.transform(columns);
  };
}

// Internal

async function fitStep(
  transformer: Transformer,
  columns: Table,
  { target, context }: { target: Target | undefined; context: FitContext },
): Promise<Table> {
  if (transformer.fitTransform !== undefined) return transformer.fitTransform(columns, target, context);
  return (await transformer.fit(columns, target, context)).transform(columns);
}
