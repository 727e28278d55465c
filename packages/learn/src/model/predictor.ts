// A model compiled for single rows: one frame of numbers is reused, each column, step and the estimator writes its
// slots. Nothing is allocated per row but the result. It gives the same bits as predicting a table.
import type { RowPredict, RowTransform, Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ColumnSchema } from "../base/table.ts";
import { type FittedPipeline, replaceColumns } from "../compose/pipeline.ts";
import type { OutputSchema } from "../compose/target.ts";
import { nearest } from "../matrix/most-probable.ts";
import type { Row } from "./row.ts";
import { layInput, readRow } from "./row-reader.ts";

/**
 * A number; the most probable class with the probability of each; the nearest cluster with the distance to each; or an
 * anomaly score, which is that of an outlier when it is above 0.
 */
export type RowPrediction =
  | { readonly kind: "number"; readonly value: number }
  | {
      readonly kind: "class";
      readonly value: string;
      readonly probabilities: Readonly<Record<string, number>>;
    }
  | { readonly kind: "cluster"; readonly value: number; readonly distances: readonly number[] }
  | { readonly kind: "score"; readonly value: number; readonly outlier: boolean };

/** A model that predicts one row at a time. */
export interface Predictor {
  readonly input: readonly ColumnSchema[];
  readonly output: OutputSchema;
  /** Numbers that `predictInto` writes: 1 for a number or a score, one probability per class, one distance per cluster. */
  readonly outputLength: number;
  /**
   * Predicts one row: named values, or values in the order of `input`. Absent values and unknown categories count as
   * missing. Throws ParamError for a value of the wrong type, and where the model has no answer without a value.
   */
  predict(row: Row): RowPrediction;
  /** `predict` without a result object: writes the value, probabilities or distances into `out`. */
  predictInto(row: Row, out: Float64Array): void;
}

/** Compiles a fitted pipeline for row-by-row prediction. The predictor is not re-entrant, its calls are synchronous. */
export function compilePredictor(pipeline: FittedPipeline): Predictor {
  const { input, output } = pipeline;
  const { readers, slots, texts } = layInput(input);
  const { transforms, slots: last, size } = compileSteps(pipeline, slots);
  const predictFrame: RowPredict = pipeline.estimator.compileRow(last);
  // As for tables: an estimator of a matrix never sees a gap, of which it may know nothing.
  const needed = Uint32Array.from(pipeline.estimator.spec.input === "table" ? [] : last, ({ slot }) => slot);
  const frame = new Float64Array(size);
  const places = { frame, texts };
  const outputLength = lengthOf(output);
  const result = new Float64Array(outputLength);

  const predictInto = (row: Row, out: Float64Array): void => {
    readRow(row, readers, places);
    for (let i = 0; i < transforms.length; i++) transforms[i](frame, texts);
    for (let j = 0; j < needed.length; j++) if (Number.isNaN(frame[needed[j]])) throw noAnswer(input, frame);
    predictFrame(frame, out);
    if (Number.isNaN(out[0])) throw noAnswer(input, frame);
  };

  const predict = (row: Row): RowPrediction => {
    predictInto(row, result);
    if (output.kind === "number") return { kind: "number", value: result[0] };
    if (output.kind === "score") return { kind: "score", value: result[0], outlier: result[0] > 0 };
    if (output.kind === "cluster") return clusterPrediction(result);
    return classPrediction(output.classes, result);
  };

  return { input, output, outputLength, predict, predictInto };
}

// Internal

function compileSteps(
  pipeline: FittedPipeline,
  input: readonly Slot[],
): { transforms: RowTransform[]; slots: readonly Slot[]; size: number } {
  let slots = input;
  let size = input.length;
  const transforms = pipeline.steps.map(({ transformer, columns }) => {
    const byName = new Map(slots.map((slot) => [slot.name, slot]));
    const taken = columns.map((name) => byName.get(name) as Slot);
    const outputs = transformer.outputs().map((schema): Slot => ({ ...schema, slot: size++ }));
    slots = replaceColumns(slots, columns, outputs);
    return transformer.compileRow(taken, outputs);
  });
  return { transforms, slots, size };
}

function lengthOf(output: OutputSchema): number {
  if (output.kind === "number" || output.kind === "score") return 1;
  return output.kind === "class" ? output.classes.length : output.clusters;
}

function clusterPrediction(distances: Float64Array): RowPrediction {
  return { kind: "cluster", value: nearest(distances, distances.length)[0], distances: Array.from(distances) };
}

function classPrediction(classes: readonly string[], probabilities: Float64Array): RowPrediction {
  const named: Record<string, number> = {};
  let best = 0;
  for (let i = 0; i < classes.length; i++) {
    named[classes[i]] = probabilities[i];
    if (probabilities[i] > probabilities[best]) best = i;
  }
  return { kind: "class", value: classes[best], probabilities: named };
}

/** The error for a row whose prediction is not a number: a value is missing that the pipeline does not fill in. */
function noAnswer(input: readonly ColumnSchema[], frame: Float64Array): ParamError {
  const missing = input.filter(({ kind }, i) => kind !== "text" && Number.isNaN(frame[i])).map(({ name }) => name);
  const first = missing[0] ?? "row";
  const cure = "give a value, or train with a SimpleImputer step";
  return new ParamError(first, `the model has no answer when ${missing.join(", ") || "a value"} is missing; ${cure}`);
}
