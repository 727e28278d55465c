// Starts a replica where it belongs: a foreign model in a process; ours in this thread when the model is fast and not
// large, else in a worker thread, or where it was asked to be.
import { stat } from "node:fs/promises";
import { rowSignatureOf } from "@massif/api";
import type { Logger } from "pino";
import { exampleRow } from "./example-row.ts";
import { LightReplica } from "./light-replica.ts";
import { answerRows, loadServed } from "./model-predictor.ts";
import { OnnxReplica } from "./onnx-replica.ts";
import { ModelRefused, type ModelSource, type Replica } from "./replica.ts";
import { WorkerReplica } from "./worker-replica.ts";

/** Where replicas run; `auto` measures the model and chooses between `inline` and `worker`. */
export type Placement = "auto" | "inline" | "worker" | "process";

/** A model below this many microseconds a row, and of moderate size, runs in the gateway. */
const INLINE_MICROS = 50;
const INLINE_BYTES = 32 * 1024 * 1024;

/** Loads a model and tries it. Throws ModelRefused and ReplicaUnavailable. */
export async function startReplica(
  source: ModelSource,
  { log, placement = "auto" }: { readonly log: Logger; readonly placement?: Placement },
): Promise<Replica> {
  const { signature } = source;
  if (signature.task === "tensors") return OnnxReplica.start(source, { signature, log });
  if (placement === "inline") return startLight(source, log);
  const replica = new WorkerReplica(source, log, {
    placement: placement === "auto" ? "worker" : placement,
    measure: placement === "auto",
  });
  const { predictMicros, bytes } = await replica.start();
  if (placement !== "auto" || predictMicros >= INLINE_MICROS || bytes > INLINE_BYTES) return replica;
  const light = await startLight(source, log);
  await replica.stop();
  return light;
}

// Internal

async function startLight(source: ModelSource, log: Logger): Promise<Replica> {
  const model = await loadServed(source.path, source.sha256).catch((cause) => {
    throw new ModelRefused(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const tried = answerRows(model.predictor, [exampleRow(rowSignatureOf(source.signature))]);
  if (!tried.ok) throw new ModelRefused(tried.problems[0].problem);
  const { size: fileBytes } = await stat(source.path);
  return new LightReplica(model, source, { fileBytes, log });
}
