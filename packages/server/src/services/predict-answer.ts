// One predict request over a replica: rows for a model over rows, nested lists for one over tensors.
import { ApiError, type ErrorDetail, type Signature, type TensorSignature } from "@massif/api";
import type { Recommendations } from "@massif/learn";
import { type RecommendAsk, recommendInputs, recommendOutputs } from "../runtime/recommend-tensors.ts";
import type { InputRow, Replica } from "../runtime/replica.ts";
import { elementCount, MOST_ELEMENTS } from "../runtime/tensors.ts";
import { type Nested, tensorsFromJson, tensorToJson } from "./tensor-json.ts";

/** What a request gives: exactly one of them. */
export interface PredictAsked {
  /** A user to recommend items to. */
  readonly recommend?: RecommendAsk;
  readonly rows?: readonly InputRow[];
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** What an answer holds; `rows` is how many are counted, and `problems` is everything wrong with the request. */
export type PredictAnswer =
  | {
      readonly ok: true;
      readonly body:
        | { readonly predictions: unknown[] }
        | { readonly outputs: Record<string, Nested> }
        | (Recommendations & Pick<RecommendAsk, "user">);
      readonly rows: number;
      readonly cpuSeconds: number;
    }
  | {
      readonly ok: false;
      /** The first problem, with its place. */
      readonly message: string;
      readonly problems: readonly ErrorDetail[];
      readonly cpuSeconds: number;
    };

/** Predicts. Throws INVALID_REQUEST when rows are given to a model over tensors, or the reverse, and TOO_LARGE. */
export async function predictAnswer(
  { replica, signature }: { readonly replica: Replica; readonly signature: Signature },
  { rows, inputs, recommend }: PredictAsked,
  limits: { readonly predictRows: number },
): Promise<PredictAnswer> {
  if (recommend !== undefined) return recommendAnswer(replica, signature, recommend);
  if (signature.task === "tensors") return inferAnswer(replica, signature, inputs);
  if (rows === undefined) {
    throw new ApiError("INVALID_REQUEST", "the model takes rows, not tensors: give `rows` instead of `inputs`");
  }
  const most = limits.predictRows;
  if (rows.length > most)
    throw new ApiError("TOO_LARGE", `${rows.length} rows are over the limit of ${most} rows in one request`);
  const answer = await replica.predict(rows);
  // A row's problem names its column in words already.
  if (!answer.ok) return { ...answer, message: answer.problems[0].problem };
  const { predictions, cpuSeconds } = answer;
  return { ok: true, body: { predictions: predictions as unknown[] }, rows: rows.length, cpuSeconds };
}

/** How many rows tensors stand for: the extent of the first variable batch axis, else one. */
export function tensorRows(
  signature: TensorSignature,
  inputs: readonly { readonly shape: readonly number[] }[],
): number {
  const batched = signature.inputs.findIndex(({ shape }) => shape[0] === -1);
  return batched < 0 ? 1 : (inputs[batched]?.shape[0] ?? 1);
}

// Internal

async function inferAnswer(
  replica: Replica,
  signature: TensorSignature,
  inputs: PredictAsked["inputs"],
): Promise<PredictAnswer> {
  if (inputs === undefined || replica.infer === undefined) {
    const names = signature.inputs.map(({ name }) => name).join(", ");
    throw new ApiError("INVALID_REQUEST", `the model takes tensors (${names}): give \`inputs\` instead of \`rows\``);
  }
  const read = tensorsFromJson(signature.inputs, inputs);
  if (!read.ok) return refused(read.problems, 0);
  const answer = await replica.infer(read.tensors);
  if (!answer.ok) return refused(answer.problems, answer.cpuSeconds);
  const { outputs, cpuSeconds } = answer;
  const elements = outputs.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (elements > MOST_ELEMENTS) {
    throw new ApiError("TOO_LARGE", `the answer has ${elements} elements, over the limit of ${MOST_ELEMENTS}`);
  }
  const body = { outputs: Object.fromEntries(outputs.map((output) => [output.name, tensorToJson(output)])) };
  return { ok: true, body, rows: tensorRows(signature, read.tensors), cpuSeconds };
}

async function recommendAnswer(replica: Replica, signature: Signature, ask: RecommendAsk): Promise<PredictAnswer> {
  const columns = signature.task === "tensors" ? undefined : signature.recommends;
  if (columns === undefined || replica.infer === undefined || signature.task === "tensors") {
    const cure = "train one with the estimator MatrixFactorization";
    throw new ApiError("INVALID_REQUEST", `the model predicts and does not recommend: ${cure}`);
  }
  const answer = await replica.infer(recommendInputs(ask));
  if (!answer.ok) return refused(answer.problems, answer.cpuSeconds);
  const number = signature.inputs.find(({ name }) => name === columns.item)?.kind === "number";
  const { known, items } = recommendOutputs(answer.outputs, { number });
  return { ok: true, body: { user: ask.user, known, items }, rows: 1, cpuSeconds: answer.cpuSeconds };
}

function refused(problems: readonly ErrorDetail[], cpuSeconds: number): PredictAnswer {
  const [{ field, problem }] = problems;
  return { ok: false, message: `\`${field}\` ${problem}`, problems, cpuSeconds };
}
