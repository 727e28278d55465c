// A foreign model behind the interface of all replicas: its process, and in front of it the check that tensors fit its
// signature, so that the runtime never sees what it would refuse in words of its own.
import { createRequire } from "node:module";
import { ApiError, type TensorSignature } from "@massif/api";
import type { Logger } from "pino";
import type { OnnxLoad } from "./onnx-host.ts";
import { ProcessReplica } from "./process-replica.ts";
import type { ModelSource, NamedTensor, Replica, ReplicaAnswer, TensorAnswer } from "./replica.ts";
import { tensorProblems } from "./tensors.ts";

/** What a foreign model's process may use. */
export interface OnnxLimits {
  readonly threads: number;
  /** Resident memory at which the process is ended. */
  readonly memoryMb: number;
}

const ENTRY = createRequire(import.meta.url).resolve("@massif/server/onnx-host");

const LIMITS: OnnxLimits = { threads: 1, memoryMb: 4096 };

/** Serves an ONNX model from a process of its own. */
export class OnnxReplica implements Replica {
  readonly placement = "process";
  readonly #inner: ProcessReplica;
  readonly #signature: TensorSignature;

  private constructor(inner: ProcessReplica, signature: TensorSignature) {
    this.#inner = inner;
    this.#signature = signature;
  }

  /** Starts the process and loads the model; throws ModelRefused and ReplicaUnavailable. */
  static async start(
    { path, sha256 }: Pick<ModelSource, "path" | "sha256">,
    { signature, log, limits = LIMITS }: { signature: TensorSignature; log: Logger; limits?: OnnxLimits },
  ): Promise<OnnxReplica> {
    const { threads, memoryMb } = limits;
    const load: OnnxLoad = { path, sha256, threads, outputs: signature.outputs.map(({ name }) => name) };
    const inner = new ProcessReplica({ entry: ENTRY, load, label: sha256, log, memoryMb });
    await inner.start();
    return new OnnxReplica(inner, signature);
  }

  get available(): boolean {
    return this.#inner.available;
  }

  get memoryBytes(): number {
    return this.#inner.memoryBytes;
  }

  onAvailability(listener: (available: boolean) => void): void {
    this.#inner.onAvailability(listener);
  }

  /** Throws INVALID_REQUEST: this model has no rows. */
  async predict(): Promise<ReplicaAnswer> {
    const names = this.#signature.inputs.map(({ name }) => name).join(", ");
    throw new ApiError("INVALID_REQUEST", `the model takes tensors (${names}), not rows`);
  }

  async infer(inputs: readonly NamedTensor[]): Promise<TensorAnswer> {
    const problems = tensorProblems(this.#signature.inputs, inputs);
    return problems.length > 0 ? { ok: false, problems, cpuSeconds: 0 } : this.#inner.infer(inputs);
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }
}
