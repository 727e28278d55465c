// Logistic regression to convergence: two classes by one score, more by softmax.
import type { Allocations, Pointer } from "@massif/kernels";
import { CLASS_WEIGHT, weightsByClass } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext, Json } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { shareRows } from "../base/row-share.ts";
import { tableSchema } from "../base/schema.ts";
import type { ClassTarget, Table, Target } from "../base/table.ts";
import { copyI32, packRows } from "../matrix/dense-rows.ts";
import { type LinearModel, weightsToModel } from "../matrix/linear-model.ts";
import { numberColumns, numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { writeSigns } from "./gradient-descent-classifier.ts";
import { LinearClassifier, outputsOf } from "./linear-classifier.ts";
import { minimiseLogLoss } from "./log-loss-minimum.ts";
import { type ClassColumns, minimiseOverColumns } from "./logistic-solvers.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Inverse of the strength of the penalty: for l2, |w|^2 / 2 is added to c times the summed loss.",
    search: { min: 1e-4, max: 1e4, log: true },
  },
  penalty: {
    type: "choice",
    choices: ["l2", "l1", "elasticnet", "none"],
    default: "l2",
    doc: "What keeps coefficients small; l1 and elasticnet, which leave columns out, need the solver saga.",
  },
  l1Ratio: {
    type: "float",
    default: 0.5,
    min: 0,
    max: 1,
    doc: "Share of the L1 penalty in elasticnet: l1Ratio |w| + (1 - l1Ratio) / 2 |w|^2.",
    search: { min: 0, max: 1 },
  },
  solver: {
    type: "choice",
    choices: ["lbfgs", "newton-cg", "saga"],
    default: "lbfgs",
    doc: "The method: lbfgs is fast on many rows; newton-cg is exact to double precision; saga takes every penalty, scale the columns.",
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stops when no entry of the mean loss's gradient is larger.",
  },
  maxIterations: { type: "int", default: 1000, min: 1, doc: "Largest number of iterations, or of saga's epochs." },
  classWeight: CLASS_WEIGHT,
} as const satisfies ParamTable;

/** Minimises the log loss with a penalty; `converged` and `iterations` are in the state's meta. */
export class LogisticRegression extends LinearClassifier<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LogisticRegression",
    doc: "Logistic regression with an L2 or L1 penalty, fitted to convergence.",
    source: "Cox 1958; Liu & Nocedal 1989 (L-BFGS); Lin, Weng & Keerthi 2008 (Newton-CG); Defazio et al. 2014 (SAGA)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    onRanks: true,
    weights: "exact",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    this.#checkSolver(context);
    const known = classTarget(target, table.rows, this.spec.name);
    const given = weightsByClass(context, known, this);
    const weights = given?.every((weight) => weight === 1) ? undefined : given;
    const minimise = this.params.solver === "lbfgs" ? this.#byLbfgs : this.#overColumns;
    const { details, coefficients, intercepts } = await minimise.call(this, { table, known, weights }, context);
    return this.learned({ schema: tableSchema(table), classes: known.classes, coefficients, intercepts }, details);
  }

  // Internal

  #checkSolver({ communicator }: FitContext): void {
    const { penalty, solver } = this.params;
    if ((penalty === "l1" || penalty === "elasticnet") && solver !== "saga") {
      const problem = `\`penalty\` "${penalty}" of LogisticRegression needs \`solver\` "saga", got "${solver}"`;
      throw new ParamError("penalty", problem);
    }
    if (solver !== "lbfgs" && communicator !== undefined && communicator.size > 1) {
      throw new ParamError("solver", `\`solver\` "${solver}" cannot be shared by ranks; choose "lbfgs"`);
    }
  }

  /** In float32 rows by kernels, or with weights by plain code over the same rows. */
  async #byLbfgs({ table, known, weights }: Rows, context: FitContext): Promise<Learned> {
    const columns = numberColumns(table, this.spec.name);
    const outputs = outputsOf(known.classes.length);
    const { communicator, runtime } = context;
    const { tolerance, maxIterations, c, penalty, fitIntercept: intercept } = this.params;
    return await runtime.scope(async (memory) => {
      const laid = weights === undefined ? columns : [...columns, weights];
      const refuse = () => refuseNonFinite(table, this.spec.name);
      const packed = packRows(runtime, memory, { columns: laid, rows: table.rows, intercept, refuse });
      const x = { ...packed, columns: columns.length };
      const y = this.#layTarget(known, memory, context);
      const kind = outputs === 1 ? "logistic" : "softmax";
      const share =
        communicator === undefined || communicator.size === 1 ? undefined : await shareRows(communicator, x.rows);
      // Summed as the rows have them.
      const total = weights?.reduce((sum, weight) => sum + Math.fround(weight), 0);
      const strength = penalty === "none" ? 0 : 1 / (c * (total ?? share?.total ?? x.rows));
      const weightColumn = weights === undefined ? undefined : columns.length;
      const data = { kind, x, y, outputs, weightColumn } as const;
      const problem = { data, penalty: strength, tolerance, maxIterations, share, total };
      const { iterations, converged, value, x: found } = await minimiseLogLoss(problem, memory, context);
      return { ...weightsToModel(found, x), details: { iterations, converged, loss: value } };
    });
  }

  /** In double precision over the columns as they are. */
  async #overColumns({ table, known, weights }: Rows, context: FitContext): Promise<Learned> {
    const columns = numericColumns(table, this.spec.name);
    const outputs = outputsOf(known.classes.length);
    const codes = known.codes;
    const target = outputs === 1 ? writeSigns(codes, new Float64Array(codes.length)) : codes;
    const problem: ClassColumns = { columns, target, outputs, weights };
    return await minimiseOverColumns(problem, this.params, { ...context, random: new Random(context.seed) });
  }

  #layTarget({ codes, classes }: ClassTarget, memory: Allocations, { runtime }: FitContext): Pointer {
    if (classes.length > 2) return copyI32(runtime, memory, codes);
    const signs = memory.alloc(codes.length * 8);
    writeSigns(codes, runtime.f64(signs, codes.length));
    return signs;
  }
}

// Internal

interface Rows {
  readonly table: Table;
  readonly known: ClassTarget;
  readonly weights: Float64Array | undefined;
}

type Learned = Pick<LinearModel, "coefficients" | "intercepts"> & { readonly details: Readonly<Record<string, Json>> };
