// A pipeline judged on rows that several ranks hold: each predicts its own, and the predictions come together.
import {
  type Communicator,
  evaluate,
  type FittedPipeline,
  gatherTable,
  gatherTarget,
  gatherValues,
  type Prediction,
  type RowShare,
  shareRows,
  type Task,
} from "@massif/learn";
import { chartSample } from "../chart-sample.ts";
import { type Judgement, judge, type Part } from "../held-out.ts";

/** What `judge` says of all ranks' rows, on every rank. */
export async function judgeTogether(
  pipeline: FittedPipeline,
  { table, target }: Part,
  { communicator, task }: { communicator: Communicator; task: Task },
): Promise<Judgement> {
  const share = await shareRows(communicator, table.rows, { idle: true });
  if (target === undefined) return judge(pipeline, { table: await gatherTable(share, table) });
  const all = await gatherTarget(share, target);
  const prediction = await gatherPrediction(share, pipeline, table.rows === 0 ? undefined : pipeline.predict(table));
  return { metrics: { ...evaluate(task, all, prediction) }, chart: chartSample(all, prediction) };
}

// Internal

async function gatherPrediction(
  share: RowShare,
  { output }: FittedPipeline,
  own: Prediction | undefined,
): Promise<Prediction> {
  const none = new Float64Array(0);
  if (output.kind !== "class") {
    return { kind: "number", values: await gatherValues(share, own?.kind === "number" ? own.values : none) };
  }
  const { classes } = output;
  const [codes, probabilities] =
    own?.kind === "class" ? [Float64Array.from(own.codes), own.probabilities] : [none, none];
  return {
    kind: "class",
    classes,
    codes: Int32Array.from(await gatherValues(share, codes)),
    probabilities: await gatherValues(share, probabilities, classes.length),
  };
}
