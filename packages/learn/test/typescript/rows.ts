// Rows for exported modules, and answers in their shape.
import type { Table } from "../../src/base/table.ts";
import type { FittedPipeline } from "../../src/compose/pipeline.ts";
import type { RowPrediction } from "../../src/model/predictor.ts";
import type { Row, RowValue } from "../../src/model/row.ts";

/** What a call gives, or the words of its error. */
export function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The predictor's answer in the shape of a module's. */
export function shown(prediction: RowPrediction): unknown {
  if (prediction.kind === "number") return prediction.value;
  if (prediction.kind === "cluster") return { cluster: prediction.value, distances: [...prediction.distances] };
  if (prediction.kind === "score") return { score: prediction.value, outlier: prediction.outlier };
  return { class: prediction.value, probabilities: prediction.probabilities };
}

/** The rows of a table as they are asked about. */
export function rowsOf(table: Table, { input }: FittedPipeline): Row[] {
  const columns = input.map(({ name }) => table.columns.find((column) => column.name === name));
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(
      columns.map((column): [string, RowValue] => {
        if (column === undefined) throw new Error("a column is gone");
        if (column.kind === "category") return [column.name, column.categories[column.codes[row]] ?? null];
        if (column.kind === "text") return [column.name, column.values[row]];
        const value = column.values[row];
        if (Number.isNaN(value)) return [column.name, null];
        return [column.name, column.kind === "date" ? new Date(value).toISOString() : value];
      }),
    ),
  );
}
