// One foreign model file, in the task process: read what it says about itself, refuse what could reach outside or could
// not run, load it, try it with zeros. What it takes and gives becomes its signature.
import { open, readFile } from "node:fs/promises";
import type { TensorInfo, TensorSignature } from "@massif/api";
import { inspectOnnx, ModelFileError, type OnnxSummary, type OnnxValue } from "@massif/learn";
import { ONNX_DATATYPES, OnnxSession } from "./onnx-session.ts";
import type { NamedTensor } from "./replica.ts";
import type { TaskContext } from "./task-process.ts";
import type { ForeignOutcome, ForeignTask } from "./task-protocol.ts";
import { ARRAYS, elementCount, MOST_ELEMENTS } from "./tensors.ts";

/** What ONNX Runtime 1.30 loads, tried version by version: the format, and the operator sets by domain. */
const NEWEST_IR = 13;
const NEWEST_OPSETS: Readonly<Record<string, number>> = { "ai.onnx": 26, "ai.onnx.ml": 5 };

/** Domains whose operators are inside the runtime; any other would need a library of its own. */
const DOMAINS: readonly string[] = ["ai.onnx", "ai.onnx.ml", "com.microsoft"];

/** Extents of the axes that a signature leaves open, but for the first, which is the batch by custom and gets 1. */
interface Guess {
  /** Of the last axis: time, width, or words. */
  readonly last: number;
  readonly others: number;
}

/** What is tried: some graphs need room for their windows, some a batch of 1 behind the first axis. */
const GUESSES: readonly Guess[] = [1, 8, 32, 64, 256, 512].flatMap((extent) => [
  { last: extent, others: 1 },
  { last: extent, others: extent },
]);

const READABLE_BYTES = 2 ** 31 - 1;

/** Inspects and tries the file. Throws ModelFileError saying what is wrong with it. */
export async function foreignTask({ source }: ForeignTask, { limits, report }: TaskContext): Promise<ForeignOutcome> {
  await report({ stage: "inspect" }, true);
  const summary = inspectOnnx(await bytesOf(source));
  refuseForeign(summary);
  const notes: string[] = [];
  const inputs = summary.inputs.map((value) => inputInfo(value));
  const wanted = summary.outputs.filter((value) => isTensor(value, notes));
  if (wanted.length === 0) throw new ModelFileError(`no output is a tensor: ${notes.join("; ")}`);
  await report({ stage: "try" }, true);
  const session = await load(source, limits.threads);
  const tried = await tryOut(session, inputs, wanted);
  await session.close();
  if (tried.problem !== undefined) {
    const fixed = inputs.every(({ shape }) => !shape.includes(-1));
    if (fixed) throw new ModelFileError(`a trial with zeros failed: ${tried.problem}`);
    notes.push(`a trial with zeros did not run, whatever the variable extents: ${tried.problem}`);
  }
  const outputs = wanted.map((value): TensorInfo => outputInfo(value, tried.outputs?.get(value.name)));
  const signature: TensorSignature = { task: "tensors", inputs, outputs };
  const { producer, irVersion, opsets, nodes, parameters } = summary;
  return { signature, notes, origin: { producer, irVersion, opsets, nodes, parameters } };
}

// Internal

async function bytesOf(source: string): Promise<Uint8Array> {
  const file = await open(source);
  const { size } = await file.stat();
  await file.close();
  if (size > READABLE_BYTES) throw new ModelFileError(`the file has ${size} bytes; protobuf files end at 2 GiB`);
  return readFile(source);
}

function refuseForeign({ irVersion, opsets, operators, external }: OnnxSummary): void {
  if (external.length > 0) {
    const [{ name, location }] = external;
    const how =
      /^([/\\]|[A-Za-z]:)/.test(location) || /(^|[/\\])\.\.([/\\]|$)/.test(location) ? ", outside its folder" : "";
    throw new ModelFileError(
      `the weight "${name}" is kept in another file ("${location}"${how}); save the model as one file, with its weights inside`,
    );
  }
  if (irVersion > NEWEST_IR) {
    throw new ModelFileError(
      `the file's format is IR version ${irVersion}; the newest that can be read is ${NEWEST_IR}`,
    );
  }
  for (const [domain, names] of operators) {
    if (!DOMAINS.includes(domain)) {
      const shown = [...names].slice(0, 5).join(", ");
      throw new ModelFileError(
        `it uses operators of the domain "${domain}" (${shown}), which need a library of their own; known are ${DOMAINS.join(", ")}`,
      );
    }
    const newest = NEWEST_OPSETS[domain];
    if (newest !== undefined && (opsets[domain] ?? 0) > newest) {
      throw new ModelFileError(
        `it needs version ${opsets[domain]} of the operator set "${domain}"; the newest that can be run is ${newest}`,
      );
    }
  }
}

