// A mixture of normal distributions, fitted by expectation and maximisation.
import {
  Clusterer,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { nearest } from "../matrix/most-probable.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { KMeans } from "./k-means.ts";
import { type Covariance, estimateMixture, factorLength, jointOf, type Mixture, type Weighed } from "./mixture.ts";

const PARAMS = {
  clusters: {
    type: "int",
    default: 3,
    min: 1,
    doc: "Number of normal distributions, at most the number of rows.",
    search: { min: 2, max: 20 },
  },
  covariance: {
    type: "choice",
    default: "full",
    choices: ["full", "tied", "diag", "spherical"],
    doc: "Shape of the distributions: each its own, one for all, its own along the columns, or its own radius.",
  },
  starts: { type: "int", default: 1, min: 1, doc: "Fits from so many k-means clusterings; the most likely is kept." },
  maxIterations: { type: "int", default: 100, min: 1, doc: "Most iterations of each start." },
  tolerance: {
    type: "float",
    default: 1e-3,
    min: 0,
    doc: "Stops when the mean log likelihood of a row changes by less.",
  },
  regularization: {
    type: "float",
    default: 1e-6,
    min: 0,
    doc: "Added to all variances, so that none vanishes.",
    search: { min: 1e-8, max: 1e-1, log: true },
  },
} as const satisfies ParamTable;

interface Fitted extends Mixture {
  readonly schema: readonly ColumnSchema[];
  readonly logLikelihood: number;
  readonly iterations: number;
}

/**
 * Describes rows as drawn from normal distributions; cluster 0 has the largest share. The distance to a cluster is the
 * negative logarithm of its probability given the row: e^−distance is the probability.
 */
export class GaussianMixture extends Clusterer<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "GaussianMixture",
    doc: "Groups rows by the normal distribution they most likely come from; e^-distance is that probability.",
    source: "Dempster, Laird & Rubin 1977, Maximum Likelihood from Incomplete Data via the EM Algorithm",
    params: PARAMS,
    task: "clustering",
    input: "matrix",
    weights: "exact",
  };
  #model: Fitted | undefined;

  get clusters(): number {
    return this.#fitted.shares.length;
  }

  /** Mean log likelihood of a training row. Throws NotFittedError. */
  get logLikelihood(): number {
    return this.#fitted.logLikelihood;
  }

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    const columns = numericColumns(table, name);
    const weights = rowWeights(context, table.rows, this.spec);
    const { clusters, starts, maxIterations } = this.params;
    if (table.rows === 0) throw new ShapeError("the table has no rows to learn from");
    if (clusters > table.rows) {
      const most = `must be at most the ${table.rows} rows`;
      throw new ParamError("clusters", `\`clusters\` of ${name} ${most}, got ${clusters}`);
    }
    const points: Weighed = { columns, weights: weights ?? new Float64Array(table.rows).fill(1) };
    let best: ReturnType<typeof estimateMixture> | undefined;
    for (let start = 0; start < starts; start++) {
      const quiet = { ...context, seed: context.seed + start, report: async () => {}, checkpoint: undefined };
      const first = new KMeans({ clusters, starts: 1 });
      const prediction = (await first.fit(table, undefined, quiet)).predict(table);
      if (prediction.kind !== "cluster") throw new TypeError("k-means predicts clusters");
      const found = estimateMixture(points, prediction.codes, { ...this.params, owner: name });
      await context.report({
        step: (start + 1) * maxIterations,
        total: starts * maxIterations,
        unit: "iteration",
        loss: -found.logLikelihood,
      });
      if (best === undefined || found.logLikelihood > best.logLikelihood) best = found;
    }
    if (best !== undefined) this.#model = { schema: tableSchema(table), ...best };
    return this;
  }

  predict(table: Table): Prediction {
    const { schema } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const { clusters } = this;
    const measure = measureOf(this.#fitted);
    const row = new Float64Array(columns.length);
    const distances = new Float64Array(table.rows * clusters);
    for (let i = 0; i < table.rows; i++) {
      for (let j = 0; j < row.length; j++) row[j] = columns[j][i];
      measure(row, distances.subarray(i * clusters, (i + 1) * clusters));
    }
    return { kind: "cluster", clusters, codes: nearest(distances, clusters), distances };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const measure = measureOf(this.#fitted);
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    return (frame, out) => {
      for (let j = 0; j < slots.length; j++) row[j] = frame[slots[j]];
      measure(row, out);
    };
  }

  getState(): FittedState {
    const { schema, covariance, shares, means, factors, logLikelihood, iterations } = this.#fitted;
    return {
      tensors: {
        shares: tensor(shares),
        means: tensor(means, [shares.length, schema.length]),
        factors: tensor(factors),
      },
      meta: { columns: schemaToJson(schema), clusters: shares.length, covariance, logLikelihood, iterations },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const [clusters, logLikelihood, iterations] = ["clusters", "logLikelihood", "iterations"].map((name) => {
      const value = readMeta(state, name, owner);
      if (typeof value !== "number") throw new ShapeError(`"${name}" in the state of ${owner} must be a number`);
      return value;
    });
    const covariance = readMeta(state, "covariance", owner) as Covariance;
    if (!(PARAMS.covariance.choices as readonly unknown[]).includes(covariance)) {
      throw new ShapeError(`"covariance" in the state of ${owner} must be one of ${PARAMS.covariance.choices}`);
    }
    if (!Number.isInteger(clusters) || clusters < 1) throw new ShapeError(`${owner} cannot have ${clusters} clusters`);
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    this.#model = {
      schema,
      covariance,
      shares: read("shares", clusters),
      means: read("means", clusters * schema.length),
      factors: read("factors", factorLength(covariance, clusters, schema.length)),
      logLikelihood,
      iterations,
    };
  }

  // Internal

  get #fitted(): Fitted {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** Writes −log P(k | row) for every k. */
function measureOf(mixture: Mixture): (row: Float64Array, out: Float64Array) => void {
  const joint = jointOf(mixture);
  return (row, out) => {
    const total = joint(row, out);
    for (let k = 0; k < out.length; k++) out[k] = Math.max(0, total - out[k]);
  };
}
