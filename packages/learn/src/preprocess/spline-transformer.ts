// Smooth curves in pieces, so that a linear model can follow any bend of a column.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { quantile, sortedPresent } from "../base/quantile.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { type RowMap, RowMapTransformer } from "./row-map.ts";

const params = {
  knots: {
    type: "int",
    default: 5,
    min: 2,
    max: 1000,
    doc: "Places where the pieces of a curve meet, the ends included.",
    search: { min: 3, max: 12 },
  },
  degree: { type: "int", default: 3, min: 1, max: 8, doc: "Degree of the pieces: 1 is straight, 3 is smooth." },
  placing: {
    type: "choice",
    choices: ["uniform", "quantile"],
    default: "uniform",
    doc: "Knots at equal distances, or with equally many training values between them.",
  },
  includeBias: {
    type: "boolean",
    default: true,
    doc: "Give all curves, which sum to 1; without, the last one, which an intercept stands for, is left out.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "SplineTransformer",
  doc: "Replaces each number by the values of B-spline curves there; beyond the training range they stay as at its end.",
  source: "B-splines (de Boor 1978, A Practical Guide to Splines), knots placed as in scikit-learn.",
  accepts: ["number"],
  params,
};

/** Gives `column spline 0`, `column spline 1`, …: `knots` + `degree` − 1 of them, all missing where the column is. */
export class SplineTransformer extends RowMapTransformer<typeof params, Float64Array> {
  readonly spec = spec;

  protected outputNames(): readonly string[] {
    const count = this.#width;
    return this.inputs.flatMap(({ name }) => Array.from({ length: count }, (_, k) => `${name} spline ${k}`));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }) => Array.from({ length: this.#width }, () => name));
  }

  protected rowMap(): RowMap {
    const { degree, knots } = this.params;
    const width = this.#width;
    const all = knots + 2 * degree;
    const places = Array.from(this.inputs, (_, i) => this.learned.subarray(i * all, (i + 1) * all));
    const curves = new Float64Array(degree + 1);
    const work = { left: new Float64Array(degree + 1), right: new Float64Array(degree + 1) };
    return (input, output) => {
      output.fill(0);
      for (let i = 0; i < places.length; i++) {
        const own = places[i];
        const base = i * width;
        if (Number.isNaN(input[i])) {
          output.fill(input[i], base, base + width);
          continue;
        }
        const x = Math.min(Math.max(input[i], own[degree]), own[degree + knots - 1]);
        let span = degree + knots - 2;
        // Where knots coincide the curves have a value between the nearest that do not.
        while (span > degree && (own[span] > x || own[span] === own[span + 1])) span -= 1;
        evaluate(x, { own, span, curves, ...work });
        for (let k = 0; k <= degree && span - degree + k < width; k++) output[base + span - degree + k] = curves[k];
      }
    };
  }

  protected learn({ columns }: Table): Float64Array {
    const { knots, degree } = this.params;
    const all = knots + 2 * degree;
    const places = new Float64Array(columns.length * all);
    (columns as readonly NumberColumn[]).forEach(({ values }, i) => {
      const own = places.subarray(i * all, (i + 1) * all);
      this.#place(sortedPresent(values), own.subarray(degree, degree + knots));
      const [first, last] = [own[degree], own[degree + knots - 1]];
      const [before, after] = [own[degree + 1] - first, last - own[degree + knots - 2]];
      for (let k = 1; k <= degree; k++) {
        own[degree - k] = first - k * before;
        own[degree + knots - 1 + k] = last + k * after;
      }
    });
    return places;
  }

  protected pack(places: Float64Array): FittedState {
    return { tensors: { knots: tensor(places) }, meta: {} };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Float64Array {
    const { knots, degree } = this.params;
    const all = knots + 2 * degree;
    const places = readTensor(state, "knots", { owner: spec.name, type: Float64Array, length: inputs.length * all });
    const falls = (value: number, i: number) => !(i % all === 0 ? Number.isFinite(value) : value >= places[i - 1]);
    if (places.some(falls)) throw new ShapeError(`"knots" in the state of ${spec.name} must rise`);
    return places;
  }

  get #width(): number {
    const { knots, degree, includeBias } = this.params;
    return knots + degree - (includeBias ? 1 : 2);
  }

  #place(sorted: Float64Array, knots: Float64Array): void {
    if (sorted.length === 0) return;
    const [low, high] = [sorted[0], sorted[sorted.length - 1]];
    const last = knots.length - 1;
    for (let k = 0; k <= last; k++) {
      knots[k] = this.params.placing === "quantile" ? quantile(sorted, k / last) : low + (high - low) * (k / last);
    }
    knots[last] = high;
  }
}

// Internal

interface Evaluation {
  readonly own: Float64Array;
  /** x lies between this knot and the next. */
  readonly span: number;
  readonly curves: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** The degree + 1 curves that are not 0 at x, by the recurrence of Cox and de Boor; knots that coincide give 0. */
function evaluate(x: number, { own, span, curves, left, right }: Evaluation): void {
  curves[0] = 1;
  for (let j = 1; j < curves.length; j++) {
    left[j] = x - own[span + 1 - j];
    right[j] = own[span + j] - x;
    let carried = 0;
    for (let r = 0; r < j; r++) {
      const width = right[r + 1] + left[j - r];
      const part = width === 0 ? 0 : curves[r] / width;
      curves[r] = carried + right[r + 1] * part;
      carried = left[j - r] * part;
    }
    curves[j] = carried;
  }
}
