// Models over rows and models over tensors share the registry and the endpoints; these tell them apart where only one
// kind makes sense. The same for tasks: those that predict a target, and those that learn from the columns alone.
import { ApiError } from "./errors.ts";
import type { Task } from "./resources/common.ts";
import type { PredictionValue, PredictResponse } from "./resources/endpoints.ts";
import type { RowSignature, Signature } from "./resources/models.ts";

/** The signature of a model over rows; throws INVALID_REQUEST for one over tensors, called `what` in the message. */
export function rowSignatureOf(signature: Signature, what = "the model"): RowSignature {
  if (signature.task !== "tensors") return signature;
  const names = signature.inputs.map(({ name }) => name).join(", ");
  throw new ApiError("INVALID_REQUEST", `${what} takes tensors (${names}), not rows: give \`inputs\``);
}

/** The predictions of a model over rows; throws INVALID_REQUEST for the answer of one over tensors. */
export function predictionsOf(answer: PredictResponse): PredictionValue[] {
  if ("predictions" in answer) return answer.predictions;
  throw new ApiError("INVALID_REQUEST", `the model "${answer.model.name}" answers tensors, not rows`);
}

/** Whether a model of `task` predicts a target; the other tasks learn from the columns alone. */
export function hasTarget(task: Task): task is "regression" | "classification" {
  return task === "regression" || task === "classification";
}
