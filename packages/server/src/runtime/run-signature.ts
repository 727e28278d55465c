// What a model takes and gives, as a run tells it.
import type { RowSignature } from "@massif/api";
import { type FittedPipeline, recommenderOf, type Table } from "@massif/learn";
import { tableRows } from "./table-rows.ts";
import type { TrainTask } from "./train-protocol.ts";

/** What a fitted pipeline takes and gives, with an example from `table`. */
export function signatureOf({ task }: TrainTask, pipeline: FittedPipeline, table: Table): RowSignature {
  const { input, output } = pipeline;
  const [first] = tableRows(table, input, 1);
  const inputs = input.map((column): RowSignature["inputs"][number] => {
    const example = first[column.name] ?? null;
    const { name, kind } = column;
    return column.kind === "category"
      ? { name, kind, categories: [...column.categories], example }
      : { name, kind, example };
  });
  const recommends = recommenderOf(pipeline)?.columns;
  return {
    task,
    target: output.name,
    classes: output.kind === "class" ? [...output.classes] : null,
    inputs,
    ...(recommends === undefined ? {} : { recommends: { ...recommends } }),
  };
}
