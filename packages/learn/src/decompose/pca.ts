// Principal components: the directions in which the rows vary most, at right angles to one another.
import type { FitContext, TransformerSpec } from "../base/component.ts";
import { checkTable, tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { centredProducts } from "../matrix/centred-products.ts";
import { symmetricEigen } from "../matrix/symmetric-eigen.ts";
import { orient, Projection } from "./projection.ts";

const params = {
  components: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    doc: "Components to keep; null: as many as `share` needs, or all that there are.",
    search: { min: 1, max: 50, log: true },
  },
  share: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    exclusiveMin: true,
    max: 1,
    doc: "Without `components`: keep as many as explain this share of the variance.",
  },
  center: {
    type: "boolean",
    default: true,
    doc: "Subtract the columns' means; false: a truncated singular value decomposition, as is usual for TF-IDF.",
  },
  whiten: { type: "boolean", default: false, doc: "Give every component unit variance." },
  prefix: { type: "string", default: "pc", doc: "Components are called by it and their number from 1." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "PCA",
  doc: "Replaces number columns by fewer ones: the directions in which the rows vary most.",
  source: "Pearson 1901; eigenvectors of the covariance matrix. A component's largest entry is positive.",
  accepts: ["number"],
  params,
};

/** Projects number columns onto principal components. Rows with a missing value have none; in training it counts as the mean. */
export class PCA extends Projection<typeof params> {
  readonly spec = spec;

  async fit(table: Table, _target: Target | undefined, { runtime }: FitContext): Promise<this> {
    this.validate();
    const columns = this.columnsOf(table);
    const size = columns.length;
    const { center } = this.params;
    const refuse = () => checkTable(table);
    const { means, products } = centredProducts(columns, { runtime, rows: table.rows, center, refuse });
    const { values, vectors } = symmetricEigen(products, size);
    const variances = values.map((value) => Math.max(0, value) / Math.max(1, table.rows - 1));
    const total = variances.reduce((sum, value) => sum + value, 0);
    const shares = variances.map((value) => (total === 0 ? 0 : value / total));
    const count = this.#count(shares, Math.min(size, table.rows));
    const components = vectors.slice(0, count * size);
    for (let k = 0; k < count; k++) {
      const whitening = this.params.whiten && variances[k] > 0 ? 1 / Math.sqrt(variances[k]) : 1;
      orient(components.subarray(k * size, (k + 1) * size), whitening);
    }
    const [kept, keptShares] = [variances.slice(0, count), shares.slice(0, count)];
    this.learned({ inputs: tableSchema(table), means, components, variances: kept, shares: keptShares });
    return this;
  }

  #count(shares: Float64Array, most: number): number {
    const { components, share } = this.params;
    if (components !== null) return Math.min(components, most);
    if (share === null) return most;
    let [count, sum] = [0, 0];
    // Rounding must not ask for a component more.
    while (count < most && sum < share - 1e-12) sum += shares[count++];
    return Math.min(Math.max(1, count), most);
  }
}
