// What a training is told and what it gives back; part of the task protocol.
import type { PipelineSpec, RowSignature, RunChart, Split, Task } from "@massif/api";

import type { CheckpointPlace } from "./file-checkpoint.ts";
import type { RankFigures, RankPlan } from "./ranks/rank-protocol.ts";

/** Fits one pipeline to a Parquet file and writes the model file. */
export interface TrainTask {
  readonly kind: "train";
  readonly data: string;
  readonly dataHash: string;
  /** Null for clustering and outliers. */
  readonly target: string | null;
  readonly task: Task;
  readonly pipeline: PipelineSpec;
  readonly split: Split;
  readonly seed: number;
  /** The column with the rows' weights; absent: all rows count alike. */
  readonly weights?: string;
  /** Rows of a chunk when the rows are to be read in chunks; absent: all rows at once. */
  readonly chunkRows?: number;
  /** Of a retraining. */
  readonly growth?: TrainGrowth;
  /** How to spread it over processes; absent: this one alone. */
  readonly ranks?: RankPlan;
  /** Where it leaves what another attempt goes on from; absent: nowhere. */
  readonly checkpoint?: CheckpointPlace;
  /** Where the model file goes. */
  readonly output: string;
}

/** A model that a new one is to be measured against, on rows that neither has learned from. */
export interface TrainGrowth {
  /** The file of the model in use. */
  readonly current: string;
  /** Rows of the version that it may have learned from: all before this number. */
  readonly seenRows: number;
  /** Goes on from it with the newer rows alone; otherwise starts over with all rows. */
  readonly incremental: boolean;
}

/** How long the parts of a training took, and how many of its steps it made: what later plans reckon with. */
export interface TrainPhases {
  /** From the start of the process until the rows were there. */
  readonly readSeconds: number;
  readonly evaluateSeconds: number;
  readonly testRows: number;
  readonly threads: number;
  readonly steps: number;
  readonly totalSteps: number;
}

/** What a retraining found of the model in use on the rows held out. */
export interface GrowthOutcome {
  readonly currentMetrics: Record<string, number>;
  readonly newRows: number;
  readonly testRows: number;
  readonly incremental: boolean;
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
  readonly phases?: TrainPhases;
  readonly growth?: GrowthOutcome;
  readonly ranks?: RankFigures;
}
