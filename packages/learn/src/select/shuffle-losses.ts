// How much worse a fitted model gets when a column is shuffled among the rows.
import type { Estimator } from "../base/component.ts";
import { Random } from "../base/random.ts";
import type { Column, Prediction, Table, Target } from "../base/table.ts";

/** Rows it is measured on at most. */
const MAX_ROWS = 1000;

/** Per column the loss of its shuffling, at least 0: mean squared error, or the share of probability lost. */
export function shuffleLosses(
  estimator: Estimator,
  { table, target }: { readonly table: Table; readonly target: Target },
  seed: number,
): Float64Array {
  const random = new Random(seed);
  const rows = random.permutation(table.rows).slice(0, MAX_ROWS).sort();
  const columns = table.columns.map((column) => takeFrom(column, rows));
  const loss = (chosen: readonly Column[]) =>
    lossOf(estimator.predict({ rows: rows.length, columns: chosen }), target, rows);
  const before = loss(columns);
  const order = Uint32Array.from(rows, (_, i) => i);
  return Float64Array.from(columns, (column, j) => {
    const shuffled = takeFrom(column, random.shuffle(order.slice()));
    return Math.max(0, loss(columns.with(j, shuffled)) - before);
  });
}

/** The loss of predictions of these rows: mean squared error, or the mean share of probability that others got. */
export function lossOf(prediction: Prediction, target: Target, rows: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    if (prediction.kind === "number" && target.kind === "number") {
      sum += (prediction.values[i] - target.values[rows[i]]) ** 2;
    } else if (prediction.kind === "class" && target.kind === "class") {
      sum += 1 - prediction.probabilities[i * prediction.classes.length + target.codes[rows[i]]];
    }
  }
  return sum / rows.length;
}

// Internal

function takeFrom(column: Column, rows: Uint32Array): Column {
  if (column.kind === "category") return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
  if (column.kind === "text") return { ...column, values: Array.from(rows, (row) => column.values[row]) };
  return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
}
