// Products of columns, so that a linear model can bend and let columns work together.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { Table } from "../base/table.ts";
import { type RowMap, RowMapTransformer } from "./row-map.ts";

const params = {
  degree: {
    type: "int",
    default: 2,
    min: 1,
    max: 8,
    doc: "Most factors of a product.",
    search: { min: 1, max: 3 },
  },
  interactionOnly: {
    type: "boolean",
    default: false,
    doc: "Only products of different columns: no powers.",
  },
  includeBias: { type: "boolean", default: false, doc: "Also give a column `1` of ones." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "PolynomialFeatures",
  doc: "All products of up to `degree` number columns, the columns themselves first; missing in, missing out.",
  source: "Polynomial regression (Gergonne 1815).",
  accepts: ["number"],
  params,
};

/** More columns than this are surely a mistake: memory would end before the model does. */
const MOST_OUTPUTS = 20_000;

/** Gives columns named `a`, `a^2`, `a b`, …, by number of factors and then in the columns' order. */
export class PolynomialFeatures extends RowMapTransformer<typeof params, null> {
  readonly spec = spec;

  /**
   * How each product is made of an earlier one, which has a factor less: the number of the column that is its last factor,
   * and the output that this is multiplied with; −1 for none.
   */
  products(): { readonly last: Uint32Array; readonly before: Int32Array } {
    const terms = this.#terms();
    const bias = this.params.includeBias ? 1 : 0;
    const place = new Map(terms.map((factors, k) => [factors.join(), k + bias]));
    return {
      last: Uint32Array.from(terms, (factors) => factors[factors.length - 1]),
      before: Int32Array.from(terms, (factors) => place.get(factors.slice(0, -1).join()) ?? -1),
    };
  }

  protected outputNames(): readonly string[] {
    const { includeBias } = this.params;
    const names = this.inputs.map(({ name }) => name);
    return [...(includeBias ? ["1"] : []), ...this.#terms().map((factors) => nameOf(factors, names))];
  }

  protected rowMap(): RowMap {
    const bias = this.params.includeBias ? 1 : 0;
    const { last, before } = this.products();
    return (input, output) => {
      if (bias === 1) output[0] = 1;
      for (let k = 0; k < last.length; k++) {
        const value = input[last[k]];
        output[k + bias] = before[k] < 0 ? value : output[before[k]] * value;
      }
    };
  }

  protected learn({ columns }: Table): null {
    const { degree, interactionOnly } = this.params;
    const count = countTerms(columns.length, degree, interactionOnly);
    if (count > MOST_OUTPUTS) {
      const problem = `${columns.length} columns to degree ${degree} make ${count} columns, more than ${MOST_OUTPUTS}`;
      throw new ShapeError(`PolynomialFeatures: ${problem}; lower \`degree\` or name fewer columns`);
    }
    return null;
  }

  protected pack(): FittedState {
    return { tensors: {}, meta: {} };
  }

  protected unpack(_state: FittedState, inputs: readonly unknown[]): null {
    const { degree, interactionOnly } = this.params;
    if (countTerms(inputs.length, degree, interactionOnly) > MOST_OUTPUTS) {
      throw new ShapeError(`the state of PolynomialFeatures has too many columns: ${inputs.length}`);
    }
    return null;
  }

  /** Positions of the factors of each product, rising; fewer factors first. */
  #terms(): readonly (readonly number[])[] {
    const { degree, interactionOnly } = this.params;
    const count = this.inputs.length;
    let longest: readonly (readonly number[])[] = [[]];
    const all: (readonly number[])[] = [];
    for (let size = 1; size <= degree; size++) {
      longest = longest.flatMap((factors) => {
        const begin = factors.length === 0 ? 0 : factors[factors.length - 1] + (interactionOnly ? 1 : 0);
        return Array.from({ length: Math.max(0, count - begin) }, (_, i) => [...factors, begin + i]);
      });
      for (const factors of longest) all.push(factors);
    }
    return all;
  }
}

// Internal

/** Σ over sizes of the choices of so many columns, with repeats or without. */
function countTerms(columns: number, degree: number, distinct: boolean): number {
  let total = 0;
  let ways = 1;
  for (let size = 1; size <= degree; size++) {
    ways = (ways * (distinct ? Math.max(0, columns - size + 1) : columns + size - 1)) / size;
    total += ways;
  }
  return Math.round(total);
}

function nameOf(factors: readonly number[], names: readonly string[]): string {
  const powers = new Map<number, number>();
  for (const i of factors) powers.set(i, (powers.get(i) ?? 0) + 1);
  return Array.from(powers, ([i, power]) => (power === 1 ? names[i] : `${names[i]}^${power}`)).join(" ");
}
