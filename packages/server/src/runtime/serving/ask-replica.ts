// Asks a replica everything that a batch holds, in one go where it can, and gives each request its own answer.
import type { InputRow, NamedTensor, Replica, ReplicaAnswer, TensorAnswer } from "../replica.ts";
import type { Request } from "./request-queue.ts";
import { joinTensors, splitTensors } from "./tensor-batch.ts";

/** One answer per request, in their order; requests of a batch are all of one kind. */
export async function askReplica(
  replica: Replica,
  requests: readonly Pick<Request, "ask">[],
): Promise<readonly (ReplicaAnswer | TensorAnswer)[]> {
  const asks = requests.map(({ ask }) => ask);
  const rows = asks.flatMap((ask) => (ask.kind === "predict" ? [ask.rows] : []));
  if (rows.length > 0) return askRows(replica, rows);
  return askTensors(
    replica,
    asks.flatMap((ask) => (ask.kind === "infer" ? [ask.inputs] : [])),
  );
}

// Internal

async function askRows(
  replica: Replica,
  requests: readonly (readonly InputRow[])[],
): Promise<readonly ReplicaAnswer[]> {
  if (requests.length > 1 && replica.predictMany !== undefined) return replica.predictMany(requests);
  const answers: ReplicaAnswer[] = [];
  for (const rows of requests) answers.push(await replica.predict(rows));
  return answers;
}

async function askTensors(
  replica: Replica,
  requests: readonly (readonly NamedTensor[])[],
): Promise<readonly TensorAnswer[]> {
  const { infer } = replica;
  if (infer === undefined) throw new Error("this model takes rows, not tensors");
  const ask = (inputs: readonly NamedTensor[]) => infer.call(replica, inputs);
  if (requests.length === 1) return [await ask(requests[0])];
  const answer = await ask(joinTensors(requests));
  const rows = requests.map(([first]) => first.shape[0]);
  const parts = answer.ok ? splitTensors(answer, rows) : undefined;
  // Refused as a whole, or a first axis that is no batch after all: each is asked on its own.
  return parts ?? Promise.all(requests.map(ask));
}
