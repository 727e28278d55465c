// Categories as what the target is like in their rows. Within training each row is encoded by rows of other folds, so
// that its own target value does not leak into its column.
import type { FitContext, FittedState, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { readMeta, readStrings } from "../base/state.ts";
import type { CategoryColumn, NumberColumn, Table, Target } from "../base/table.ts";
import { type CategoryNumbers, CategoryNumbersTransformer, lookUp } from "./category-numbers.ts";

const params = {
  smoothing: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    doc: "So many rows of the overall mean are mixed into each category's; null: as many as the variances suggest.",
    search: { min: 0.1, max: 100, log: true },
  },
  folds: {
    type: "int",
    default: 5,
    min: 2,
    max: 100,
    doc: "Parts of the training rows, each encoded by what the others show.",
  },
  missing: {
    type: "choice",
    choices: ["mean", "own"],
    default: "mean",
    doc: "A missing or unknown category becomes the overall mean, or what missing ones had in training.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "TargetEncoder",
  doc: "Replaces each category by the smoothed mean of the target in its rows; one column per class of three or more.",
  source: "Micci-Barreca 2001, empirical Bayes smoothing and cross-fitting as in scikit-learn.",
  accepts: ["category"],
  needsTarget: true,
  crossFits: true,
  params,
};

/** Encodes categories by the target's mean, or by the share of the second class or of each class. */
export class TargetEncoder extends CategoryNumbersTransformer<typeof params> {
  readonly spec = spec;

  override async fitTransform(table: Table, target: Target | undefined, context: FitContext): Promise<Table> {
    await this.fit(table, target, context);
    const { columns, suffixes } = { columns: table.columns as readonly CategoryColumn[], ...this.learned };
    const outcomes = outcomesOf(required(target, table.rows));
    const foldOf = assignFolds(table.rows, target as Target, { folds: this.params.folds, seed: context.seed });
    const made = columns.flatMap((column, i) => lookUp(column, this.learned.tables[i], suffixes));
    for (let fold = 0; fold < this.params.folds; fold++) {
      const own = rowsWhere(foldOf, (each) => each === fold);
      const others = rowsWhere(foldOf, (each) => each !== fold);
      if (own.length === 0 || others.length === 0) continue;
      columns.forEach((column, i) => {
        const encoded = this.#encode(column, outcomes, others);
        const part = lookUp({ ...column, codes: own.map((row) => column.codes[row]) }, encoded, suffixes);
        part.forEach(({ values }, k) => {
          const whole = (made[i * suffixes.length + k] as NumberColumn).values;
          for (let r = 0; r < own.length; r++) whole[own[r]] = values[r];
        });
      });
    }
    return { rows: table.rows, columns: made };
  }

  protected learn({ columns, rows }: Table, target: Target | undefined): CategoryNumbers {
    const known = required(target, rows);
    const outcomes = outcomesOf(known);
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    const tables = (columns as readonly CategoryColumn[]).map((column) => this.#encode(column, outcomes, all));
    return { suffixes: suffixesOf(known), tables };
  }

  protected packMeta({ suffixes }: CategoryNumbers): FittedState["meta"] {
    return { suffixes };
  }

  protected unpackMeta(state: FittedState): Omit<CategoryNumbers, "tables"> {
    const suffixes = readStrings(state, "suffixes", spec.name);
    if (suffixes.length === 0 || new Set(suffixes).size < suffixes.length) {
      throw new ShapeError(
        `"suffixes" in the state of ${spec.name} must be distinct, got ${readMeta(state, "suffixes", spec.name)}`,
      );
    }
    return { suffixes };
  }

  /** A column's table from some rows. */
  #encode(column: CategoryColumn, outcomes: readonly Float64Array[], rows: Int32Array): Float64Array {
    const groups = column.categories.length + 1;
    const table = new Float64Array(groups * outcomes.length);
    outcomes.forEach((outcome, k) => {
      const encoded = this.#smoothed(column, outcome, rows);
      for (let g = 0; g < groups; g++) table[g * outcomes.length + k] = encoded[g];
    });
    return table;
  }

  #smoothed({ codes, categories }: CategoryColumn, outcome: Float64Array, rows: Int32Array): Float64Array {
    const { smoothing, missing } = this.params;
    const groups = categories.length + 1;
    const [counts, sums, spreads] = [0, 1, 2].map(() => new Float64Array(groups));
    const groupOf = (row: number) => (codes[row] < 0 ? categories.length : codes[row]);
    let total = 0;
    for (const row of rows) {
      counts[groupOf(row)] += 1;
      sums[groupOf(row)] += outcome[row];
      total += outcome[row];
    }
    const mean = total / rows.length;
    let spread = 0;
    for (const row of rows) {
      const group = groupOf(row);
      spreads[group] += (outcome[row] - sums[group] / counts[group]) ** 2;
      spread += (outcome[row] - mean) ** 2;
    }
    const variance = spread / rows.length;
    return counts.map((count, g) => {
      if (count === 0 || (g === categories.length && missing === "mean")) return mean;
      if (smoothing !== null) return (sums[g] + smoothing * mean) / (count + smoothing);
      const own = (variance * count) / (variance * count + spreads[g] / count);
      return Number.isNaN(own) ? mean : own * (sums[g] / count) + (1 - own) * mean;
    });
  }
}

// Internal

/** The target, checked; without rows there is nothing to learn and nothing to check. */
function required(target: Target | undefined, rows: number): Target {
  if (target === undefined)
    throw new ParamError("target", "TargetEncoder needs a target; clustering and outliers have none");
  const length = target.kind === "number" ? target.values.length : target.codes.length;
  if (length !== rows) throw new ShapeError(`the target "${target.name}" has ${length} values, the table ${rows} rows`);
  return target;
}

/** What is averaged: the numbers, or 0 and 1 for the second of two classes or for each class. */
function outcomesOf(target: Target): Float64Array[] {
  if (target.kind === "number") return [target.values];
  return encodedClasses(target.classes).map((wanted) =>
    Float64Array.from(target.codes, (code) => (code === wanted ? 1 : 0)),
  );
}

function encodedClasses(classes: readonly string[]): number[] {
  return classes.length > 2 ? [...classes.keys()] : [classes.length - 1];
}

function suffixesOf(target: Target): readonly string[] {
  if (target.kind === "number" || target.classes.length <= 2) return [""];
  return encodedClasses(target.classes).map((code) => `: ${target.classes[code]}`);
}

/** The fold of each row, at random; classes are dealt out one after another, so that each fold has its share of each. */
function assignFolds(rows: number, target: Target, { folds, seed }: { folds: number; seed: number }): Uint8Array {
  const order = new Random(seed).permutation(rows);
  if (target.kind === "class") order.sort((a, b) => target.codes[a] - target.codes[b]);
  const foldOf = new Uint8Array(rows);
  order.forEach((row, k) => {
    foldOf[row] = k % folds;
  });
  return foldOf;
}

function rowsWhere(foldOf: Uint8Array, holds: (fold: number) => boolean): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < foldOf.length; row++) if (holds(foldOf[row])) rows.push(row);
  return Int32Array.from(rows);
}
