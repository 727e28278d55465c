// Fitted estimators inside another's state: their tensors under `PREFIX.NUMBER.`, their values in a list. Classes and
// parameters are the owner's to know, so a file cannot make an estimator that the pipeline does not name.
import type { Estimator, FittedState, Json, Tensor } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readMeta } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table } from "../base/table.ts";

/** The numbers of each row, row-major: its value, or its classes' probabilities. */
export function figuresOf(prediction: Prediction): Float64Array {
  if (prediction.kind === "number") return prediction.values;
  return prediction.kind === "class" ? prediction.probabilities : prediction.distances;
}

/** The states of fitted parts as one, under `prefix`. */
export function packParts(
  parts: readonly Estimator[],
  prefix: string,
): { tensors: Record<string, Tensor>; metas: Json[] } {
  const states = parts.map((part) => part.getState());
  const tensors = states.flatMap((state, i) =>
    Object.entries(state.tensors).map(([name, tensor]) => [`${prefix}.${i}.${name}`, tensor] as const),
  );
  return { tensors: Object.fromEntries(tensors), metas: states.map(({ meta }) => meta) };
}

/** What the parts must be fitted for. */
export interface PartsOf {
  readonly owner: string;
  readonly schema: readonly ColumnSchema[];
  readonly classes: readonly string[];
  /** The one of `packParts`, and the name of the values. */
  readonly prefix: string;
}

/** Gives each part its own state of what `packParts` made. Throws ShapeError where one is absent or for other data. */
export function unpackParts(state: FittedState, parts: readonly Estimator[], of: PartsOf): void {
  const { owner, schema, classes, prefix } = of;
  const metas = readMeta(state, prefix, owner);
  if (!Array.isArray(metas) || metas.length !== parts.length)
    throw new ShapeError(`the state of ${owner} must have ${parts.length} parts`);
  const none = emptyTable(schema);
  parts.forEach((part, i) => {
    part.setState(partState(state, `${prefix}.${i}.`, { meta: metas[i], owner }));
    // Asked about no rows, a part shows whether it takes these columns, and which classes it knows.
    const answer = part.predict(none);
    const given = answer.kind === "class" ? answer.classes : [];
    if (answer.kind === "cluster" || given.length !== classes.length || given.some((name, k) => name !== classes[k]))
      throw new ShapeError(`"${prefix}.${i}" of ${owner} has other classes`);
  });
}

// Internal

function partState(state: FittedState, prefix: string, { meta, owner }: { meta: Json; owner: string }): FittedState {
  if (typeof meta !== "object" || meta === null || Array.isArray(meta))
    throw new ShapeError(`"${prefix}" of ${owner} has no values`);
  const own = Object.entries(state.tensors).filter(([name]) => name.startsWith(prefix));
  const tensors = Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  return { tensors, meta: meta as FittedState["meta"] };
}

function emptyTable(schema: readonly ColumnSchema[]): Table {
  const columns = schema.map((column): Table["columns"][number] => {
    if (column.kind === "category") return { ...column, codes: new Int32Array() };
    if (column.kind === "text") return { ...column, kind: "text", values: [] };
    return { ...column, kind: column.kind as "number", values: new Float64Array() };
  });
  return { rows: 0, columns };
}
