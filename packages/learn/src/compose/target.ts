// What a pipeline predicts: checks of the target before a fit, and the schema of the output after it.
import {
  Clusterer,
  type Estimator,
  type EstimatorSpec,
  hasTarget,
  OutlierDetector,
  type Task,
} from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { Target } from "../base/table.ts";

/** The predicted column: a number, one of these classes, the number of a cluster, or an anomaly score. */
export type OutputSchema =
  | { readonly kind: "number"; readonly name: string }
  | { readonly kind: "class"; readonly name: string; readonly classes: readonly string[] }
  | { readonly kind: "cluster"; readonly name: string; readonly clusters: number }
  | { readonly kind: "score"; readonly name: string };

/** The schema of what `estimator`, fitted to `target`, predicts; without a target the column is `cluster` or `score`. */
export function outputSchema(target: Target | undefined, estimator: Estimator): OutputSchema {
  if (target === undefined) {
    if (estimator instanceof OutlierDetector) return { kind: "score", name: "score" };
    if (!(estimator instanceof Clusterer)) throw new ParamError("target", `${estimator.spec.name} needs a target`);
    return { kind: "cluster", name: "cluster", clusters: estimator.clusters };
  }
  const { name } = target;
  return target.kind === "class" ? { kind: "class", name, classes: target.classes } : { kind: "number", name };
}

/** True when an estimator of `task` gives such an output. */
export function gives(task: Task, { kind }: OutputSchema): boolean {
  return kind === { regression: "number", classification: "class", clustering: "cluster", outliers: "score" }[task];
}

/** Throws when `target` is not `rows` present values of the kind that the estimator's task needs, or is there needlessly. */
export function checkTarget(target: Target | undefined, rows: number, { name, task }: EstimatorSpec): void {
  if (!hasTarget(task)) {
    if (target !== undefined) throw new ParamError("target", `${name} learns without a target; leave the target out`);
    if (rows === 0) throw new ShapeError("the table has no rows to learn from");
    return;
  }
  if (target === undefined) {
    throw new ParamError("target", `${name} needs a target: name the column to predict`);
  }
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
