// Naive Bayes with a normal distribution per class and column.
import type { EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Table, Target } from "../base/table.ts";
import { classShares } from "../matrix/class-shares.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { GenerativeClassifier, type Known } from "./generative-classifier.ts";

const PARAMS = {
  varSmoothing: {
    type: "float",
    default: 1e-9,
    min: 0,
    exclusiveMin: true,
    doc: "Added to all variances, as a share of the largest column's variance.",
    search: { min: 1e-12, max: 1e-1, log: true },
  },
} as const satisfies ParamTable;

interface Normals {
  readonly logShares: Float64Array;
  /** classes × columns, row-major; of a class without a row 0 and 1. */
  readonly means: Float64Array;
  readonly variances: Float64Array;
}

/** Predicts by class-wise normal distributions of the columns, taken as independent. */
export class GaussianNB extends GenerativeClassifier<typeof PARAMS, Normals> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "GaussianNB",
    doc: "Naive Bayes: the columns are normally distributed within each class and independent of one another.",
    source: "Textbook naive Bayes; smoothing of variances as in scikit-learn",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    weights: "exact",
  };

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const columns = numericColumns(table, this.spec.name);
    const weights = rowWeights(context, table.rows, this.spec);
    const { counts, logShares } = classShares(codes, classes.length, weights);
    const all = { codes: new Int32Array(table.rows), counts: [counts.reduce((sum, count) => sum + count, 0)], weights };
    const [k, d] = [classes.length, columns.length];
    const means = new Float64Array(k * d);
    const variances = new Float64Array(k * d);
    let widest = 0;
    columns.forEach((values, j) => {
      const moments = momentsByClass(values, { codes, counts, weights });
      widest = Math.max(widest, momentsByClass(values, all).variances[0]);
      for (let c = 0; c < k; c++) {
        means[c * d + j] = moments.means[c];
        variances[c * d + j] = moments.variances[c];
      }
    });
    // A table of constant columns has no scale of its own; any positive variance makes classes their shares.
    const smoothing = this.params.varSmoothing * (widest > 0 ? widest : 1);
    for (let i = 0; i < variances.length; i++)
      variances[i] = counts[Math.floor(i / d)] === 0 ? 1 : variances[i] + smoothing;
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this.keep({ schema: tableSchema(table), classes }, { logShares, means, variances });
  }

  protected compileJoint({ logShares, means, variances }: Normals, d: number) {
    const constants = logShares.map((share, k) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += Math.log(2 * Math.PI * variances[k * d + j]);
      return share - 0.5 * sum;
    });
    return (row: Float64Array, out: Float64Array): void => {
      for (let k = 0; k < constants.length; k++) {
        let sum = 0;
        for (let j = 0; j < d; j++) sum += (row[j] - means[k * d + j]) ** 2 / variances[k * d + j];
        out[k] = constants[k] - 0.5 * sum;
      }
    };
  }

  protected pack({ logShares, means, variances }: Normals): FittedState {
    const shape = [logShares.length, means.length / logShares.length];
    return {
      tensors: { logShares: tensor(logShares), means: tensor(means, shape), variances: tensor(variances, shape) },
      meta: {},
    };
  }

  protected unpack(state: FittedState, { schema, classes }: Known): Normals {
    const how = { owner: this.spec.name, type: Float64Array, length: classes.length * schema.length };
    return {
      logShares: readTensor(state, "logShares", { ...how, length: classes.length }),
      means: readTensor(state, "means", how),
      variances: readTensor(state, "variances", how),
    };
  }
}

// Internal

/** Mean and population variance of each class, in two passes; 0 of a class without a row. */
function momentsByClass(
  values: Float64Array,
  { codes, counts, weights }: { codes: Int32Array; counts: ArrayLike<number>; weights: Float64Array | undefined },
) {
  const means = new Float64Array(counts.length);
  const variances = new Float64Array(counts.length);
  const divide = (sums: Float64Array) => {
    for (let k = 0; k < sums.length; k++) if (counts[k] > 0) sums[k] /= counts[k];
  };
  for (let i = 0; i < values.length; i++) means[codes[i]] += (weights?.[i] ?? 1) * values[i];
  divide(means);
  for (let i = 0; i < values.length; i++)
    variances[codes[i]] += (weights?.[i] ?? 1) * (values[i] - means[codes[i]]) ** 2;
  divide(variances);
  return { means, variances };
}
