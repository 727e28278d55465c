// Fills missing numbers by regressions of each column on all others, round after round until they hardly change.
import type { FitContext, FittedState, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table, Target } from "../base/table.ts";
import { moments } from "./moments.ts";
import { regressInTurn } from "./round-robin.ts";
import { type RowMap, RowMapTransformer } from "./row-map.ts";

const params = {
  rounds: { type: "int", default: 10, min: 1, max: 100, doc: "Most rounds; each regresses every column once." },
  tolerance: {
    type: "float",
    default: 1e-3,
    min: 0,
    doc: "Stop when the changes of no row add up to this times the largest number of the table.",
  },
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    doc: "Penalty on the squared coefficients of each regression.",
    search: { min: 1e-3, max: 100, log: true },
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "IterativeImputer",
  doc: "Fills each missing number by ridge regression on the other columns, in rounds; scale the columns first.",
  source: "Regression switching (van Buuren & Groothuis-Oudshoorn 2011, MICE), one imputation, as in scikit-learn.",
  accepts: ["number"],
  params,
};

/** Regressions stay below this many numbers in all: 80 MB. */
const MOST_NUMBERS = 1e7;

interface Learned {
  /** What gaps are filled with at first. */
  readonly means: Float64Array;
  /** The order in which columns are filled, fewest gaps first. */
  readonly order: Uint32Array;
  /** Rounds × columns × (columns + 1): coefficients and intercept of each regression. */
  readonly regressions: Float64Array;
}

/** Fills numbers by the same regressions in serving; a column without a single value in training becomes 0. */
export class IterativeImputer extends RowMapTransformer<typeof params, Learned> {
  readonly spec = spec;

  protected outputNames(): readonly string[] {
    return this.inputs.map(({ name }) => name);
  }

  protected rowMap(): RowMap {
    const { means, order, regressions } = this.learned;
    const width = means.length;
    const size = width * (width + 1);
    return (input, output) => {
      let gaps = 0;
      for (let j = 0; j < width; j++) {
        const isGap = Number.isNaN(input[j]);
        output[j] = isGap ? means[j] : input[j];
        if (isGap) gaps++;
      }
      if (gaps === 0) return;
      for (let begin = 0; begin < regressions.length; begin += size) {
        for (const target of order) {
          if (!Number.isNaN(input[target])) continue;
          const at = begin + target * (width + 1);
          let sum = regressions[at + width];
          for (let j = 0; j < width; j++) sum += regressions[at + j] * output[j];
          output[target] = sum;
        }
      }
    };
  }

  protected async learn(table: Table, _target: Target | undefined, context: FitContext): Promise<Learned> {
    const given = table.columns.map((column) => (column as NumberColumn).values);
    const width = given.length;
    const { rounds, tolerance, alpha } = this.params;
    const size = width * (width + 1);
    if (size * rounds > MOST_NUMBERS) {
      const cure = "leave columns out, choose some with SelectKBest after a SimpleImputer, or lower `rounds`";
      throw new ShapeError(`${spec.name} of ${width} columns and ${rounds} rounds has too many coefficients; ${cure}`);
    }
    const missing = given.map((values) => Uint32Array.from(values.keys()).filter((row) => Number.isNaN(values[row])));
    const means = Float64Array.from(given, (values) => moments(values).mean);
    // A column that no row has cannot be regressed; it stays at 0.
    const known = [...given.keys()].filter((j) => missing[j].length < table.rows);
    const order = Uint32Array.from(known.sort((a, b) => missing[a].length - missing[b].length || a - b));
    const columns = given.map((values, j) => values.map((value) => (Number.isNaN(value) ? means[j] : value)));
    const largest = given.reduce((most, values) => Math.max(most, largestOf(values)), 0);
    const made: Float64Array[] = [];
    const hasGaps = missing.some((rows) => rows.length > 0);
    for (let round = 0; round < rounds && order.length > 1; round++) {
      const before = columns.map((values, j) => Float64Array.from(missing[j], (row) => values[row]));
      made.push(regressInTurn({ columns, missing }, [...order], alpha));
      await context.report({ step: round + 1, total: rounds, unit: "round" });
      const changes = new Float64Array(table.rows);
      for (let j = 0; j < width; j++) {
        missing[j].forEach((row, i) => {
          changes[row] += Math.abs(columns[j][row] - before[j][i]);
        });
      }
      if (!hasGaps || largestOf(changes) < tolerance * largest) break;
    }
    const regressions = new Float64Array(made.length * size);
    for (const [round, own] of made.entries()) regressions.set(own, round * size);
    return { means, order: made.length === 0 ? new Uint32Array(0) : order, regressions };
  }

  protected pack({ means, order, regressions }: Learned): FittedState {
    const width = means.length;
    const rounds = regressions.length === 0 ? 0 : regressions.length / (width * (width + 1));
    return {
      tensors: { means: tensor(means), regressions: tensor(regressions, [rounds, width, width + 1]) },
      meta: { order: [...order], rounds },
    };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Learned {
    const owner = spec.name;
    const width = inputs.length;
    const means = readTensor(state, "means", { owner, type: Float64Array, length: width });
    const order: unknown = readMeta(state, "order", owner);
    const isColumn = (j: unknown) => Number.isInteger(j) && Number(j) >= 0 && Number(j) < width;
    if (!Array.isArray(order) || new Set(order).size !== order.length || !order.every(isColumn)) {
      throw new ShapeError(`"order" in the state of ${owner} must be distinct positions of its ${width} columns`);
    }
    const rounds = Number(readMeta(state, "rounds", owner));
    const length = Number.isSafeInteger(rounds) && rounds >= 0 ? rounds * width * (width + 1) : -1;
    const regressions = readTensor(state, "regressions", { owner, type: Float64Array, length });
    return { means, order: Uint32Array.from(order), regressions };
  }
}

// Internal

function largestOf(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}
