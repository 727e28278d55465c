// Numbers as their place among the training rows.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { normalQuantile } from "../base/normal-quantile.ts";
import { quantile, sortedPresent } from "../base/quantile.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { type ValueMap, ValueMapTransformer } from "./row-map.ts";

const params = {
  quantiles: {
    type: "int",
    default: 1000,
    min: 2,
    max: 100_000,
    doc: "Places that are remembered per column, no more than there are rows.",
  },
  output: {
    type: "choice",
    choices: ["uniform", "normal"],
    default: "uniform",
    doc: "What the result is distributed like: evenly from 0 to 1, or standard normal.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "QuantileTransformer",
  doc: "Replaces each number by the share of training values below it, evenly or normally distributed: outliers lose weight.",
  source: "Empirical distribution function, between quantiles in proportion; as in scikit-learn, but from all rows.",
  accepts: ["number"],
  params,
};

/** Probabilities nearer to 0 or 1 are moved there, so that the normal result stays within ±5.2. */
const EDGE = 1e-7;
const LARGEST = normalQuantile(1 - EDGE);

/** Makes number columns uniform or normal; values beyond the training range are at its ends, missing stays missing. */
export class QuantileTransformer extends ValueMapTransformer<typeof params, readonly Float64Array[]> {
  readonly spec = spec;

  protected valueMaps({ name }: ColumnSchema, i: number): readonly ValueMap[] {
    const quantiles = this.learned[i];
    if (this.params.output === "uniform") return [{ name, of: (value) => placeAmong(quantiles, value) }];
    return [{ name, of: (value) => normalPlace(quantiles, value) }];
  }

  protected learn({ columns, rows }: Table): readonly Float64Array[] {
    const count = Math.max(1, Math.min(this.params.quantiles, rows));
    return (columns as readonly NumberColumn[]).map(({ values }) => {
      const sorted = sortedPresent(values);
      if (sorted.length === 0) return new Float64Array();
      const share = (k: number) => (count === 1 ? 0 : k / (count - 1));
      const found = Float64Array.from({ length: count }, (_, k) => quantile(sorted, share(k)));
      // Rounding must not make them fall.
      for (let k = 1; k < count; k++) if (found[k] < found[k - 1]) found[k] = found[k - 1];
      return found;
    });
  }

  protected pack(learned: readonly Float64Array[]): FittedState {
    return {
      tensors: {
        quantiles: tensor(Float64Array.from(learned.flatMap((own) => [...own]))),
        counts: tensor(Uint32Array.from(learned, (own) => own.length)),
      },
      meta: {},
    };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): readonly Float64Array[] {
    const owner = spec.name;
    const counts = readTensor(state, "counts", { owner, type: Uint32Array, length: inputs.length });
    const length = counts.reduce((sum, count) => sum + count, 0);
    const all = readTensor(state, "quantiles", { owner, type: Float64Array, length });
    let next = 0;
    const learned = Array.from(counts, (count) => {
      next += count;
      return all.slice(next - count, next);
    });
    for (const own of learned) {
      if (own.some((value, k) => !(k === 0 ? Number.isFinite(value) : value >= own[k - 1] && value < Infinity))) {
        throw new ShapeError(`"quantiles" in the state of ${owner} must rise`);
      }
    }
    return learned;
  }
}

// Internal

/**
 * The share of values below: between neighbouring quantiles in proportion; where several are equal, the mean of the first
 * and the last one's share.
 */
function placeAmong(quantiles: Float64Array, value: number): number {
  const last = quantiles.length - 1;
  if (Number.isNaN(value) || last < 0) return Number.NaN;
  // As in scikit-learn, the upper end goes first: in a constant column all values are at 0.
  if (value <= quantiles[0]) return 0;
  if (value >= quantiles[last]) return 1;
  const above = firstAbove(quantiles, value);
  const from = firstNotBelow(quantiles, value);
  if (from < above) return (from + above - 1) / 2 / last;
  const [low, high] = [quantiles[above - 1], quantiles[above]];
  return (above - 1 + (value - low) / (high - low)) / last;
}

function normalPlace(quantiles: Float64Array, value: number): number {
  const last = quantiles.length - 1;
  if (Number.isNaN(value) || last < 0) return Number.NaN;
  if (value - EDGE < quantiles[0]) return -LARGEST;
  if (value + EDGE > quantiles[last]) return LARGEST;
  return Math.min(Math.max(normalQuantile(placeAmong(quantiles, value)), -LARGEST), LARGEST);
}

/** Position of the first quantile greater than `value`. */
function firstAbove(quantiles: Float64Array, value: number): number {
  let [low, high] = [0, quantiles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (quantiles[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstNotBelow(quantiles: Float64Array, value: number): number {
  let [low, high] = [0, quantiles.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (quantiles[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
