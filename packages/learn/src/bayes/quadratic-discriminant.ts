// Quadratic discriminant analysis: classes with normal spreads of their own.
import type { EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Table, Target } from "../base/table.ts";
import { classShares, priorsOf } from "../matrix/class-shares.ts";
import { spreadByClass } from "../matrix/class-spread.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { symmetricEigen } from "../matrix/symmetric-eigen.ts";
import { classTarget } from "../matrix/target-values.ts";
import { GenerativeClassifier, type Known } from "./generative-classifier.ts";

const PARAMS = {
  shrinkage: {
    type: "float",
    default: 0,
    min: 0,
    max: 1,
    doc: "How far the variances along each class's axes are drawn towards 1: 0 not at all; scale the columns first.",
    search: { min: 0, max: 1 },
  },
  varSmoothing: {
    type: "float",
    default: 1e-9,
    min: 0,
    exclusiveMin: true,
    doc: "Least variance along an axis, as a share of the largest in its class: where columns depend on one another.",
  },
  fitPrior: { type: "boolean", default: true, doc: "Whether to weigh classes by their shares, or all alike." },
} as const satisfies ParamTable;

interface Normals {
  /** What does not depend on the row in ln P(class, row). */
  readonly constants: Float64Array;
  /** classes × columns, row-major. */
  readonly means: Float64Array;
  /** Per class the axes, each divided by its deviation: classes × columns × columns. */
  readonly axes: Float64Array;
}

/** Predicts by class-wise normal distributions with full covariances; its boundaries are quadrics. */
export class QuadraticDiscriminantAnalysis extends GenerativeClassifier<typeof PARAMS, Normals> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "QuadraticDiscriminantAnalysis",
    doc: "Classes are normally distributed, each with a mean and a covariance of its own.",
    source: "Hastie, Tibshirani & Friedman 2009, section 4.3",
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
    const { means, products } = spreadByClass({ columns, codes, counts, weights });
    const d = columns.length;
    const constants = priorsOf(logShares, this.params.fitPrior).slice();
    const axes = new Float64Array(classes.length * d * d);
    for (const [k, own] of products.entries()) {
      const { values, vectors } = symmetricEigen(
        own.map((value) => value / (counts[k] || 1)),
        d,
      );
      const variances = this.#smoothed(values);
      for (let a = 0; a < d; a++) {
        constants[k] -= 0.5 * Math.log(variances[a]);
        for (let j = 0; j < d; j++) axes[(k * d + a) * d + j] = vectors[a * d + j] / Math.sqrt(variances[a]);
      }
    }
    await context.report({ step: 1, total: 1, unit: "solve" });
    return this.keep({ schema: tableSchema(table), classes }, { constants, means, axes });
  }

  protected compileJoint({ constants, means, axes }: Normals, d: number) {
    const from = new Float64Array(d);
    return (row: Float64Array, out: Float64Array): void => {
      for (let k = 0; k < constants.length; k++) {
        for (let j = 0; j < d; j++) from[j] = row[j] - means[k * d + j];
        let square = 0;
        for (let a = 0; a < d; a++) {
          let along = 0;
          for (let j = 0; j < d; j++) along += axes[(k * d + a) * d + j] * from[j];
          square += along * along;
        }
        out[k] = constants[k] - 0.5 * square;
      }
    };
  }

  protected pack({ constants, means, axes }: Normals): FittedState {
    const [k, d] = [constants.length, means.length / constants.length];
    return {
      tensors: { constants: tensor(constants), means: tensor(means, [k, d]), axes: tensor(axes, [k, d, d]) },
      meta: {},
    };
  }

  protected unpack(state: FittedState, { schema, classes }: Known): Normals {
    const how = { owner: this.spec.name, type: Float64Array };
    const [k, d] = [classes.length, schema.length];
    return {
      constants: readTensor(state, "constants", { ...how, length: k }),
      means: readTensor(state, "means", { ...how, length: k * d }),
      axes: readTensor(state, "axes", { ...how, length: k * d * d }),
    };
  }

  /** A class without any spread is given that of the unit sphere, whose size no row can contradict. */
  #smoothed(values: Float64Array): Float64Array {
    const { shrinkage, varSmoothing } = this.params;
    const drawn = values.map((value) => (1 - shrinkage) * Math.max(0, value) + shrinkage);
    const least = varSmoothing * (drawn.reduce((most, value) => Math.max(most, value), 0) || 1 / varSmoothing);
    return drawn.map((value) => Math.max(value, least));
  }
}
