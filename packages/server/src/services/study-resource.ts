// Studies and trials as the API shows them, from their rows.
import type { Evaluation, PipelineSpec, Study, StudySplit, Trial, TrialReports } from "@massif/api";
import type { StudySpec } from "@massif/tune";
import type { Executor } from "../store/database.ts";
import { nameDatasetVersions } from "../store/dataset-versions.ts";
import type { Row } from "../store/schema.ts";
import { bestTrial, countTrials, type ReportRow } from "../store/trials.ts";

/** Studies with their counts and best trials. */
export async function studyResources(db: Executor, rows: readonly Row<"studies">[]): Promise<Study[]> {
  const names = await nameDatasetVersions(
    db,
    rows.map((row) => row.dataset_version_id),
  );
  const counted = await countTrials(
    db,
    rows.map(({ id }) => id),
  );
  const studies: Study[] = [];
  for (const row of rows) {
    const { dataset = "", version = 0 } = names.get(row.dataset_version_id) ?? {};
    const best = await bestTrial(db, { studyId: row.id, better: betterOf(row) });
    const own = counted.filter(({ study_id }) => study_id === row.id);
    const counts = { ...NO_TRIALS, ...Object.fromEntries(own.map(({ state, count }) => [state, count])) };
    const steps = own.reduce((sum, one) => sum + one.steps, 0);
    studies.push({
      ...plain(row),
      dataset,
      version,
      counts,
      steps,
      best: best === undefined ? null : trialResource(best),
    });
  }
  return studies;
}

/** One trial. */
export function trialResource(row: Row<"trials">): Trial {
  return {
    number: row.number,
    params: row.params as Trial["params"],
    state: row.state,
    value: row.value,
    metrics: row.metrics as Trial["metrics"],
    step: row.step,
    total: row.total,
    unit: row.unit,
    reason: row.reason,
    attempts: row.attempts,
    seconds: row.seconds,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** One trial with what it reported. */
export function trialReportsResource(row: Row<"trials">, reports: readonly ReportRow[] = []): TrialReports {
  return { ...trialResource(row), reports: [...reports] };
}

/** What the tuner was told of a study. */
export function specOf(row: Row<"studies">): Required<StudySpec> {
  return row.spec as unknown as Required<StudySpec>;
}

// Internal

const NO_TRIALS = { waiting: 0, running: 0, complete: 0, pruned: 0, failed: 0 };

function betterOf(row: Row<"studies">): "higher" | "lower" {
  return specOf(row).direction === "maximize" ? "higher" : "lower";
}

function plain(row: Row<"studies">): Omit<Study, "dataset" | "version" | "counts" | "steps" | "best"> {
  const { space, sampler, pruner, seed } = specOf(row);
  return {
    name: row.name,
    target: row.target,
    task: row.task as Study["task"],
    label: row.label,
    pipeline: row.pipeline as unknown as PipelineSpec,
    space: space as unknown as Study["space"],
    sampler: sampler as Study["sampler"],
    pruner: pruner as Study["pruner"],
    metric: row.metric,
    better: betterOf(row),
    split: row.split as unknown as StudySplit,
    evaluation: row.evaluation as unknown as Evaluation,
    seed,
    weights: row.weights,
    trials: row.trials,
    parallel: row.parallel,
    timeoutSeconds: row.timeout_seconds,
    status: row.status,
    run: row.run_id,
    error: row.error === null ? null : { code: row.error.code, message: row.error.message },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at.toISOString(),
    deadline: row.deadline?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
