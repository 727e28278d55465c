// What a training is told and what it gives back; part of the task protocol.
import type { PipelineSpec, RowSignature, RunChart, Split, Task } from "@massif/api";

/** Fits one pipeline to a Parquet file and writes the model file. */
export interface TrainTask {
  readonly kind: "train";
  readonly data: string;
  readonly dataHash: string;
  /** Null for clustering. */
  readonly target: string | null;
  readonly task: Task;
  readonly pipeline: PipelineSpec;
  readonly split: Split;
  readonly seed: number;
  /** Where the model file goes. */
  readonly output: string;
}

/** Loss after one epoch, tree or iteration. */
export interface HistoryPoint {
  readonly step: number;
  readonly loss: number;
  readonly validationLoss?: number;
}

export interface RunOutcome {
  readonly metrics: Record<string, number>;
  readonly history: HistoryPoint[];
  readonly linear: { readonly intercept: number; readonly weights: { feature: string; weight: number }[] } | null;
  readonly chart: RunChart;
  readonly signature: RowSignature;
  readonly modelBytes: number;
  readonly fitSeconds: number;
  readonly predictMicros: number;
  readonly rowsTrained: number;
}
