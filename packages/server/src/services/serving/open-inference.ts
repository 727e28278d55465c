// The Open Inference Protocol over endpoints: an endpoint is a model of the protocol, its variants are its versions.
// Requests are answered, counted and paid for like all others (predictions.ts).
import {
  ApiError,
  type ErrorDetail,
  type InferenceModel,
  type InferenceRequest,
  type InferenceResponse,
  type PredictionValue,
} from "@massif/api";
import type { ReplicaAnswer, TensorAnswer } from "../../runtime/replica.ts";
import { listEndpoints } from "../../store/endpoints.ts";
import type { Caller } from "../caller.ts";
import type { Means } from "../means.ts";
import { tensorRows } from "../predict-answer.ts";
import { outputsOfRows, outputsOfTensors, rowsFromInputs, rowTensors, tensorsFromInputs } from "./inference-tensors.ts";
import type { LiveEndpoint, LiveVariant } from "./live-endpoint.ts";
import type { Answered, Predictions } from "./predictions.ts";
import type { Serving } from "./serving.ts";

type Outputs = InferenceResponse["outputs"];
type Inferred =
  | { readonly ok: true; readonly outputs: Outputs; readonly rows: number; readonly cpuSeconds: number }
  | (Extract<ReplicaAnswer, { ok: false }> & { readonly message: string });

/** What to infer. */
export interface InferAsked {
  readonly version?: number;
  readonly request: InferenceRequest;
  readonly bytesIn: number;
}

/** Endpoints as models of the protocol. */
export class OpenInference {
  readonly #means: Pick<Means, "store" | "limits">;
  readonly #serving: Serving;
  readonly #predictions: Predictions;

  constructor(
    means: Pick<Means, "store" | "limits">,
    { serving, predictions }: { readonly serving: Serving; readonly predictions: Predictions },
  ) {
    this.#means = means;
    this.#serving = serving;
    this.#predictions = predictions;
  }

  /** Names of all endpoints that run. */
  async models({ projectId }: Caller): Promise<string[]> {
    const rows = await listEndpoints(this.#means.store.db, projectId);
    return rows
      .filter(({ status, deployment_id }) => status === "running" && deployment_id !== null)
      .map(({ name }) => name);
  }

  /** Inputs and outputs of an endpoint, or of one version behind it; throws NOT_FOUND, ENDPOINT_STOPPED. */
  async model(caller: Caller, name: string, version?: number): Promise<InferenceModel> {
    const endpoint = await this.#endpoint(caller, name);
    const { signature } = version === undefined ? endpoint.variants[0] : versionOf(endpoint, version);
    const tensors = signature.task === "tensors" ? signature : rowTensors(signature);
    return {
      name,
      versions: endpoint.variants.map(({ model }) => String(model.version)),
      platform: signature.task === "tensors" ? "onnxruntime_onnx" : "massif",
      inputs: [...tensors.inputs],
      outputs: [...tensors.outputs],
    };
  }

  /** Whether it answers; an endpoint at zero does, as it wakes when called. Throws NOT_FOUND. */
  async ready(caller: Caller, name: string, version?: number): Promise<boolean> {
    try {
      const endpoint = await this.#endpoint(caller, name);
      if (version !== undefined) versionOf(endpoint, version);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.code === "ENDPOINT_STOPPED") return false;
      throw error;
    }
  }

  /** Predicts; throws what `Predictions.predict` throws. */
  async infer(
    caller: Caller,
    name: string,
    { version, request, bytesIn }: InferAsked,
  ): Promise<Pick<Answered<unknown>, "cost" | "settle"> & { response: InferenceResponse; answeredBy: string }> {
    const endpoint = await this.#endpoint(caller, name);
    const variant = version === undefined ? this.#predictions.choose(endpoint) : versionOf(endpoint, version);
    const work = () => this.#outputs(variant, request);
    const { answer, cost, settle } = await this.#predictions.answer({ caller, endpoint, variant, bytesIn }, work);
    const { model } = variant;
    const response = {
      model_name: name,
      model_version: String(model.version),
      ...(request.id === undefined ? {} : { id: request.id }),
      outputs: answer.outputs,
    };
    return { response, answeredBy: `${model.name}@${model.version}`, cost, settle };
  }

  // Internal

  async #endpoint(caller: Caller, name: string): Promise<LiveEndpoint> {
    return this.#serving.find(caller.projectId, name) ?? (await this.#predictions.find(caller, name));
  }

  async #outputs({ signature, replica }: LiveVariant, request: InferenceRequest): Promise<Inferred> {
    if (signature.task === "tensors") {
      checkOutputs(signature.outputs, request);
      const read = tensorsFromInputs(signature, request.inputs);
      if (!read.ok) return unreadable(read.problems);
      const answer: TensorAnswer = await replica.infer(read.value);
      if (!answer.ok) return refused(answer);
      const outputs = wanted(outputsOfTensors(answer.outputs), request);
      return { ok: true, outputs, rows: tensorRows(signature, read.value), cpuSeconds: answer.cpuSeconds };
    }
    checkOutputs(rowTensors(signature).outputs, request);
    const read = rowsFromInputs(signature, request.inputs);
    if (!read.ok) return unreadable(read.problems);
    const rows = read.value;
    const most = this.#means.limits.predictRows;
    if (rows.length > most)
      throw new ApiError("TOO_LARGE", `${rows.length} rows are over the limit of ${most} rows in one request`);
    const answer = await replica.predict(rows);
    if (!answer.ok) return refused(answer);
    const outputs = wanted(outputsOfRows(signature, answer.predictions as PredictionValue[]), request);
    return { ok: true, outputs, rows: rows.length, cpuSeconds: answer.cpuSeconds };
  }
}

// Internal

function versionOf(endpoint: LiveEndpoint, version: number): LiveVariant {
  const found = endpoint.variants.find(({ model }) => model.version === version);
  if (found !== undefined) return found;
  const known = endpoint.variants.map(({ model }) => model.version).join(", ");
  throw new ApiError("NOT_FOUND", `the endpoint "${endpoint.name}" serves no version ${version}; it serves ${known}`);
}

function unreadable(problems: readonly ErrorDetail[]): Inferred {
  const [{ field, problem }] = problems;
  return { ok: false, message: `\`${field}\`: ${problem}`, problems, cpuSeconds: 0 };
}

function refused(answer: Extract<ReplicaAnswer, { ok: false }>): Inferred {
  return { ...answer, message: answer.problems[0].problem };
}

function checkOutputs(known: readonly { readonly name: string }[], { outputs = [] }: InferenceRequest): void {
  const names = known.map(({ name }) => name);
  for (const [i, { name }] of outputs.entries()) {
    if (names.includes(name)) continue;
    const problem = `"${name}" is not an output of the model; its outputs are ${names.join(", ")}`;
    throw new ApiError("INVALID_ROWS", problem, { details: [{ field: `outputs[${i}].name`, value: name, problem }] });
  }
}

function wanted(outputs: Outputs, request: InferenceRequest): Outputs {
  // An empty list is taken for none given, as other servers do.
  if (request.outputs === undefined || request.outputs.length === 0) return outputs;
  return request.outputs.flatMap(({ name }) => outputs.filter((output) => output.name === name));
}
