// Principal components of rows that come in batches: each batch is merged into what is known of the earlier ones.
import type { FitContext, FittedState, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { alignTable, checkTable, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { NumberColumn, Table, Target } from "../base/table.ts";
import { filledRows } from "../matrix/filled-rows.ts";
import { mergeBatch } from "./merge-batch.ts";
import { Projection } from "./projection.ts";

const params = {
  components: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    doc: "Components to keep; null: as many as there are columns, or rows in the first batch if these are fewer.",
    search: { min: 1, max: 50, log: true },
  },
  batchSize: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    doc: "Rows to merge at a time; null: five times the columns. Memory grows with it, not with the rows of all batches.",
  },
  whiten: { type: "boolean", default: false, doc: "Give every component unit variance." },
  prefix: { type: "string", default: "pc", doc: "Components are called by it and their number from 1." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "IncrementalPCA",
  doc: "Principal components learned batch by batch, for many columns or rows that are not all there at once.",
  source: "Ross, Lim, Lin & Yang 2008. A component's largest entry is positive.",
  accepts: ["number"],
  params,
};

/** Rows per batch, as a multiple of the columns; that of scikit-learn. */
const BATCH_COLUMNS = 5;

/** Projects number columns onto components. Rows with a missing value have none; in training it counts as its batch's mean. */
export class IncrementalPCA extends Projection<typeof params> {
  readonly spec = spec;
  #rows = 0;
  /** Per column the squares of what lies about the mean, summed over all rows seen. */
  #spread: Float64Array = new Float64Array(0);

  async fit(table: Table, _target: Target | undefined, { report }: FitContext): Promise<this> {
    this.validate();
    this.columnsOf(table);
    checkTable(table);
    const size = table.columns.length;
    const { batchSize, components } = this.params;
    const ends = batchEnds(table.rows, batchSize ?? Math.max(1, BATCH_COLUMNS * size), components ?? 0);
    this.#rows = 0;
    for (const [k, end] of ends.entries()) {
      this.#merge(table, k === 0 ? 0 : ends[k - 1], end);
      await report({ step: k + 1, total: ends.length, unit: "batch" });
    }
    if (ends.length === 0) this.#merge(table, 0, 0);
    return this;
  }

  /**
   * Goes on from what it learned, by a further batch of rows; the first call learns anew. Throws ParamError for a first
   * batch of fewer rows than `components`, and ShapeError for other columns than the earlier ones.
   */
  partialFit(table: Table): this {
    this.validate();
    this.columnsOf(table);
    checkTable(table);
    const { components } = this.params;
    if (this.#rows === 0 && components !== null && table.rows < Math.min(components, table.columns.length)) {
      const first = `the first batch must have at least ${components} rows, one per component`;
      throw new ParamError(
        "components",
        `\`components\` of ${spec.name} is ${components}, so ${first}; got ${table.rows}`,
      );
    }
    const rows = this.#rows === 0 ? table : alignTable(this.model.inputs, table, spec.name);
    this.#merge(rows, 0, rows.rows);
    return this;
  }

  override getState(): FittedState {
    const { tensors, meta } = super.getState();
    return { tensors: { ...tensors, spread: tensor(this.#spread) }, meta: { ...meta, rows: this.#rows } };
  }

  override setState(state: FittedState): void {
    const owner = spec.name;
    const rows = readMeta(state, "rows", owner);
    if (typeof rows !== "number" || !Number.isInteger(rows) || rows < 0) {
      throw new ShapeError(`"rows" in the state of ${owner} must be a number of rows`);
    }
    super.setState(state);
    this.#spread = readTensor(state, "spread", { owner, type: Float64Array, length: this.model.inputs.length });
    this.#rows = rows;
  }

  // Internal

  #merge(table: Table, begin: number, end: number): void {
    const [rows, size] = [end - begin, table.columns.length];
    const earlier = this.#rows === 0 ? undefined : this.model;
    const columns = (table.columns as readonly NumberColumn[]).map(({ values }) => values.subarray(begin, end));
    const values = filledRows(columns, rows, earlier?.means);
    const known = earlier && { rows: this.#rows, means: earlier.means, spread: this.#spread, scaled: this.#scaled() };
    const most = earlier?.variances.length ?? Math.min(rows, size);
    const count = Math.min(this.params.components ?? most, most);
    const { spread, means, directions, squares } = mergeBatch(known, { values, rows, size }, count);
    this.#rows += rows;
    this.#spread = spread;
    const variances = squares.map((square) => square / Math.max(1, this.#rows - 1));
    const total = spread.reduce((sum, value) => sum + value, 0);
    const shares = squares.map((square) => (total === 0 ? 0 : square / total));
    if (this.params.whiten) {
      for (let at = 0; at < directions.length; at++) {
        const variance = variances[Math.floor(at / size)];
        if (variance > 0) directions[at] /= Math.sqrt(variance);
      }
    }
    this.learned({ inputs: tableSchema(table), means, components: directions, variances, shares });
  }

  /** The components, each as long as its singular value. */
  #scaled(): Float64Array {
    const { components, variances, inputs } = this.model;
    const { whiten } = this.params;
    return components.map((entry, at) => {
      const variance = Math.max(0, variances[Math.floor(at / inputs.length)]);
      // Whitening divided by the deviation, which is the singular value less what depends on the rows.
      return entry * (whiten ? variance : Math.sqrt(variance)) * Math.sqrt(Math.max(1, this.#rows - 1));
    });
  }
}

// Internal

/** Where batches end: each of `size` rows, but none, the last included, of fewer than `least`. */
function batchEnds(rows: number, size: number, least: number): number[] {
  const ends: number[] = [];
  const step = Math.max(size, least);
  for (let end = step; end < rows && rows - end >= least; end += step) ends.push(end);
  if (rows > 0) ends.push(rows);
  return ends;
}
