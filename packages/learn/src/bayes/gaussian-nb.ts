// Naive Bayes with a normal distribution per class and column. Moments of parts make up those of all rows (Chan, Golub &
// LeVeque 1979), so that learning in parts is exact but for rounding.
import type { EstimatorSpec, FitContext, FittedState, PartialContext } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { ClassTarget, Table, Target } from "../base/table.ts";
import { classShares, sharesOf } from "../matrix/class-shares.ts";
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
  /** What further rows are added to; absent from states of earlier versions. */
  readonly moments?: Moments;
}

/** Of each class: rows or their weight, and of each column means and population variances; 0 without a row. */
interface Moments {
  readonly counts: Float64Array;
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
    const known = classTarget(target, table.rows, this.spec.name);
    const columns = numericColumns(table, this.spec.name);
    const weights = rowWeights(context, table.rows, this.spec);
    const all = new Float64Array([weights?.reduce((sum, weight) => sum + weight, 0) ?? table.rows]);
    const codes = new Int32Array(table.rows);
    const spreads = columns.map((values) => momentsByClass(values, { codes, counts: all, weights }).variances[0]);
    const moments = momentsOf(columns, known, weights);
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this.#learned({ schema: tableSchema(table), classes: known.classes }, moments, spreads);
  }

  override passes(): number {
    return 1;
  }

  override async beginPartial(sample: Table, target: Target): Promise<this> {
    this.validate();
    const { classes } = classTarget(target, sample.rows, this.spec.name);
    const zeros = (length: number) => new Float64Array(length);
    const places = classes.length * sample.columns.length;
    const moments = { counts: zeros(classes.length), means: zeros(places), variances: zeros(places) };
    return this.#learned({ schema: tableSchema(sample), classes }, moments, []);
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { schema, classes, learned } = this.fitted;
    if (learned.moments === undefined) {
      throw new ShapeError(`the state of ${this.spec.name} has no moments to go on from; fit it to all rows again`);
    }
    const rows = alignTable(schema, table, this.spec.name);
    const own = target.kind === "class" ? knownClasses(target, classes, this.spec.name) : target;
    const known = classTarget(own, rows.rows, this.spec.name);
    const weights = rowWeights(context, rows.rows, this.spec);
    const moments = merged(learned.moments, momentsOf(numericColumns(rows, this.spec.name), known, weights));
    this.#learned({ schema, classes }, moments, spreadsOf(moments, schema.length));
    const { pass, passes, endsPass } = context;
    if (endsPass) await context.report({ step: pass + 1, total: passes, unit: "pass" });
    return this;
  }

  /** `spreads` are the variances of the columns over all rows. */
  #learned(known: Known, moments: Moments, spreads: readonly number[]): this {
    const { counts, means } = moments;
    const d = known.schema.length;
    // A table of constant columns has no scale of its own; any positive variance makes classes their shares.
    const smoothing = this.params.varSmoothing * (Math.max(0, ...spreads) || 1);
    const variances = moments.variances.map((own, i) => (counts[Math.floor(i / d)] === 0 ? 1 : own + smoothing));
    return this.keep(known, { logShares: sharesOf(counts), means, variances, moments });
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

  protected pack({ logShares, means, variances, moments }: Normals): FittedState {
    const shape = [logShares.length, means.length / logShares.length];
    const tensors = { logShares: tensor(logShares), means: tensor(means, shape), variances: tensor(variances, shape) };
    if (moments === undefined) return { tensors, meta: {} };
    const own = { counts: tensor(moments.counts), ownVariances: tensor(moments.variances, shape) };
    return { tensors: { ...tensors, ...own }, meta: { resumes: true } };
  }

  protected unpack(state: FittedState, { schema, classes }: Known): Normals {
    const how = { owner: this.spec.name, type: Float64Array, length: classes.length * schema.length };
    const means = readTensor(state, "means", how);
    const moments = state.meta.resumes === true && {
      counts: readTensor(state, "counts", { ...how, length: classes.length }),
      means,
      variances: readTensor(state, "ownVariances", how),
    };
    return {
      logShares: readTensor(state, "logShares", { ...how, length: classes.length }),
      means,
      variances: readTensor(state, "variances", how),
      ...(moments ? { moments } : {}),
    };
  }
}

// Internal

function momentsOf(
  columns: readonly Float64Array[],
  { codes, classes }: ClassTarget,
  weights: Float64Array | undefined,
): Moments {
  const { counts } = classShares(codes, classes.length, weights);
  const [k, d] = [classes.length, columns.length];
  const [means, variances] = [new Float64Array(k * d), new Float64Array(k * d)];
  columns.forEach((values, j) => {
    const own = momentsByClass(values, { codes, counts, weights });
    for (let c = 0; c < k; c++) {
      means[c * d + j] = own.means[c];
      variances[c * d + j] = own.variances[c];
    }
  });
  return { counts, means, variances };
}

function merged(a: Moments, b: Moments): Moments {
  const counts = a.counts.map((count, k) => count + b.counts[k]);
  const d = a.means.length / counts.length;
  const [means, variances] = [a.means.slice(), a.variances.slice()];
  for (let i = 0; i < means.length; i++) {
    const k = Math.floor(i / d);
    if (b.counts[k] === 0) continue;
    const share = b.counts[k] / counts[k];
    const gap = b.means[i] - a.means[i];
    means[i] += gap * share;
    variances[i] += (b.variances[i] - a.variances[i]) * share + gap * gap * share * (1 - share);
  }
  return { counts, means, variances };
}

/** The variances of the columns over the rows of all classes. */
function spreadsOf({ counts, means, variances }: Moments, columns: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: columns }, (_, j) => {
    let mean = 0;
    for (let k = 0; k < counts.length; k++) mean += (counts[k] / total) * means[k * columns + j];
    let spread = 0;
    for (let k = 0; k < counts.length; k++) {
      spread += (counts[k] / total) * (variances[k * columns + j] + (means[k * columns + j] - mean) ** 2);
    }
    return spread;
  });
}

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
