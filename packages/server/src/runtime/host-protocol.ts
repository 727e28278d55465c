// What a replica and the thread or process that holds its model (its host) say to each other. Everything travels as
// structured clones, so typed arrays are not turned into text.
import type { InputRow, NamedTensor, ReplicaAnswer, TensorAnswer } from "./replica.ts";

/** What a host found when it tried the model. */
export interface ModelFigures {
  /** Time of one row; 0 when it was not measured. */
  readonly predictMicros: number;
  readonly bytes: number;
}

/** What a host found, and what it holds. */
export interface HostFigures extends ModelFigures {
  /** Resident memory of a process, or the heap and buffers of a thread, with the model loaded. */
  readonly memoryBytes: number;
}

/** A question to a model. */
export type Ask =
  | { readonly kind: "predict"; readonly rows: readonly InputRow[] }
  /** Several requests, each with an answer of its own. */
  | { readonly kind: "many"; readonly requests: readonly (readonly InputRow[])[] }
  | { readonly kind: "infer"; readonly inputs: readonly NamedTensor[] };

/** The answer to a question of the same kind. */
export type HostAnswer = ReplicaAnswer | TensorAnswer | readonly ReplicaAnswer[];

export type ToHost =
  /** What to load; its shape is between the host's entry file and whoever starts it. */
  | { readonly type: "load"; readonly load: unknown }
  | { readonly type: "ask"; readonly id: number; readonly ask: Ask }
  /** Finish what was asked, free everything, end. */
  | { readonly type: "stop" };

export type FromHost =
  | { readonly type: "hello" }
  | { readonly type: "ready"; readonly figures: HostFigures }
  | { readonly type: "refused"; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly answer: HostAnswer }
  | { readonly type: "fault"; readonly id: number; readonly message: string };

/** One life of a thread or process that holds a model. */
export interface Host {
  /** For logs and messages: "thread 3" or "process 4711". */
  readonly name: string;
  send(message: ToHost): void;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** From now on it does not keep this process alive. */
  unref(): void;
}

/** What a host tells while it lives; after `ended` it says nothing more. */
export interface HostEars {
  hear(message: FromHost): void;
  /** `why` in words, such as "exit code 1: Error: …". */
  ended(why: string): void;
}

/** Starts a host that is to be told what to load. */
export type StartHost = (ears: HostEars) => Host;
