// One explanation, in the task process: what each column adds to what a model file of ours predicts for some rows.
import { readFile } from "node:fs/promises";
import {
  compilePredictor,
  explainPipeline,
  loadModel,
  ParamError,
  type PipelineContributions,
  type Row,
  ShapeError,
  tableFromRows,
} from "@massif/learn";
import { answerRows } from "./model-predictor.ts";
import type { ExplainOutcome, ExplainTask } from "./task-protocol.ts";

/** Explains rows, all or none. Throws ModelFileError. */
export async function explainTask({ source, sha256, rows }: ExplainTask): Promise<ExplainOutcome> {
  const { pipeline } = await loadModel(await readFile(source), { sha256 });
  const answer = answerRows(compilePredictor(pipeline), rows);
  if (!answer.ok) return { kind: "problems", problems: answer.problems };
  try {
    const explained = explainPipeline(pipeline, tableFromRows(pipeline.input, rows as readonly Row[]));
    return { kind: "explained", explained: explainedValues(explained, [...answer.predictions]) };
  } catch (error) {
    // The rows fit, as they were predicted: what is refused now is the model.
    if (error instanceof ParamError || error instanceof ShapeError) return { kind: "refused", reason: error.message };
    throw error;
  }
}

// Internal

type Explained = Extract<ExplainOutcome, { kind: "explained" }>["explained"];

function explainedValues(
  { method, unit, columns, outputs, expected, values }: PipelineContributions,
  predictions: Explained["explanations"][number]["prediction"][],
): Explained {
  const width = columns.length;
  const explanations = predictions.map((prediction, row) => ({
    prediction,
    outputs: Array.from(expected, (start, k) => {
      const from = (row * expected.length + k) * width;
      const contributions = Array.from(values.subarray(from, from + width));
      return { value: contributions.reduce((sum, each) => sum + each, start), contributions };
    }),
  }));
  const named = Array.from(expected, (start, k) => ({ class: outputs === null ? null : outputs[k], expected: start }));
  return { method, unit, columns: [...columns], outputs: named, explanations };
}
