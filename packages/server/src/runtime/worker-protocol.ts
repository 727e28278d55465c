// What a replica and its worker thread say to each other.
import type { InputRow, ReplicaAnswer } from "./replica.ts";

/** Given to the worker at its start. */
export interface WorkerModel {
  readonly path: string;
  readonly sha256: string;
  /** A row of the model's own columns, to try it on. */
  readonly example: InputRow;
}

export interface ToWorker {
  readonly id: number;
  readonly rows: readonly InputRow[];
}

export type FromWorker =
  | { readonly type: "ready"; readonly predictMicros: number; readonly bytes: number }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly answer: ReplicaAnswer }
  | { readonly type: "fault"; readonly id: number; readonly message: string };
