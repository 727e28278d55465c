// Requests over tensors as one: joined along the first axis, answers cut apart again. Only for models whose inputs and
// outputs all have the batch as their first axis; that they do is the operator's word (a batch size above 1), and an
// answer that contradicts it is noticed.
import type { TensorSignature } from "@massif/api";
import type { NamedTensor, TensorAnswer } from "../replica.ts";

/** What requests must have in common to be joined; null: this one goes alone. */
export function tensorShapeKey({ inputs, outputs }: TensorSignature, given: readonly NamedTensor[]): string | null {
  if ([...inputs, ...outputs].some(({ shape }) => shape[0] !== -1)) return null;
  const rows = given[0]?.shape[0];
  if (given.some(({ shape }) => shape[0] !== rows)) return null;
  return given
    .map(({ name, datatype, shape }) => `${name}:${datatype}:${shape.slice(1).join("x")}`)
    .sort()
    .join(",");
}

/** One request from several of the same shape key. */
export function joinTensors(requests: readonly (readonly NamedTensor[])[]): NamedTensor[] {
  return requests[0].map(({ name, datatype, shape }) => {
    const parts = requests.map((request) => request.find((tensor) => tensor.name === name) as NamedTensor);
    const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
    return { name, datatype, shape: [rows, ...shape.slice(1)], data: joined(parts.map(({ data }) => data)) };
  });
}

/** The answer to each of the joined requests, by their rows; undefined when the outputs do not have that many rows. */
export function splitTensors(
  answer: Extract<TensorAnswer, { ok: true }>,
  rows: readonly number[],
): TensorAnswer[] | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (answer.outputs.some(({ shape }) => shape[0] !== total)) return undefined;
  let at = 0;
  return rows.map((count) => {
    const begin = at;
    at += count;
    const outputs = answer.outputs.map((output) => part(output, { begin, count, total }));
    return { ok: true, outputs, cpuSeconds: total === 0 ? 0 : (answer.cpuSeconds * count) / total };
  });
}

// Internal

type Data = NamedTensor["data"];
type Elements = Float64Array;

function joined(parts: readonly Data[]): Data {
  const [first] = parts;
  if (Array.isArray(first)) return parts.flatMap((data) => [...(data as string[])]);
  const arrays = parts as unknown as Elements[];
  const length = arrays.reduce((sum, data) => sum + data.length, 0);
  // All parts have one datatype, hence one array type.
  const all = new (arrays[0].constructor as new (length: number) => Elements)(length);
  let at = 0;
  for (const data of arrays) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}

function part(
  { name, datatype, shape, data }: NamedTensor,
  { begin, count, total }: { begin: number; count: number; total: number },
): NamedTensor {
  const elements = data as unknown as Elements;
  const each = total === 0 ? 0 : elements.length / total;
  return {
    name,
    datatype,
    shape: [count, ...shape.slice(1)],
    data: elements.slice(begin * each, (begin + count) * each),
  };
}
