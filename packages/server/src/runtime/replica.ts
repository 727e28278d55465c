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

/** A model that is ready. */
export interface Replica {
  readonly placement: "inline" | "worker";
  /** Throws ReplicaUnavailable when it cannot answer now. */
  predict(rows: readonly InputRow[]): Promise<ReplicaAnswer>;
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
