// What a trial process is told and what it asks; part of the task protocol. One process does many trials of one study,
// one after the other, so that starting it and reading the data are paid once.
import type { Evaluation, PipelineSpec, StudySplit } from "@massif/api";
import type { TaskProblem } from "./task-protocol.ts";

/** Does trials of one study until there is none left. */
export interface TrialTask {
  readonly kind: "trial";
  readonly data: string;
  readonly target: string;
  readonly task: "regression" | "classification";
  /** The columns that are read; absent: all. */
  readonly features: readonly string[] | undefined;
  /** The rows it holds out are left out altogether. */
  readonly split: StudySplit;
  readonly evaluation: Evaluation;
  readonly metric: string;
  /** The column with the rows' weights; absent: all rows count alike. */
  readonly weights?: string;
  /** Of both splits and of every fit: trials differ by their parameters alone. */
  readonly seed: number;
}

/** A trial to do. */
export interface TrialOrder {
  readonly number: number;
  /** Tells this attempt from earlier ones, whose late words must change nothing. */
  readonly attempt: number;
  readonly pipeline: PipelineSpec;
}

/** How an attempt ended: with figures, or with why there are none. One that was pruned is told by nobody. */
export interface TrialEnd {
  readonly number: number;
  readonly attempt: number;
  readonly seconds: number;
  readonly outcome: { readonly metrics: Readonly<Record<string, number>> } | { readonly problem: TaskProblem };
}

/** An intermediate value. */
export interface TrialReport {
  readonly number: number;
  readonly attempt: number;
  readonly step: number;
  readonly total: number;
  readonly unit: string;
  /** Comparable with the same step of other trials, better in the metric's direction. */
  readonly value: number;
}

/** What a task process may ask; each kind has one answer. */
export type TaskQuestion =
  | { readonly kind: "next"; readonly ended: TrialEnd | null }
  | { readonly kind: "report"; readonly report: TrialReport };

export interface TaskAnswers {
  /** Null: there is nothing to do, the process ends. */
  readonly next: TrialOrder | null;
  readonly report: "continue" | "stop";
}

/** What a process did. */
export interface TrialsOutcome {
  readonly trials: number;
}
