// Tensors of the Open Inference Protocol and what models take: columns of rows for our models, typed arrays for models
// over tensors; and answers back. Every refused value is named by its place.
import type {
  ErrorDetail,
  InferenceRequest,
  InferenceResponse,
  InferenceTensor,
  PredictionValue,
  RowSignature,
  TensorInfo,
  TensorSignature,
} from "@massif/api";
import type { NamedTensor } from "../../runtime/replica.ts";
import { ARRAYS, elementCount, tensorProblems } from "../../runtime/tensors.ts";
import { halfBits } from "../half-float.ts";
import { elementFromJson, Misfit, tensorToJson } from "../tensor-json.ts";

type Input = InferenceRequest["inputs"][number];
type Output = InferenceResponse["outputs"][number];
type Cell = number | string | null;

/** What was read, or everything wrong with it. */
export type ReadInputs<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ErrorDetail[] };

/** Inputs and outputs of a model over rows, as tensors: one input per column. */
export function rowTensors({ inputs, target, classes, task }: RowSignature): {
  inputs: InferenceTensor[];
  outputs: InferenceTensor[];
} {
  const columns = inputs.map(
    ({ name, kind }): InferenceTensor => ({ name, datatype: kind === "number" ? "FP64" : "BYTES", shape: [-1] }),
  );
  const value = target === "" ? task : target;
  if (task === "clustering") {
    const outputs: InferenceTensor[] = [
      { name: "cluster", datatype: "INT64", shape: [-1] },
      { name: "distances", datatype: "FP64", shape: [-1, -1] },
    ];
    return { inputs: columns, outputs };
  }
  if (task === "outliers") {
    const outputs: InferenceTensor[] = [
      { name: "score", datatype: "FP64", shape: [-1] },
      { name: "outlier", datatype: "BOOL", shape: [-1] },
    ];
    return { inputs: columns, outputs };
  }
  if (classes === null) return { inputs: columns, outputs: [{ name: value, datatype: "FP64", shape: [-1] }] };
  const outputs: InferenceTensor[] = [
    { name: value, datatype: "BYTES", shape: [-1] },
    { name: "probabilities", datatype: "FP64", shape: [-1, classes.length] },
  ];
  return { inputs: columns, outputs };
}

/** Rows from one tensor per column, each of the shape [n] or [n, 1]. */
export function rowsFromInputs(signature: RowSignature, given: readonly Input[]): ReadInputs<Record<string, Cell>[]> {
  const problems: ErrorDetail[] = nameProblems(signature.inputs, given);
  const columns = new Map<string, readonly Cell[]>();
  for (const [i, input] of given.entries()) {
    const column = signature.inputs.find(({ name }) => name === input.name);
    if (column === undefined) continue;
    try {
      columns.set(column.name, readColumn(column.kind, input));
    } catch (error) {
      problems.push(problemOf(error, i));
    }
  }
  const [first] = columns.values();
  for (const [i, { name }] of given.entries()) {
    const length = columns.get(name)?.length;
    if (length === undefined || length === first.length) continue;
    const problem = `\`${name}\` has ${length} rows where \`${given[0].name}\` has ${first.length}`;
    problems.push({ field: `inputs[${i}].shape`, value: length, problem });
  }
  if (problems.length === 0 && first.length === 0)
    problems.push({ field: "inputs", problem: "hold no row: give at least one" });
  if (problems.length > 0) return { ok: false, problems };
  const names = [...columns.keys()];
  const value = Array.from({ length: first.length }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, (columns.get(name) as readonly Cell[])[row]])),
  );
  return { ok: true, value };
}

/** The answer of a model over rows, as tensors. */
export function outputsOfRows(signature: RowSignature, predictions: readonly PredictionValue[]): Output[] {
  const [first, second] = rowTensors(signature).outputs;
  const rows = predictions.length;
  if (signature.task === "clustering") {
    const all = predictions as { cluster: number; distances: number[] }[];
    const width = all[0]?.distances.length ?? 0;
    return [
      { ...first, shape: [rows], data: all.map(({ cluster }) => cluster) },
      { ...second, shape: [rows, width], data: all.flatMap(({ distances }) => distances) },
    ];
  }
  if (signature.task === "outliers") {
    const all = predictions as { score: number; outlier: boolean }[];
    return [
      { ...first, shape: [rows], data: all.map(({ score }) => score) },
      { ...second, shape: [rows], data: all.map(({ outlier }) => outlier) },
    ];
  }
  const { classes } = signature;
  if (classes === null) return [{ ...first, shape: [rows], data: predictions as number[] }];
  const all = predictions as { class: string; probabilities: Record<string, number> }[];
  return [
    { ...first, shape: [rows], data: all.map((one) => one.class) },
    {
      ...second,
      shape: [rows, classes.length],
      // Columns in this order.
      parameters: { classes: JSON.stringify(classes) },
      data: all.flatMap(({ probabilities }) => classes.map((name) => probabilities[name] ?? 0)),
    },
  ];
}

