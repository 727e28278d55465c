// Logistic regression to convergence by L-BFGS: two classes by one score, more by softmax.
import type { Allocations, Pointer } from "@massif/kernels";
import type { EstimatorSpec, FitContext, Json } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { shareRows } from "../base/row-share.ts";
import { tableSchema } from "../base/schema.ts";
import type { ClassTarget, Table, Target } from "../base/table.ts";
import { copyI32, type DenseRows, packRows } from "../matrix/dense-rows.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { writeSigns } from "./gradient-descent-classifier.ts";
import type { LbfgsResult } from "./lbfgs.ts";
import { LinearClassifier, outputsOf } from "./linear-classifier.ts";
import { weightsToModel } from "./linear-model.ts";
import { minimiseLogLoss } from "./log-loss-minimum.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Inverse of the strength of the L2 penalty: |w|^2 / 2 is added to c times the summed loss.",
    search: { min: 1e-4, max: 1e4, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stops when no entry of the mean loss's gradient is larger.",
  },
  maxIterations: { type: "int", default: 1000, min: 1, doc: "Largest number of L-BFGS iterations." },
} as const satisfies ParamTable;

/** Minimises the log loss with an L2 penalty; `converged` and `iterations` are in the state's meta. */
export class LogisticRegression extends LinearClassifier<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LogisticRegression",
    doc: "Logistic regression with an L2 penalty, fitted to convergence by L-BFGS.",
    source: "Cox 1958; Liu & Nocedal 1989 (L-BFGS)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    onRanks: true,
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numberColumns(table, this.spec.name);
    const known = classTarget(target, table.rows, this.spec.name);
    const outputs = outputsOf(known.classes.length);
    return await context.runtime.scope(async (memory) => {
      const intercept = this.params.fitIntercept;
      const x = packRows(context.runtime, memory, {
        columns,
        rows: table.rows,
        intercept,
        refuse: () => refuseNonFinite(table, this.spec.name),
      });
      const y = this.#layTarget(known, memory, context);
      const kind = outputs === 1 ? "logistic" : "softmax";
      const { communicator } = context;
      const share =
        communicator === undefined || communicator.size === 1 ? undefined : await shareRows(communicator, x.rows);
      const { tolerance, maxIterations, c } = this.params;
      const penalty = 1 / (c * (share?.total ?? x.rows));
      const data = { kind, x, y, outputs } as const;
      const result = await minimiseLogLoss({ data, penalty, tolerance, maxIterations, share }, memory, context);
      const { iterations, converged, value } = result;
      const details: Record<string, Json> = { iterations, converged, loss: value };
      return this.#keep({ result, x, table, known }, details);
    });
  }

  // Internal

  #layTarget({ codes, classes }: ClassTarget, memory: Allocations, { runtime }: FitContext): Pointer {
    if (classes.length > 2) return copyI32(runtime, memory, codes);
    const signs = memory.alloc(codes.length * 8);
    writeSigns(codes, runtime.f64(signs, codes.length));
    return signs;
  }

  #keep(
    { result, x, table, known }: { result: LbfgsResult; x: DenseRows; table: Table; known: ClassTarget },
    details: Readonly<Record<string, Json>>,
  ): this {
    const { coefficients, intercepts } = weightsToModel(result.x, x);
    return this.learned({ schema: tableSchema(table), classes: known.classes, coefficients, intercepts }, details);
  }
}
