// What a calibration is told and what it gives back; part of the task protocol.
import type { PipelineSpec } from "@massif/api";

/** Measures how fast this machine fits one kind of pipeline, on made-up numbers of the data's shape. */
export interface CalibrateTask {
  readonly kind: "calibrate";
  readonly pipeline: PipelineSpec;
  readonly task: "regression" | "classification";
  readonly features: number;
  readonly classes: number;
  /** Threads to measure with besides one. */
  readonly threads: number;
  /** The version to measure reading with, and how many of its rows at most. */
  readonly data: string;
}

/** One measurement; `units` count the work as the plan does. */
export interface CalibrationPoint {
  readonly phase: "read" | "fit" | "evaluate" | "memory";
  readonly family: string;
  readonly threads: number;
  readonly units: number;
  /** Seconds, or bytes for memory. */
  readonly value: number;
}
