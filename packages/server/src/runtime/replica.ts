// A loaded model that answers rows, wherever it runs. Metering, names and keys are not its business.
import type { ErrorDetail, PredictionValue, Signature } from "@massif/api";

/** A row as it came in; the replica checks it against the model's columns. */
export type InputRow = Readonly<Record<string, unknown>>;

/** Predictions, or everything wrong with the rows. */
export type ReplicaAnswer =
  | {
      readonly ok: true;
      readonly predictions: readonly PredictionValue[];
      /** Time the synchronous computation took on its thread, by the monotonic clock. */
      readonly cpuSeconds: number;
    }
  | { readonly ok: false; readonly problems: readonly ErrorDetail[]; readonly cpuSeconds: number };

/** A tensor with its name, as the Open Inference Protocol spells datatypes ("FP32", "INT64", "BYTES", …); row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView | readonly (string | boolean)[];
}

/** Output tensors, or everything wrong with the inputs. */
export type TensorAnswer =
  | { readonly ok: true; readonly outputs: readonly NamedTensor[]; readonly cpuSeconds: number }
  | { readonly ok: false; readonly problems: readonly ErrorDetail[]; readonly cpuSeconds: number };

/** A model that is ready. */
export interface Replica {
  /** In the gateway's thread, in a worker thread, or in a child process. */
  readonly placement: "inline" | "worker" | "process";
  /** Throws ReplicaUnavailable when it cannot answer now. */
  predict(rows: readonly InputRow[]): Promise<ReplicaAnswer>;
  /** Several requests in one go, each with its own answer; without it they are asked one after the other. */
  predictMany?(requests: readonly (readonly InputRow[])[]): Promise<readonly ReplicaAnswer[]>;
  /** What a model over tensors (a foreign one) has instead of rows. */
  infer?(inputs: readonly NamedTensor[]): Promise<TensorAnswer>;
  /** Memory that it holds: measured where it has a thread or process of its own, else the size of its model file. */
  readonly memoryBytes: number;
  /** Whether it can answer now; absent for one that always can. */
  readonly available?: boolean;
  /** Tells each change of `available` from now on. */
  onAvailability?(listener: (available: boolean) => void): void;
  /** Lets what is under way finish, then frees everything. */
  stop(): Promise<void>;
}

/** Where a model's file is, and what it takes. */
export interface ModelSource {
  readonly path: string;
  readonly sha256: string;
  readonly signature: Signature;
}

/** The replica cannot answer now; a retry may find it well again. */
export class ReplicaUnavailable extends Error {
  override readonly name = "ReplicaUnavailable";
}

/** The model file is not one, or gives no finite answer. */
export class ModelRefused extends Error {
  override readonly name = "ModelRefused";
}
