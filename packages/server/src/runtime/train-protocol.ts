// What a training is told and what it gives back; part of the task protocol.
import type { PipelineSpec, RowSignature, Split } from "@massif/api";

/** Fits one pipeline to a Parquet file and writes the model file. */
export interface TrainTask {
  readonly kind: "train";
  readonly data: string;
  readonly dataHash: string;
  readonly target: string;
  readonly task: "regression" | "classification";
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

/** Held-out rows for pictures: at most a few hundred numbers, or the whole confusion matrix. */
export type ChartSample =
  | { readonly kind: "regression"; readonly actual: number[]; readonly predicted: number[] }
  | {
      readonly kind: "classification";
      readonly classes: string[];
      /** Rows are what was, columns what was predicted. */
      readonly confusion: number[][];
    };

export interface RunOutcome {
  readonly metrics: Record<string, number>;
  readonly history: HistoryPoint[];
  readonly linear: { readonly intercept: number; readonly weights: { feature: string; weight: number }[] } | null;
  readonly chart: ChartSample;
  readonly signature: RowSignature;
  readonly modelBytes: number;
  readonly fitSeconds: number;
  readonly predictMicros: number;
  readonly rowsTrained: number;
}
