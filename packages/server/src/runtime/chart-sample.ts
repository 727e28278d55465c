// What pictures of a run need: some held-out rows, or all of them in a confusion matrix.
import { confusionMatrix, type Prediction, type Target } from "@massif/learn";
import type { ChartSample } from "./train-protocol.ts";

const MOST_ROWS = 500;

/** Actual and predicted values of rows spread over the held-out part. */
export function chartSample(target: Target, prediction: Prediction): ChartSample {
  if (target.kind === "number" && prediction.kind === "number") {
    const rows = spread(target.values.length);
    const pick = (values: Float64Array) => rows.map((row) => values[row]);
    return { kind: "regression", actual: pick(target.values), predicted: pick(prediction.values) };
  }
  if (target.kind === "class" && prediction.kind === "class") {
    const { counts } = confusionMatrix(target.codes, prediction.codes, prediction.classes);
    return {
      kind: "classification",
      classes: [...prediction.classes],
      confusion: square(counts, prediction.classes.length),
    };
  }
  throw new Error(`a ${target.kind} target has no ${prediction.kind} prediction`);
}

// Internal

function spread(rows: number): number[] {
  const count = Math.min(rows, MOST_ROWS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

function square(counts: ArrayLike<number>, size: number): number[][] {
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => counts[row * size + column]),
  );
}
