// Logistic regression over columns in double precision, by Newton's method or by SAGA. Columns have their means taken
// off first where there is an intercept to make up for it, which changes the way and not the minimum.
import type { FitContext, Json } from "../base/component.ts";
import type { Random } from "../base/random.ts";
import type { LinearModel } from "../matrix/linear-model.ts";
import { columnMean } from "./gram.ts";
import { type ClassRows, LogisticColumns } from "./logistic-columns.ts";
import { minimiseByNewton } from "./newton.ts";
import { minimiseBySaga } from "./saga.ts";
import { unshifted } from "./shifted-columns.ts";

export type ClassColumns = Pick<ClassRows, "columns" | "target" | "outputs" | "weights">;

interface SolverParams {
  readonly c: number;
  readonly penalty: string;
  readonly l1Ratio: number;
  readonly solver: string;
  readonly fitIntercept: boolean;
  readonly tolerance: number;
  readonly maxIterations: number;
}

type Found = Pick<LinearModel, "coefficients" | "intercepts"> & { readonly details: Readonly<Record<string, Json>> };

/** Minimises by the solver that `params` name; reports every iteration. */
export async function minimiseOverColumns(
  problem: ClassColumns,
  params: SolverParams,
  context: FitContext & { readonly random: Random },
): Promise<Found> {
  const { columns, weights } = problem;
  const { fitIntercept, c } = params;
  const shifts = columns.map((values) => (fitIntercept ? columnMean(values, weights) : 0));
  const rows: ClassRows = { ...problem, shifts, fitIntercept };
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? problem.target.length;
  const l1Share = { l2: 0, l1: 1, elasticnet: params.l1Ratio }[params.penalty];
  const strength = l1Share === undefined ? 0 : 1 / (c * total);
  const penalties = { l1: strength * (l1Share ?? 0), l2: strength * (1 - (l1Share ?? 0)) };
  const loss = new LogisticColumns(rows, penalties.l2);
  const solve = params.solver === "saga" ? bySaga : byNewton;
  const { x, ...details } = await solve({ rows, loss, penalties, params, context });
  const coefficients = new Float64Array(problem.outputs * columns.length);
  const intercepts = new Float64Array(problem.outputs);
  for (let k = 0; k < problem.outputs; k++) {
    const own = x.subarray(k * loss.stride, (k + 1) * loss.stride);
    coefficients.set(own.subarray(0, columns.length), k * columns.length);
    if (fitIntercept) intercepts[k] = unshifted(rows, own, own[columns.length]);
  }
  return { coefficients, intercepts: problem.outputs > 1 ? centred(intercepts) : intercepts, details };
}

// Internal

/** Softmax knows intercepts only up to a number that all share; of these, those with sum 0. */
function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

interface Solving {
  readonly rows: ClassRows;
  readonly loss: LogisticColumns;
  readonly penalties: { readonly l1: number; readonly l2: number };
  readonly params: SolverParams;
  readonly context: FitContext & { readonly random: Random };
}

interface Solved {
  readonly x: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  readonly loss: number;
}

async function byNewton({ rows, loss, params, context }: Solving): Promise<Solved> {
  const { tolerance, maxIterations } = params;
  const onIteration = (step: number, value: number) =>
    context.report({ step, total: maxIterations, unit: "iteration", loss: value });
  const start = new Float64Array(rows.outputs * loss.stride);
  const found = await minimiseByNewton(loss, start, { tolerance, maxIterations, onIteration });
  return { x: found.x, iterations: found.iterations, converged: found.converged, loss: found.value };
}

async function bySaga({ rows, loss, penalties, params, context }: Solving): Promise<Solved> {
  const { tolerance, maxIterations } = params;
  const { x, epochs, converged } = await minimiseBySaga(rows, {
    ...penalties,
    tolerance,
    maxEpochs: maxIterations,
    random: context.random,
    onEpoch: (step) => context.report({ step, total: maxIterations, unit: "epoch" }),
    gradientAt: (at, gradient) => loss.valueAndGradient(at, gradient),
  });
  let absolute = 0;
  for (let j = 0; j < x.length; j++) if (j % loss.stride < rows.columns.length) absolute += Math.abs(x[j]);
  return { x, iterations: epochs, converged, loss: loss.value(x) + penalties.l1 * absolute };
}
