// Naive Bayes for counts and frequencies, such as those of words.
import type { EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { tableSchema } from "../base/schema.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Table, Target } from "../base/table.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { classShares, type Known, NaiveBayes } from "./naive-bayes.ts";

const PARAMS = {
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Added to every count (Laplace and Lidstone smoothing).",
    search: { min: 1e-3, max: 10, log: true },
  },
  fitPrior: { type: "boolean", default: true, doc: "Whether to weigh classes by their shares, or all alike." },
} as const satisfies ParamTable;

interface Frequencies {
  readonly logPriors: Float64Array;
  /** ln P(column | class), classes × columns, row-major. */
  readonly logShares: Float64Array;
}

/** Predicts by how the columns' counts are shared out within each class; columns must not be negative. */
export class MultinomialNB extends NaiveBayes<typeof PARAMS, Frequencies> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "MultinomialNB",
    doc: "Naive Bayes for columns that are counts or frequencies, such as TF-IDF: each class has its own mix of them.",
    source: "Manning, Raghavan & Schütze 2008, section 13.2",
    params: PARAMS,
    task: "classification",
    input: "counts",
  };

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const columns = numericColumns(table, this.spec.name);
    this.#refuseNegative(table, columns);
    const { alpha, fitPrior } = this.params;
    const shares = classShares(codes, classes.length).logShares;
    const [k, d] = [classes.length, columns.length];
    const logShares = new Float64Array(k * d).fill(alpha);
    columns.forEach((values, j) => {
      for (let i = 0; i < values.length; i++) logShares[codes[i] * d + j] += values[i];
    });
    for (let c = 0; c < k; c++) {
      const own = logShares.subarray(c * d, (c + 1) * d);
      const total = own.reduce((sum, value) => sum + value, 0);
      for (let j = 0; j < d; j++) own[j] = Math.log(own[j] / total);
    }
    // A class that was never seen stays impossible, whatever the prior.
    const logPriors = fitPrior ? shares : shares.map((share) => (Number.isFinite(share) ? -Math.log(k) : share));
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this.keep({ schema: tableSchema(table), classes }, { logPriors, logShares });
  }

  protected compileJoint({ logPriors, logShares }: Frequencies, d: number) {
    return (row: Float64Array, out: Float64Array): void => {
      for (let k = 0; k < logPriors.length; k++) {
        let sum = logPriors[k];
        for (let j = 0; j < d; j++) sum += row[j] * logShares[k * d + j];
        out[k] = sum;
      }
    };
  }

  protected pack({ logPriors, logShares }: Frequencies): FittedState {
    const shape = [logPriors.length, logShares.length / logPriors.length];
    return { tensors: { logPriors: tensor(logPriors), logShares: tensor(logShares, shape) }, meta: {} };
  }

  protected unpack(state: FittedState, { schema, classes }: Known): Frequencies {
    const how = { owner: this.spec.name, type: Float64Array, length: classes.length * schema.length };
    return {
      logPriors: readTensor(state, "logPriors", { ...how, length: classes.length }),
      logShares: readTensor(state, "logShares", how),
    };
  }

  #refuseNegative(table: Table, columns: readonly Float64Array[]): void {
    for (const [j, values] of columns.entries()) {
      const row = values.findIndex((value) => value < 0);
      if (row < 0) continue;
      const where = `row ${row} of "${table.columns[j].name}" is ${values[row]}`;
      throw new ShapeError(`MultinomialNB takes counts, ${where}; use a MinMaxScaler step, or another estimator`);
    }
  }
}
