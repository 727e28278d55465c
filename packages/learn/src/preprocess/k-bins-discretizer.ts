// Numbers cut into bins.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { quantile, sortedPresent } from "../base/quantile.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Column, ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

const params = {
  bins: { type: "int", default: 5, min: 2, max: 1000, doc: "Bins per column; fewer where quantiles coincide." },
  strategy: {
    type: "choice",
    choices: ["quantile", "uniform"],
    default: "quantile",
    doc: "Bins with equally many training values, or of equal width.",
  },
  encode: {
    type: "choice",
    choices: ["oneHot", "ordinal"],
    default: "oneHot",
    doc: "One 0/1 column per bin, or one column with the bin's number from 0.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "KBinsDiscretizer",
  doc: "Cuts number columns into bins; a missing value is in no bin.",
  source: "Dougherty, Kohavi & Sahami 1995, equal width and equal frequency.",
  accepts: ["number"],
  params,
};

/** Quantiles closer than this are one, as in scikit-learn. */
const LEAST_WIDTH = 1e-8;

/** Per column the cuts between bins, ascending: a value belongs to the bin of as many cuts as do not exceed it. */
type Cuts = readonly Float64Array[];

/** Bins numbers into `column bin 0`, `column bin 1`, … or their numbers; values beyond the training range are in the end bins. */
export class KBinsDiscretizer extends ColumnwiseTransformer<typeof params, Cuts> {
  readonly spec = spec;

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap(({ name }, i) => this.#names(name, i).map((each) => ({ name: each, kind: "number" })));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }, i) => this.#names(name, i).map(() => name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const cuts = this.learned;
    if (this.params.encode === "ordinal") {
      return (frame) => {
        for (let i = 0; i < from.length; i++) frame[to[i]] = binOf(cuts[i], frame[from[i]]);
      };
    }
    return (frame) => {
      for (let i = 0, next = 0; i < from.length; next += cuts[i].length + 1, i++) {
        const bin = binOf(cuts[i], frame[from[i]]);
        for (let k = 0; k <= cuts[i].length; k++) frame[to[next + k]] = k === bin ? 1 : 0;
      }
    };
  }

  protected learn(table: Table): Cuts {
    return (table.columns as readonly NumberColumn[]).map(({ values }) => this.#cuts(sortedPresent(values)));
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    return (columns as readonly NumberColumn[]).flatMap(({ name, values }, i) => {
      const cuts = this.learned[i];
      if (this.params.encode === "ordinal") {
        return [{ kind: "number", name, values: values.map((value) => binOf(cuts, value)) } as const];
      }
      const outputs = this.#names(name, i).map((each): NumberColumn => {
        return { kind: "number", name: each, values: new Float64Array(rows) };
      });
      for (let row = 0; row < rows; row++) {
        const bin = binOf(cuts, values[row]);
        if (!Number.isNaN(bin)) outputs[bin].values[row] = 1;
      }
      return outputs;
    });
  }

  protected pack(cuts: Cuts): FittedState {
    return {
      tensors: {
        cuts: tensor(Float64Array.from(cuts.flatMap((own) => [...own]))),
        counts: tensor(Uint32Array.from(cuts, (own) => own.length)),
      },
      meta: {},
    };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Cuts {
    const owner = spec.name;
    const counts = readTensor(state, "counts", { owner, type: Uint32Array, length: inputs.length });
    const length = counts.reduce((sum, count) => sum + count, 0);
    if (counts.some((count) => count >= 1000)) throw new ShapeError(`"counts" in the state of ${owner} are too large`);
    const all = readTensor(state, "cuts", { owner, type: Float64Array, length });
    let next = 0;
    return Array.from(counts, (count) => {
      next += count;
      return all.slice(next - count, next);
    });
  }

  #cuts(sorted: Float64Array): Float64Array {
    const { bins, strategy } = this.params;
    if (sorted.length === 0) return new Float64Array();
    const low = sorted[0];
    const high = sorted[sorted.length - 1];
    if (low === high) return new Float64Array();
    const edges = Array.from({ length: bins + 1 }, (_, k) =>
      strategy === "quantile" ? quantile(sorted, k / bins) : low + ((high - low) * k) / bins,
    );
    const kept = edges.filter((edge, k) => k === 0 || edge - edges[k - 1] > LEAST_WIDTH || strategy === "uniform");
    return Float64Array.from(kept.slice(1, -1));
  }

  #names(name: string, column: number): string[] {
    if (this.params.encode === "ordinal") return [name];
    return Array.from({ length: this.learned[column].length + 1 }, (_, bin) => `${name} bin ${bin}`);
  }
}

// Internal

function binOf(cuts: Float64Array, value: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
