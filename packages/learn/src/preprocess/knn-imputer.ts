// Fills missing numbers by what the most similar training rows have there.
import type { FitContext, FittedState, TransformerSpec } from "../base/component.ts";
import { Random } from "../base/random.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table, Target } from "../base/table.ts";
import { moments } from "./moments.ts";
import { type RowMap, RowMapTransformer } from "./row-map.ts";

const params = {
  neighbors: {
    type: "int",
    default: 5,
    min: 1,
    max: 1000,
    doc: "How many similar rows are averaged.",
    search: { min: 2, max: 20 },
  },
  weights: {
    type: "choice",
    choices: ["uniform", "distance"],
    default: "uniform",
    doc: "Whether similar rows count alike, or by the inverse of their distance.",
  },
  maxRows: {
    type: "int",
    default: 10_000,
    nullable: true,
    min: 1,
    doc: "Remember no more training rows than this, drawn at random; null: all. Each is looked at per row to fill.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "KNNImputer",
  doc: "Fills each missing number with the mean of its column in the most similar training rows; scale the columns first.",
  source: "Troyanskaya et al. 2001; Euclidean distance over the values that both rows have, as in scikit-learn.",
  accepts: ["number"],
  params,
};

/** The remembered rows, and what fills a column that no remembered row can. */
interface Remembered {
  /** Row-major, NaN where missing. */
  readonly rows: Float64Array;
  readonly means: Float64Array;
}

/** Fills numbers by neighbours; a column without a single value in training becomes 0. */
export class KNNImputer extends RowMapTransformer<typeof params, Remembered> {
  readonly spec = spec;

  protected outputNames(): readonly string[] {
    return this.inputs.map(({ name }) => name);
  }

  protected rowMap(): RowMap {
    const { rows, means } = this.learned;
    const width = means.length;
    const distances = new Float64Array(width === 0 ? 0 : rows.length / width);
    const byDistance = this.params.weights === "distance";
    const nearest = new Uint32Array(Math.min(this.params.neighbors, distances.length));
    return (input, output) => {
      output.set(input);
      let measured = false;
      for (let j = 0; j < width; j++) {
        if (!Number.isNaN(input[j])) continue;
        if (!measured) measure(input, rows, distances);
        measured = true;
        const found = nearestWith(j, { rows, width, distances, nearest });
        output[j] = found === 0 ? means[j] : average(j, { rows, width, distances, nearest, found, byDistance });
      }
    };
  }

  protected learn(table: Table, _target: Target | undefined, context: FitContext): Remembered {
    const columns = table.columns as readonly NumberColumn[];
    const most = Math.min(table.rows, this.params.maxRows ?? table.rows);
    const all = new Random(context.seed).permutation(table.rows);
    const chosen = most < table.rows ? all.subarray(0, most).sort() : all.sort();
    const rows = new Float64Array(most * columns.length);
    for (let r = 0; r < most; r++) {
      for (let j = 0; j < columns.length; j++) rows[r * columns.length + j] = columns[j].values[chosen[r]];
    }
    return { rows, means: Float64Array.from(columns, ({ values }) => moments(values).mean) };
  }

  protected pack({ rows, means }: Remembered): FittedState {
    const width = means.length;
    const shape = width === 0 ? [0] : [rows.length / width, width];
    return { tensors: { rows: tensor(rows, shape), means: tensor(means) }, meta: { count: shape[0] } };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Remembered {
    const owner = spec.name;
    const means = readTensor(state, "means", { owner, type: Float64Array, length: inputs.length });
    const count = Number(state.meta.count);
    const length = Number.isSafeInteger(count) && count >= 0 ? count * inputs.length : -1;
    return { rows: readTensor(state, "rows", { owner, type: Float64Array, length }), means };
  }
}

// Internal

interface Search {
  readonly rows: Float64Array;
  readonly width: number;
  readonly distances: Float64Array;
  readonly nearest: Uint32Array;
}

/** Squared distances over the values that both rows have, scaled up to all columns; NaN where they share none. */
function measure(input: Float64Array, rows: Float64Array, distances: Float64Array): void {
  const width = input.length;
  for (let r = 0; r < distances.length; r++) {
    let sum = 0;
    let shared = 0;
    for (let j = 0, at = r * width; j < width; j++, at++) {
      const delta = input[j] - rows[at];
      if (Number.isNaN(delta)) continue;
      sum += delta * delta;
      shared += 1;
    }
    distances[r] = shared === 0 ? Number.NaN : (sum * width) / shared;
  }
}

/** Puts the nearest rows that have column j in `nearest`, the first of equals, and counts them. */
function nearestWith(j: number, { rows, width, distances, nearest }: Search): number {
  let found = 0;
  for (let r = 0; r < distances.length; r++) {
    const distance = distances[r];
    if (Number.isNaN(distance) || Number.isNaN(rows[r * width + j])) continue;
    if (found === nearest.length && !(distance < distances[nearest[found - 1]])) continue;
    let at = found < nearest.length ? found++ : found - 1;
    for (; at > 0 && distances[nearest[at - 1]] > distance; at--) nearest[at] = nearest[at - 1];
    nearest[at] = r;
  }
  return found;
}

function average(
  j: number,
  { rows, width, distances, nearest, found, byDistance }: Search & { found: number; byDistance: boolean },
): number {
  // A row at distance 0 counts alone, with others at 0.
  const isSame = byDistance && distances[nearest[0]] === 0;
  let [sum, total] = [0, 0];
  for (let k = 0; k < found; k++) {
    const distance = distances[nearest[k]];
    const weight = !byDistance ? 1 : isSame ? (distance === 0 ? 1 : 0) : 1 / Math.sqrt(distance);
    sum += weight * rows[nearest[k] * width + j];
    total += weight;
  }
  return sum / total;
}
