// What naive Bayes for counts shares: sums of the columns by class, from which each kind makes a weight per class and
// column, and the weighted sum that says how well a row suits a class. Sums of parts add up to those of all rows, so that
// learning in parts is exact.
import type { FitContext, FittedState, PartialContext } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { ClassTarget, Table, Target } from "../base/table.ts";
import { sharesOf } from "../matrix/class-shares.ts";
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

/** Frequencies, and the sums by class that they are made of; without these no further rows can be learned. */
interface Counted extends Frequencies {
  readonly sums?: Float64Array;
  readonly counts?: Float64Array;
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
export abstract class CountingBayes<T extends typeof COUNTING_PARAMS> extends GenerativeClassifier<T, Counted> {
  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const known = classTarget(target, table.rows, this.spec.name);
    this.#begin(table, known);
    this.#count(table, known, context);
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  override passes(): number {
    return 1;
  }

  override async beginPartial(sample: Table, target: Target): Promise<this> {
    this.validate();
    return this.#begin(sample, classTarget(target, sample.rows, this.spec.name));
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { schema, classes } = this.fitted;
    const own = target.kind === "class" ? knownClasses(target, classes, this.spec.name) : target;
    const rows = alignTable(schema, table, this.spec.name);
    this.#count(rows, classTarget(own, rows.rows, this.spec.name), context);
    const { pass, passes, endsPass } = context;
    if (endsPass) await context.report({ step: pass + 1, total: passes, unit: "pass" });
    return this;
  }

  /** The columns as they are counted; throws ShapeError for what is no count. */
  protected prepare(table: Table, columns: readonly Float64Array[]): readonly Float64Array[] {
    for (const [j, values] of columns.entries()) {
      const row = values.findIndex((value) => value < 0);
      if (row < 0) continue;
      const where = `row ${row} of "${table.columns[j].name}" is ${values[row]}`;
      throw new ShapeError(
        `${this.spec.name} takes counts, ${where}; use a MinMaxScaler step with \`clip\`, or another estimator`,
      );
    }
    return columns;
  }

  protected abstract weigh(sums: ClassSums): Frequencies;

  #begin(table: Table, { classes }: ClassTarget): this {
    const counts = new Float64Array(classes.length);
    const sums = new Float64Array(classes.length * table.columns.length);
    return this.#learned({ schema: tableSchema(table), classes }, sums, counts);
  }

  /** Adds rows to the sums. */
  #count(table: Table, { codes }: ClassTarget, context: FitContext): void {
    const { schema, classes, learned } = this.fitted;
    const columns = this.prepare(table, numericColumns(table, this.spec.name));
    const weights = rowWeights(context, table.rows, this.spec);
    const [sums, counts] = [learned.sums?.slice(), learned.counts?.slice()];
    if (sums === undefined || counts === undefined) {
      throw new ShapeError(
        `the state of ${this.spec.name} has no sums by class to go on from; fit it to all rows again`,
      );
    }
    const d = columns.length;
    for (let i = 0; i < codes.length; i++) counts[codes[i]] += weights?.[i] ?? 1;
    columns.forEach((values, j) => {
      for (let i = 0; i < values.length; i++) sums[codes[i] * d + j] += (weights?.[i] ?? 1) * values[i];
    });
    this.#learned({ schema, classes }, sums, counts);
  }

  #learned(known: Known, sums: Float64Array, counts: Float64Array): this {
    const shares = { sums, counts, logShares: sharesOf(counts), columns: known.schema.length };
    return this.keep(known, { ...this.weigh(shares), sums, counts });
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

  protected pack({ logPriors, logShares, sums, counts }: Counted): FittedState {
    const shape = [logPriors.length, logShares.length / logPriors.length];
    const tensors = { logPriors: tensor(logPriors), logShares: tensor(logShares, shape) };
    if (sums === undefined || counts === undefined) return { tensors, meta: {} };
    return { tensors: { ...tensors, sums: tensor(sums, shape), counts: tensor(counts) }, meta: { resumes: true } };
  }

  protected unpack(state: FittedState, { schema, classes }: Known): Counted {
    const how = { owner: this.spec.name, type: Float64Array, length: classes.length * schema.length };
    const counted = state.meta.resumes === true && {
      sums: readTensor(state, "sums", how),
      counts: readTensor(state, "counts", { ...how, length: classes.length }),
    };
    return {
      ...counted,
      logPriors: readTensor(state, "logPriors", { ...how, length: classes.length }),
      logShares: readTensor(state, "logShares", how),
    };
  }
}
