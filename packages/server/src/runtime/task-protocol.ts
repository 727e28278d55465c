// What the server and a task process say to each other. One process does one task and ends; files travel by path,
// everything else as structured clones.
import type { ColumnInfo, Profile } from "@massif/data";
import type { RunOutcome, TrainTask } from "./train-protocol.ts";

/** Reads an uploaded file and writes it as Parquet. */
export interface ImportTask {
  readonly kind: "import";
  readonly source: string;
  /** The name the file was uploaded under: its ending tells the format unless `format` does. */
  readonly filename: string;
  readonly format: "csv" | "tsv" | "json" | "parquet" | null;
  /** Where the Parquet file goes. */
  readonly output: string;
}

/** One read-only query over Parquet files that appear as tables. */
export interface SqlTask {
  readonly kind: "sql";
  readonly sql: string;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly tables: readonly { readonly name: string; readonly path: string }[];
}

export type Task = ImportTask | SqlTask | TrainTask;

/** What an import found, in the data package's own words; `suggestedTarget` is the column most likely to be wanted. */
export interface ImportOutcome {
  readonly rows: number;
  readonly columns: ColumnInfo[];
  readonly profile: Profile["columns"];
  readonly suggestedTarget: string | null;
  readonly warnings: string[];
}

export interface SqlOutcome {
  readonly columns: { name: string; type: string }[];
  readonly rows: unknown[][];
  readonly truncated: boolean;
}

/** What each kind of task gives. */
export interface Outcomes {
  readonly import: ImportOutcome;
  readonly sql: SqlOutcome;
  readonly train: RunOutcome;
}

/** What the process may use. */
export interface TaskLimits {
  readonly threads: number;
  readonly memoryMb: number;
}

/** What a task used so far. */
export interface TaskUsage {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  /** Time on the clock since the process began. */
  readonly seconds: number;
  /** Resident memory in megabytes (10^6), added up over time. */
  readonly memoryMbSeconds: number;
}

/** What a task used that never began. */
export const NOTHING_USED: TaskUsage = Object.freeze({
  cpuSeconds: 0,
  peakMemoryBytes: 0,
  seconds: 0,
  memoryMbSeconds: 0,
});

/** Where a task stands, as events show it. */
export type TaskProgress = Readonly<Record<string, string | number>>;

/** Why a task could not do what it was asked, in the words of the error table. */
export interface TaskProblem {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

export type ToTask =
  | { readonly type: "start"; readonly task: Task; readonly limits: TaskLimits }
  | { readonly type: "cancel" };

export type FromTask =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: TaskProgress; readonly usage: TaskUsage }
  | { readonly type: "done"; readonly outcome: Outcomes[Task["kind"]]; readonly usage: TaskUsage }
  | { readonly type: "problem"; readonly problem: TaskProblem; readonly usage: TaskUsage };

/** What the guard of a task process sends to itself when memory runs over its limit; nothing else uses this signal. */
export const MEMORY_SIGNAL = "SIGUSR2";
