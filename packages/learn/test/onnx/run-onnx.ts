// Runs an exported pipeline by ONNX Runtime on the rows of a table.
import * as ort from "onnxruntime-node";
import type { ColumnSchema, Table } from "../../src/base/table.ts";

/** The outputs by name: numbers, or texts for labels. */
export type Outputs = Readonly<Record<string, ArrayLike<number> | readonly string[]>>;

/** Computes all rows of the table, columns found by name. */
export async function runOnnx(
  file: Uint8Array,
  input: readonly ColumnSchema[],
  { table, numbers }: { table: Table; numbers: "float" | "double" },
): Promise<Outputs> {
  const session = await ort.InferenceSession.create(file);
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const feeds: Record<string, ort.Tensor> = {};
  for (const { name } of input) {
    const column = byName.get(name);
    const shape = [table.rows, 1];
    if (column?.kind === "category") {
      const texts = Array.from(column.codes, (code) => (code < 0 ? "" : column.categories[code]));
      feeds[name] = new ort.Tensor("string", texts, shape);
    } else if (column?.kind === "number") {
      feeds[name] =
        numbers === "float"
          ? new ort.Tensor("float32", Float32Array.from(column.values), shape)
          : new ort.Tensor("float64", column.values, shape);
    }
  }
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as never]));
}

/** The table with its numbers as single precision has them. */
export function rounded(table: Table): Table {
  return {
    rows: table.rows,
    columns: table.columns.map((column) =>
      column.kind === "number" ? { ...column, values: column.values.map(Math.fround) } : column,
    ),
  };
}