function isTensor({ name, elementType, other }: OnnxValue, notes: string[]): boolean {
  if (elementType !== undefined && ONNX_DATATYPES[elementType] !== undefined) return true;
  const what = other ?? `a tensor of the ONNX element type ${elementType}`;
  // What skl2onnx calls ZipMap: probabilities as a list of maps instead of a matrix.
  const cure = other === "a sequence" ? ' (skl2onnx: convert with options={"zipmap": False})' : "";
  notes.push(`the output "${name}" is ${what} and is left out${cure}`);
  return false;
}

function inputInfo({ name, elementType, shape, other }: OnnxValue): TensorInfo {
  const datatype = elementType === undefined ? undefined : ONNX_DATATYPES[elementType];
  if (datatype === undefined) {
    const what = other ?? `a tensor of the ONNX element type ${elementType}`;
    throw new ModelFileError(`the input "${name}" is ${what}; inputs must be tensors of numbers, booleans or texts`);
  }
  if (shape === undefined) throw new ModelFileError(`the input "${name}" does not say how many axes it has`);
  return { name, datatype, shape: shape.map(extentOf) };
}

/** An output that does not say its rank has that of the trial; where none ran, that of a vector. */
function outputInfo({ name, elementType, shape }: OnnxValue, tried: readonly number[] | undefined): TensorInfo {
  const datatype = ONNX_DATATYPES[elementType as number];
  return { name, datatype, shape: shape?.map(extentOf) ?? tried?.map(() => -1) ?? [-1] };
}

function extentOf(extent: number | string | null): number {
  return typeof extent === "number" && extent >= 0 ? extent : -1;
}

async function load(source: string, threads: number): Promise<OnnxSession> {
  try {
    return await OnnxSession.open(source, { threads });
  } catch (cause) {
    throw new ModelFileError(`ONNX Runtime cannot load it: ${reason(cause)}`, { cause });
  }
}

interface Trial {
  /** Shapes of the outputs by name. */
  readonly outputs?: ReadonlyMap<string, readonly number[]>;
  readonly problem?: string;
}

/** Runs zeros through the graph, with one extent after the other where the signature leaves it open. */
async function tryOut(
  session: OnnxSession,
  inputs: readonly TensorInfo[],
  outputs: readonly OnnxValue[],
): Promise<Trial> {
  const names = outputs.map(({ name }) => name);
  const open = inputs.some(({ shape }) => shape.includes(-1));
  let problem = "";
  for (const guess of open ? GUESSES : [{ last: 1, others: 1 }]) {
    const tensors = inputs.map((info) => zeros(info, guess));
    const elements = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    if (elements > MOST_ELEMENTS) {
      problem ||= `its inputs have ${elements} elements, over the limit of ${MOST_ELEMENTS}`;
      break;
    }
    try {
      const answered = await session.run(tensors, names);
      return { outputs: new Map(answered.map(({ name, shape }) => [name, shape])) };
    } catch (error) {
      problem ||= reason(error);
    }
  }
  return { problem };
}

function zeros({ name, datatype, shape: wanted }: TensorInfo, { last, others }: Guess): NamedTensor {
  const shape = wanted.map((fixed, axis) => {
    if (fixed !== -1) return fixed;
    if (axis === 0) return 1;
    return axis === wanted.length - 1 ? last : others;
  });
  const count = Math.min(elementCount(shape), MOST_ELEMENTS + 1);
  const type = ARRAYS[datatype];
  return { name, datatype, shape, data: type === undefined ? new Array<string>(count).fill("") : new type(count) };
}

const MOST_REASON = 500;

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, MOST_REASON);
}