/** Tensors from inputs for a model over tensors. */
export function tensorsFromInputs(signature: TensorSignature, given: readonly Input[]): ReadInputs<NamedTensor[]> {
  const problems: ErrorDetail[] = [];
  const value: NamedTensor[] = [];
  for (const [i, input] of given.entries()) {
    try {
      value.push(readTensor(input));
    } catch (error) {
      problems.push(problemOf(error, i));
    }
  }
  if (problems.length === 0) problems.push(...tensorProblems(signature.inputs, value));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
}

/** The answer of a model over tensors. */
export function outputsOfTensors(outputs: readonly NamedTensor[]): Output[] {
  return outputs.map((output) => {
    const json = tensorToJson(output);
    const data = flattened([json]) as Output["data"];
    return { name: output.name, datatype: output.datatype as TensorInfo["datatype"], shape: [...output.shape], data };
  });
}

// Internal

function nameProblems(wanted: readonly { readonly name: string }[], given: readonly Input[]): ErrorDetail[] {
  const problems: ErrorDetail[] = [];
  const names = wanted.map(({ name }) => name);
  for (const [i, { name }] of given.entries()) {
    const field = `inputs[${i}].name`;
    if (!names.includes(name)) {
      const problem = `\`${name}\` is not an input of the model; its inputs are ${names.join(", ")}`;
      problems.push({ field, value: name, problem });
    } else if (given.findIndex((other) => other.name === name) !== i) {
      problems.push({ field, value: name, problem: `\`${name}\` is given twice` });
    }
  }
  const missing = names.filter((name) => !given.some((input) => input.name === name));
  if (missing.length > 0)
    problems.push({ field: "inputs", problem: `lack ${missing.map((name) => `\`${name}\``).join(", ")}` });
  return problems;
}

function readColumn(kind: RowSignature["inputs"][number]["kind"], input: Input): Cell[] {
  const { datatype, shape, name } = input;
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1)) {
    throw new Misfit(".shape", `of the column \`${name}\` must be [n] or [n, 1]`, shape);
  }
  const wantsText = kind !== "number";
  if (wantsText !== (datatype === "BYTES")) {
    const wanted = wantsText ? "BYTES" : "a number type such as FP64";
    throw new Misfit(".datatype", `of the column \`${name}\` must be ${wanted}`, datatype);
  }
  return flat(input).map((value, i) => {
    if (value === null) return null;
    const element = elementAt(datatype, value, i);
    return typeof element === "bigint" ? Number(element) : element;
  });
}

function readTensor(input: Input): NamedTensor {
  const { name, datatype, shape } = input;
  const values = flat(input);
  const type = ARRAYS[datatype];
  const data = (type === undefined ? new Array<string>(values.length) : new type(values.length)) as Array<unknown>;
  for (const [i, value] of values.entries()) {
    const element = elementAt(datatype, value, i);
    data[i] = datatype === "FP16" ? halfBits(element as number) : element;
  }
  return { name, datatype, shape, data: data as unknown as NamedTensor["data"] };
}

function elementAt(datatype: Input["datatype"], value: unknown, i: number): number | bigint | string {
  try {
    return elementFromJson(datatype, value);
  } catch (error) {
    if (error instanceof Misfit) throw new Misfit(`.data[${i}]`, error.message, value);
    throw error;
  }
}

/** The elements in row-major order, given flat or nested. */
function flat({ data, shape, name }: Input): unknown[] {
  const values = data.some(Array.isArray) ? flattened(data) : data;
  const expected = elementCount(shape);
  if (values.length === expected) return values as unknown[];
  throw new Misfit(
    ".data",
    `of \`${name}\` has ${values.length} elements where the shape [${shape.join(", ")}] has ${expected}`,
  );
}

function flattened(values: readonly unknown[]): unknown[] {
  // The compiler cannot follow a list of any depth.
  return (values as unknown[][]).flat(Number.POSITIVE_INFINITY as 1);
}

function problemOf(error: unknown, i: number): ErrorDetail {
  if (!(error instanceof Misfit)) throw error;
  const { place, message, value } = error;
  return { field: `inputs[${i}]${place}`, problem: message, ...(value === undefined ? {} : { value }) };
}
