// Values of kernel machines over their support vectors: of many rows by WebAssembly, of one row by the same operations
// in the same order here, so that both give the same bits.
import { defaultRuntime, type KernelRuntime } from "@massif/kernels";
import type { FittedState, Tensor } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import { type KernelFunction, kernelArguments, kernelFromState, kernelToJson } from "./kernel-function.ts";
import { compileKernel } from "./row-kernel.ts";

const GRAIN = 64;
/** Points are added up by so many at once; short groups are filled with betas of 0. */
const GROUP = 8;

/** Machines that share their support vectors. */
export interface SupportVectors {
  readonly kernel: KernelFunction;
  readonly features: number;
  /** Vectors × features, row-major. */
  readonly vectors: Float64Array;
  /** Machines × vectors, row-major. */
  readonly betas: Float64Array;
  /** One per machine. */
  readonly biases: Float64Array;
}

/** The values of all machines at `rows` of the columns (default: all `count`): rows × machines. */
export function valuesOfRows(
  machines: SupportVectors,
  { columns, count, rows }: { columns: readonly Float64Array[]; count: number; rows?: Int32Array },
  runtime: KernelRuntime = defaultRuntime(),
): Float64Array {
  const { biases, features } = machines;
  const found = rows?.length ?? count;
  if (found === 0) return new Float64Array();
  const packed = pack(machines);
  const values = runtime.scope((memory) => {
    const copied = (numbers: Float64Array) => {
      const pointer = memory.alloc(Math.max(16, numbers.length * 8));
      runtime.f64(pointer, numbers.length).set(numbers);
      return pointer;
    };
    const queries = memory.alloc(found * features * 8);
    const view = runtime.f64(queries, found * features);
    columns.forEach((column, j) => {
      for (let i = 0; i < found; i++) view[i * features + j] = column[rows === undefined ? i : rows[i]];
    });
    const out = memory.alloc(found * biases.length * 8);
    const head = [copied(packed.points), packed.width / 2, features, copied(packed.betas), biases.length];
    runtime.parallel("kernelScores", [...head, ...kernelArguments(machines.kernel), queries, out], found, GRAIN);
    return runtime.f64(out, found * biases.length).slice();
  });
  for (let i = 0; i < values.length; i++) values[i] += biases[i % biases.length];
  return values;
}

/** A function that writes the values of all machines at one row; allocates nothing. */
export function compileValues(machines: SupportVectors): (row: Float64Array, out: Float64Array) => void {
  const { biases, features } = machines;
  const { points, betas, width } = pack(machines);
  const fill = compileKernel(machines.kernel);
  const similar = new Float64Array(GROUP);
  return (row, out) => {
    for (let m = 0; m < biases.length; m++) out[m] = 0;
    for (let from = 0; from < width; from += GROUP) {
      fill(row, points, from * features, similar);
      for (let m = 0; m < biases.length; m++) {
        const at = m * width + from;
        const even = similar[0] * betas[at] + similar[2] * betas[at + 2];
        const odd = similar[1] * betas[at + 1] + similar[3] * betas[at + 3];
        const evenMore = similar[4] * betas[at + 4] + similar[6] * betas[at + 6];
        const oddMore = similar[5] * betas[at + 5] + similar[7] * betas[at + 7];
        out[m] += even + evenMore + (odd + oddMore);
      }
    }
    for (let m = 0; m < biases.length; m++) out[m] += biases[m];
  };
}

/** Tensors and meta of machines, for a state. */
export function packVectors({ kernel, features, vectors, betas, biases }: SupportVectors): {
  tensors: Record<string, Tensor>;
  meta: FittedState["meta"];
} {
  const count = vectors.length / features;
  return {
    tensors: {
      vectors: tensor(vectors, [count, features]),
      betas: tensor(betas, [biases.length, count]),
      biases: tensor(biases),
    },
    meta: { kernel: kernelToJson(kernel), count },
  };
}

/** Reads what `packVectors` wrote; throws ShapeError naming `owner` when it is something else. */
export function unpackVectors(
  state: FittedState,
  owner: string,
  { features, machines }: { features: number; machines: number },
): SupportVectors {
  const count = readMeta(state, "count", owner);
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) {
    throw new ShapeError(`"count" in the state of ${owner} must be a whole number from 0 on`);
  }
  const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
  return {
    kernel: kernelFromState(state, owner),
    features,
    vectors: read("vectors", count * features),
    betas: read("betas", machines * count),
    biases: read("biases", machines),
  };
}

// Internal

/** Vectors by twos, feature by feature the values of both, and betas with zeros behind them. */
function pack({ vectors, betas, biases, features }: SupportVectors) {
  const count = vectors.length / features;
  const width = GROUP * Math.ceil(count / GROUP);
  const points = new Float64Array(width * features);
  for (let s = 0; s < count; s++) {
    const at = (s >> 1) * 2 * features + (s & 1);
    for (let j = 0; j < features; j++) points[at + 2 * j] = vectors[s * features + j];
  }
  const padded = new Float64Array(biases.length * width);
  for (let m = 0; m < biases.length; m++) padded.set(betas.subarray(m * count, (m + 1) * count), m * width);
  return { points, betas: padded, width };
}
