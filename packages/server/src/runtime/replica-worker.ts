// The entry of a replica's worker thread: loads one model, says how fast it is, answers rows until it is ended.
import { stat } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { Row } from "@massif/learn";
import { answerRows, loadPredictor, measureMicros } from "./model-predictor.ts";
import type { FromWorker, ToWorker, WorkerModel } from "./worker-protocol.ts";

const { path, sha256, example } = workerData as WorkerModel;

try {
  const predictor = await loadPredictor(path, sha256);
  const tried = answerRows(predictor, [example]);
  if (!tried.ok) say({ type: "refused", message: tried.problems[0].problem });
  else {
    const predictMicros = measureMicros(predictor, [example as Row]);
    parentPort?.on("message", ({ id, rows }: ToWorker) => {
      try {
        say({ type: "answer", id, answer: answerRows(predictor, rows) });
      } catch (error) {
        say({ type: "fault", id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    });
    say({ type: "ready", predictMicros, bytes: (await stat(path)).size });
  }
} catch (error) {
  say({ type: "refused", message: error instanceof Error ? error.message : String(error) });
}

// Internal

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}
