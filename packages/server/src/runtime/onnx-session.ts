// ONNX Runtime over one file: tensors in, tensors out. Only task and replica processes load it: the binding computes on
// the thread that calls it, and ending that thread in the middle of a run aborts the whole process.
import { createRequire } from "node:module";
import type { NamedTensor } from "./replica.ts";
import type { Datatype } from "./tensors.ts";

// Loading the binding takes a native library into the process; the type import takes nothing.
type Runtime = typeof import("onnxruntime-node");
type OrtTensor = InstanceType<Runtime["Tensor"]>;

/** A model that ONNX Runtime has loaded. */
export class OnnxSession {
  readonly #runtime: Runtime;
  readonly #session: import("onnxruntime-node").InferenceSession;

  private constructor(runtime: Runtime, session: import("onnxruntime-node").InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  /** Loads a file; throws what the runtime says about one it cannot take. */
  static async open(path: string, { threads }: { readonly threads: number }): Promise<OnnxSession> {
    const runtime = createRequire(import.meta.url)("onnxruntime-node") as Runtime;
    const session = await runtime.InferenceSession.create(path, {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      // Threads that wait must not burn the cores that other replicas need.
      extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
    });
    return new OnnxSession(runtime, session);
  }

  /** Computes `outputs` from `inputs`, in that order. */
  async run(inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<NamedTensor[]> {
    const feeds = Object.fromEntries(inputs.map((tensor) => [tensor.name, this.#toOrt(tensor)]));
    const results = await this.#session.run(feeds, outputs);
    return outputs.map((name) => fromOrt(name, results[name] as OrtTensor));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  // Internal

  #toOrt({ datatype, shape, data }: NamedTensor): OrtTensor {
    const type = ORT_TYPES[datatype as Datatype];
    return new this.#runtime.Tensor(type as "float32", data as Float32Array, shape);
  }
}

/** What a tensor element is called in ONNX (TensorProto.DataType) and in the Open Inference Protocol. */
export const ONNX_DATATYPES: Readonly<Record<number, Datatype>> = {
  1: "FP32",
  2: "UINT8",
  3: "INT8",
  4: "UINT16",
  5: "INT16",
  6: "INT32",
  7: "INT64",
  8: "BYTES",
  9: "BOOL",
  10: "FP16",
  11: "FP64",
  12: "UINT32",
  13: "UINT64",
};

// Internal

const ORT_TYPES = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Record<Datatype, string>;

const DATATYPES = Object.fromEntries(Object.entries(ORT_TYPES).map(([datatype, type]) => [type, datatype]));

function fromOrt(name: string, tensor: OrtTensor): NamedTensor {
  return {
    name,
    datatype: DATATYPES[tensor.type],
    shape: [...tensor.dims],
    data: tensor.data as NamedTensor["data"],
  };
}
