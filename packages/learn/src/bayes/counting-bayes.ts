// What naive Bayes for counts shares: sums of the columns by class, from which each kind makes a weight per class and
// column, and the weighted sum that says how well a row suits a class.
import type { FitContext, FittedState } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Table, Target } from "../base/table.ts";
import { classShares } from "../matrix/class-shares.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { GenerativeClassifier, type Known } from "./generative-classifier.ts";

/** What the rows of each class add up to. */
export interface ClassSums {
  /** classes × columns, row-major. */
  readonly sums: Float64Array;
  /** Rows of each class, or their weight. */
  readonly counts: Float64Array;
  /** ln of each class's share of the rows; −∞ for a class without one. */
  readonly logShares: Float64Array;
  readonly columns: number;
}

/** A class's likelihood of a row is its prior plus its shares' products with the row. */
export interface Frequencies {
  readonly logPriors: Float64Array;
  /** classes × columns, row-major. */
  readonly logShares: Float64Array;
}

/** Parameters of all kinds. */
export const COUNTING_PARAMS = {
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

/** A classifier by weighted sums of counts. */
export abstract class CountingBayes<T extends typeof COUNTING_PARAMS> extends GenerativeClassifier<T, Frequencies> {
  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const columns = this.prepare(table, numericColumns(table, this.spec.name));
    const weights = rowWeights(context, table.rows, this.spec);
    const shares = classShares(codes, classes.length, weights);
    const d = columns.length;
    const sums = new Float64Array(classes.length * d);
    columns.forEach((values, j) => {
      for (let i = 0; i < values.length; i++) sums[codes[i] * d + j] += (weights?.[i] ?? 1) * values[i];
    });
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this.keep({ schema: tableSchema(table), classes }, this.weigh({ sums, columns: d, ...shares }));
  }

  /** The columns as they are counted; throws ShapeError for what is no count. */
  protected prepare(table: Table, columns: readonly Float64Array[]): readonly Float64Array[] {
    for (const [j, values] of columns.entries()) {
      const row = values.findIndex((value) => value < 0);
      if (row < 0) continue;
      const where = `row ${row} of "${table.columns[j].name}" is ${values[row]}`;
      throw new ShapeError(`${this.spec.name} takes counts, ${where}; use a MinMaxScaler step, or another estimator`);
    }
    return columns;
  }

  protected abstract weigh(sums: ClassSums): Frequencies;

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
}
