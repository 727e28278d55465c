// What a pipeline predicts: checks of the target before a fit, and the schema of the output after it.
import type { EstimatorSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { Target } from "../base/table.ts";

/** The predicted column: a number, or one of these classes. */
export type OutputSchema =
  | { readonly kind: "number"; readonly name: string }
  | { readonly kind: "class"; readonly name: string; readonly classes: readonly string[] };

/** The schema of what a pipeline fitted to `target` predicts. */
export function outputSchema(target: Target): OutputSchema {
  const { name } = target;
  return target.kind === "class" ? { kind: "class", name, classes: target.classes } : { kind: "number", name };
}

/** Throws when `target` is not `rows` present values of the kind that the estimator's task needs. */
export function checkTarget(target: Target, rows: number, { name, task }: EstimatorSpec): void {
  if ((task === "regression") !== (target.kind === "number")) {
    const needs = task === "regression" ? "a number target" : "a target of classes";
    throw new ParamError("target", `${name} needs ${needs}, "${target.name}" is of kind ${target.kind}`);
  }
  const values = target.kind === "number" ? target.values : target.codes;
  if (rows === 0) throw new ShapeError("the table has no rows to learn from");
  if (values.length !== rows) {
    throw new ShapeError(`the target "${target.name}" has ${values.length} values, the table ${rows} rows`);
  }
  const limit = target.kind === "number" ? Number.POSITIVE_INFINITY : target.classes.length;
  const low = target.kind === "number" ? Number.NEGATIVE_INFINITY : -1;
  for (let row = 0; row < rows; row++) {
    if (values[row] > low && values[row] < limit) continue;
    const what = values[row] === -1 || Number.isNaN(values[row]) ? "is missing" : `is ${values[row]}`;
    throw new ParamError("target", `row ${row} of the target "${target.name}" ${what}; leave such rows out`);
  }
}
