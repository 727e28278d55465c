// What the server and a task process say to each other. One process does one task and ends; files travel by path,
// everything else as structured clones.
import type { Curve, ErrorDetail, ExplainResponse, PipelineSpec, Split, TensorSignature } from "@massif/api";
import type { ColumnInfo, Profile } from "@massif/data";
import type { CalibrateTask, CalibrationPoint } from "./calibrate-protocol.ts";
import type { InputRow } from "./replica.ts";
import type { RunOutcome, TrainTask } from "./train-protocol.ts";
import type { TaskQuestion, TrialsOutcome, TrialTask } from "./trial-protocol.ts";

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

/** Reads an uploaded file and writes it after the rows of another version. */
export interface AppendTask extends Omit<ImportTask, "kind"> {
  readonly kind: "append";
  /** The Parquet file of the version before, and its columns. */
  readonly base: string;
  readonly columns: readonly ColumnInfo[];
  readonly fillMissing?: boolean;
}

/** One read-only query over Parquet files that appear as tables. */
export interface SqlTask {
  readonly kind: "sql";
  readonly sql: string;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly tables: readonly { readonly name: string; readonly path: string }[];
}

/** Reads and tries a model file that was made elsewhere (ONNX). */
export interface ForeignTask {
  readonly kind: "foreign";
  readonly source: string;
}

export type Task =
  | AppendTask
  | CalibrateTask
  | ImportTask
  | SqlTask
  | TrainTask
  | TrialTask
  | CurveTask
  | ForeignTask
  | ExportTask
  | ExplainTask;

/** What an import found, in the data package's own words; `suggestedTarget` is the column most likely to be wanted. */
export interface ImportOutcome {
  readonly rows: number;
  readonly columns: ColumnInfo[];
  readonly profile: Profile["columns"];
  readonly suggestedTarget: string | null;
  readonly warnings: string[];
  /** Of an append: how many of the rows are new. */
  readonly appendedRows?: number;
}

export interface SqlOutcome {
  readonly columns: { name: string; type: string }[];
  readonly rows: unknown[][];
  readonly truncated: boolean;
}

/** Writes one of our models as an ONNX file, or as a TypeScript module or its tests. */
export interface ExportTask {
  readonly kind: "export";
  readonly source: string;
  readonly sha256: string;
  readonly format: "onnx" | "ts" | "ts-test";
  /** Of ONNX. */
  readonly numbers: "float" | "double";
  /** Of TypeScript: what the model is called, the module's file, and a row to begin the tests with. */
  readonly named: {
    readonly title: string;
    readonly file: string;
    readonly example: Readonly<Record<string, number | string | null>>;
  };
  /** Where the file goes. */
  readonly output: string;
}

/** What an export wrote. */
export interface ExportOutcome {
  readonly bytes: number;
}

/** Says what each column adds to what one of our models predicts for some rows. */
export interface ExplainTask {
  readonly kind: "explain";
  readonly source: string;
  readonly sha256: string;
  readonly rows: readonly InputRow[];
}

/** The explanations; or what is wrong with the rows; or why this model has none. */
export type ExplainOutcome =
  | { readonly kind: "explained"; readonly explained: Omit<ExplainResponse, "model" | "target" | "requestId"> }
  | { readonly kind: "problems"; readonly problems: readonly ErrorDetail[] }
  | { readonly kind: "refused"; readonly reason: string };

/** Fits a pipeline over folds at several numbers of rows, or with several values of a parameter. */
export interface CurveTask extends Pick<TrainTask, "data" | "target" | "task" | "seed" | "weights"> {
  readonly kind: "curve";
  readonly pipeline: PipelineSpec;
  readonly split: Extract<Split, { kind: "folds" }>;
  readonly metric: string;
  readonly sizes?: readonly number[];
  readonly param?: string;
  readonly values?: readonly (number | string | boolean | null)[];
}

/** The figures by place. */
export interface CurveOutcome {
  readonly points: Curve["points"];
}

/** What a foreign model takes and gives, and what its file says about itself. */
export interface ForeignOutcome {
  readonly signature: TensorSignature;
  readonly origin: {
    readonly producer: string;
    readonly irVersion: number;
    readonly opsets: Readonly<Record<string, number>>;
    readonly nodes: number;
    readonly parameters: number;
  };
  /** What the user should know, such as an output that is left out. */
  readonly notes: string[];
}

/** What each kind of task gives. */
export interface Outcomes {
  readonly calibrate: CalibrationPoint[];
  readonly append: ImportOutcome;
  readonly import: ImportOutcome;
  readonly sql: SqlOutcome;
  readonly train: RunOutcome;
  readonly trial: TrialsOutcome;
  readonly foreign: ForeignOutcome;
  readonly export: ExportOutcome;
  readonly explain: ExplainOutcome;
  readonly curve: CurveOutcome;
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

/** The code of a problem that means the task's other processes died: like a death of its own, it may be tried again. */
export const RANKS_LOST = "RANKS_LOST";

export type ToTask =
  | { readonly type: "start"; readonly task: Task; readonly limits: TaskLimits }
  /** The answer to the question that is open; a process asks one at a time. */
  | { readonly type: "answer"; readonly answer: unknown }
  | { readonly type: "cancel" };

export type FromTask =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: TaskProgress; readonly usage: TaskUsage }
  | { readonly type: "question"; readonly question: TaskQuestion; readonly usage: TaskUsage }
  | { readonly type: "done"; readonly outcome: Outcomes[Task["kind"]]; readonly usage: TaskUsage }
  | { readonly type: "problem"; readonly problem: TaskProblem; readonly usage: TaskUsage };

/** What the guard of a task process sends to itself when memory runs over its limit; nothing else uses this signal. */
export const MEMORY_SIGNAL = "SIGUSR2";
