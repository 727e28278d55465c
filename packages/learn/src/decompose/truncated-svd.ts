// A truncated singular value decomposition: principal directions of rows that are not centred, as for TF-IDF and counts.
import type { FitContext, TransformerSpec } from "../base/component.ts";
import { checkTable, tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { centredProducts } from "../matrix/centred-products.ts";
import { symmetricEigen } from "../matrix/symmetric-eigen.ts";
import { orient, Projection } from "./projection.ts";

const params = {
  components: {
    type: "int",
    default: 2,
    min: 1,
    doc: "Components to keep, at most as many as there are columns and rows.",
    search: { min: 1, max: 100, log: true },
  },
  prefix: { type: "string", default: "svd", doc: "Components are called by it and their number from 1." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "TruncatedSVD",
  doc: "Replaces number columns by the directions of largest singular values, without centring (latent semantic analysis).",
  source: "Eckart & Young 1936; eigenvectors of the columns' products. A component's largest entry is positive.",
  accepts: ["number"],
  params,
};

/** Projects number columns onto right singular vectors; in training a missing value counts as 0. */
export class TruncatedSVD extends Projection<typeof params> {
  readonly spec = spec;

  async fit(table: Table, _target: Target | undefined, { runtime }: FitContext): Promise<this> {
    this.validate();
    const columns = this.columnsOf(table);
    const size = columns.length;
    const where = { runtime, rows: table.rows, refuse: () => checkTable(table) };
    const { products } = centredProducts(columns, { ...where, center: false });
    const { vectors } = symmetricEigen(products, size);
    const count = Math.min(this.params.components, size, table.rows);
    const components = vectors.slice(0, count * size);
    for (let k = 0; k < count; k++) orient(components.subarray(k * size, (k + 1) * size));
    // The variance of a component about its own mean, as a share of that of all columns.
    const spread = centredProducts(columns, { ...where, center: true }).products;
    let total = 0;
    for (let j = 0; j < size; j++) total += spread[j * (size + 1)];
    const variances = Float64Array.from({ length: count }, (_, k) => {
      const square = quadratic(spread, components.subarray(k * size, (k + 1) * size));
      return Math.max(0, square) / Math.max(1, table.rows);
    });
    const shares = variances.map((value) => (total === 0 ? 0 : (value * Math.max(1, table.rows)) / total));
    this.learned({ inputs: tableSchema(table), means: new Float64Array(size), components, variances, shares });
    return this;
  }
}

// Internal

/** v'Mv. */
function quadratic(matrix: Float64Array, vector: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    for (let j = 0; j < vector.length; j++) sum += vector[i] * matrix[i * vector.length + j] * vector[j];
  }
  return sum;
}
