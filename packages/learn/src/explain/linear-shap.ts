// Shapley values of a weighted sum whose columns are taken as independent (Lundberg & Lee 2017, corollary 1): weight times
// distance from the mean. Columns that move together share their effect as the weights happen to.
import type { Table } from "../base/table.ts";
import type { LinearModel } from "../matrix/linear-model.ts";
import { fittedColumns } from "../matrix/numeric-columns.ts";
import type { Contributions } from "./contributions.ts";

/** What is explained, and against what. */
export interface LinearExplanation {
  /** The mean of each column over the training rows, in the order of the model's columns. */
  readonly means: Float64Array;
  /** As in Contributions. */
  readonly outputs: readonly string[] | null;
  readonly unit: Contributions["unit"];
  /** Named in errors. */
  readonly owner: string;
}

/** The contributions of the columns to every row of `table`. Throws ShapeError for other columns or missing values. */
export function explainLinear(
  { schema, coefficients, intercepts }: LinearModel,
  table: Table,
  { means, outputs, unit, owner }: LinearExplanation,
): Contributions {
  const columns = fittedColumns(schema, table, owner);
  const width = columns.length;
  const expected = Float64Array.from(intercepts);
  const values = new Float64Array(table.rows * expected.length * width);
  for (let k = 0; k < expected.length; k++) {
    for (let j = 0; j < width; j++) {
      const weight = coefficients[k * width + j];
      const [column, mean] = [columns[j], means[j]];
      expected[k] += weight * mean;
      for (let row = 0; row < table.rows; row++) {
        values[(row * expected.length + k) * width + j] = weight * (column[row] - mean);
      }
    }
  }
  return { columns: schema.map(({ name }) => name), outputs, unit, expected, values };
}
