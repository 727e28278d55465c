// Plans: how a training would be done on this machine. They rest on measurements: a short calibration, made once for
// each kind of estimator on a machine, and what earlier runs really took.
import { createHash } from "node:crypto";
import { availableParallelism, cpus, hostname } from "node:os";
import { type Candidate, hasTarget, type PipelineSpec, type Plan, type Split, type Task } from "@massif/api";
import { type ColumnInfo, tableKind } from "@massif/data";
import {
  chunkRefusal,
  createEstimator,
  keptBytes,
  passesOf,
  tableBytes,
  VERSION,
  type Work,
  workOf,
} from "@massif/learn";
import { launcherFound } from "../runtime/ranks/launcher-found.ts";
import { findDatasetVersion } from "../store/dataset-versions.ts";
import { insertMeasurements, listMeasurements } from "../store/measurements.ts";
import { findRunById, setRunPlan } from "../store/runs.ts";
import type { Row } from "../store/schema.ts";
import type { Caller } from "./caller.ts";
import { asJson, storedColumns } from "./dataset-resource.ts";
import type { Datasets } from "./datasets.ts";
import type { Means } from "./means.ts";
import { CHUNKED, choosePlan, chunkBytes, type PlanChoice, type PlanFacts, READING } from "./plan-rules.ts";
import { growthOf, type StoredPlan } from "./run-plan.ts";
import { pipelineOf, targetOf } from "./run-resource.ts";
import type { TrainingRequest } from "./runs.ts";
import { candidateTask, planTraining } from "./training-plan.ts";

/** Plans of runs, asked for or about to begin. */
export class Plans {
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  /** How a run would be trained; throws NOT_FOUND, CONFLICT, INVALID_TARGET and INVALID_PIPELINE. */
  async create(
    caller: Caller,
    request: TrainingRequest & { readonly candidate: Candidate },
    datasets: Datasets,
  ): Promise<Plan> {
    const { row } = await datasets.findReady(caller, request.dataset, request.version);
    const columns = storedColumns(row) ?? [];
    const task = request.task ?? candidateTask(request.candidate);
    const wish = { ...request, task, candidates: [request.candidate], paths: ["candidate"] };
    const { runs, ...planned } = await planTraining(columns, wish);
    const { pipeline } = runs[0];
    const subject: Subject = {
      ...planned,
      pipeline,
      split: request.split,
      target: request.target,
      weights: request.weights,
      row,
      columns,
    };
    const { choice, facts } = await this.#plan(subject, { always: true });
    const { options, chosen, warnings } = choice;
    const { cores, memoryMb, measured } = facts;
    return {
      dataset: request.dataset,
      version: row.version,
      target: request.target ?? "",
      task: planned.task,
      estimator: pipeline.estimator.type,
      rows: row.rows ?? 0,
      features: featuresOf(pipeline, columns, request.target),
      machine: { cores, taskMemoryMb: memoryMb },
      choice: options[chosen].mode,
      reason: reasonOf(choice),
      options: [...options],
      basis: basisOf(measured),
      warnings: [...planned.warnings, ...warnings],
    };
  }

  /** The plan of a run that is about to begin, made and stored when there is none; undefined when the run is over. */
  async forRun(runId: string): Promise<StoredPlan | undefined> {
    const { db } = this.#means.store;
    const run = await findRunById(db, runId);
    if (run === undefined || (run.status !== "queued" && run.status !== "running")) return undefined;
    if (run.plan !== null) return run.plan as unknown as StoredPlan;
    const row = await findDatasetVersion(db, { projectId: run.project_id, id: run.dataset_version_id });
    if (row === undefined) return undefined;
    const plan = await this.#stored(run, row);
    await setRunPlan(db, { id: runId, plan: asJson(plan) });
    return plan;
  }

  // Internal

  async #stored(run: Row<"runs">, row: Row<"dataset_versions">): Promise<StoredPlan> {
    const columns = storedColumns(row) ?? [];
    const growth = growthOf(run);
    const pipeline = pipelineOf(run);
    const { choice, facts } = await this.#plan(
      {
        task: run.task,
        pipeline,
        split: run.split as unknown as Split,
        target: targetOf(run) ?? undefined,
        weights: run.weights ?? undefined,
        row,
        columns,
        onlyRows: growth?.incremental ? (row.rows ?? 0) - growth.seenRows : undefined,
      },
      { always: false },
    );
    const { feasible: _, ...option } = choice.options[choice.chosen];
    const { work, cells } = facts;
    const isChunked = option.mode === "outofcore";
    return {
      ...option,
      reason: choice.warnings[0] ?? reasonOf(choice),
      basis: basisOf(facts.measured),
      actual: null,
      work: {
        machine: MACHINE,
        family: growth?.incremental ? `${work.family}/further` : isChunked ? work.family + CHUNKED : work.family,
        fit: work.fit,
        evaluate: work.evaluate,
        cells,
        stopsEarly: work.stopsEarly,
        bytes: isChunked ? chunkBytes({ ...facts, chunkRows: option.chunkRows ?? 0 }) : work.bytes,
      },
    };
  }

  async #plan(subject: Subject, { always }: { always: boolean }): Promise<{ choice: PlanChoice; facts: PlanFacts }> {
    const { work, ...parts } = measure(subject);
    const { cores, memoryMb } = this.#means.tasks.limits;
    const { prices, launcher } = this.#means;
    const refusal = rankRefusal(subject, await launcherFound(launcher.mpirun));
    const base = { work, ...parts, cores, memoryMb, prices, rankRefusal: refusal };
    let measured = await this.#measured(work);
    const guessed = work.fit * GUESSED_SECONDS + work.evaluate * GUESSED_SECONDS;
    const isKnown = measured.some(({ phase, family }) => phase === "fit" && family === work.family);
    // A fit of a moment is over before it is calibrated.
    if (!isKnown && hasTarget(subject.task as Task) && (always || guessed > WORTH_CALIBRATING)) {
      await this.#calibrate(subject, work).catch((error) => {
        this.#means.log.warn({ err: error }, "a calibration failed; the plan goes by guesses");
      });
      measured = await this.#measured(work);
    }
    const facts = { ...base, measured };
    return { choice: choosePlan(facts), facts };
  }

  #measured({ family }: Work): Promise<Row<"measurements">[]> {
    const families = [family, family + CHUNKED, READING];
    return listMeasurements(this.#means.store.db, { machine: MACHINE, version: VERSION, families, each: 40 });
  }

  async #calibrate({ pipeline, task, row, target, columns }: Subject, { family }: Work): Promise<void> {
    const { tasks, blobs, store } = this.#means;
    const features = Math.min(MOST_CALIBRATED, featuresOf(pipeline, columns, target));
    const { outcome } = await tasks.run(
      {
        kind: "calibrate",
        pipeline,
        task: task as "regression" | "classification",
        features: Math.max(1, features),
        classes: classesOf(task, columns, target),
        threads: tasks.limits.cores,
        data: await blobs.path(row.blob ?? ""),
      },
      { timeoutMs: CALIBRATE_MS },
    );
    await insertMeasurements(
      store.db,
      outcome.map((point, i) => ({
        ...point,
        key: `calibration:${MACHINE}:${VERSION}:${family}:${i}`,
        machine: MACHINE,
        version: VERSION,
        source: "calibration" as const,
      })),
    );
  }
}

// Internal

/** Seconds of an inner loop, roughly, of any estimator. */
const GUESSED_SECONDS = 5e-9;
/** From so many guessed seconds on a run is calibrated for before it begins. */
const WORTH_CALIBRATING = 2;
/** Columns of made-up data at most: more take long to make and say no more. */
const MOST_CALIBRATED = 200;
const CALIBRATE_MS = 30_000;
/** Columns that a date becomes. */
const DATE_PARTS = 6;

const CPU = cpus()[0]?.model ?? "";
/** Names this machine among those that share a database. */
const MACHINE = createHash("sha256")
  .update([hostname(), CPU, availableParallelism(), process.arch, process.versions.node.split(".")[0]].join("|"))
  .digest("hex")
  .slice(0, 16);

interface Subject {
  readonly task: string;
  readonly pipeline: PipelineSpec;
  readonly split: Split;
  readonly target: string | undefined;
  /** The column with the rows' weights. */
  readonly weights: string | undefined;
  readonly row: Row<"dataset_versions">;
  readonly columns: readonly ColumnInfo[];
  /** Of a retraining that goes on from a model: how many rows are newer. */
  readonly onlyRows?: number;
}

type Parts = Pick<PlanFacts, "work" | "cells" | "rows" | "rowBytes" | "passes" | "keptBytes" | "chunkRefusal">;

function measure({ task, pipeline, split, target, weights, row, columns, onlyRows }: Subject): Parts {
  const column = columns.find(({ name }) => name === target);
  const rows = onlyRows ?? (column === undefined ? (row.rows ?? 0) : column.count);
  const share = split.kind === "holdout" ? split.testFraction : 0;
  const testRows = split.kind === "holdout" ? Math.round(rows * share) : rows;
  const read = (pipeline.features?.length ?? columns.length) + (target === undefined ? 0 : 1);
  const shape = {
    rows: rows - (split.kind === "holdout" ? testRows : 0),
    testRows,
    columns: read,
    features: featuresOf(pipeline, columns, target),
    classes: classesOf(task, columns, target),
  };
  const work = workOf(pipeline, shape);
  const folds = split.kind === "folds" ? split.folds * (split.repeats ?? 1) : 1;
  return {
    work: { ...work, fit: work.fit * folds },
    cells: rows * read,
    rows,
    rowBytes: tableBytes(pipeline, { ...shape, rows: 1, testRows: 0 }) + ROW_OVERHEAD,
    passes: passesOf(pipeline),
    keptBytes: keptBytes(pipeline, shape),
    chunkRefusal: allAtOnce({ split, task, weights }) ?? chunkRefusal(pipeline),
  };
}

/** Why the rows cannot be read in chunks, whatever the pipeline; undefined when they can. */
function allAtOnce({ split, task, weights }: Pick<Subject, "split" | "task" | "weights">): string | undefined {
  if (split.kind === "folds" || !hasTarget(task as Task))
    return "cross-validation and what learns without a target take all rows at once";
  return weights === undefined ? undefined : "weighing rows takes all of them at once";
}

/** Kernel memory and indices of a row in a chunk. */
const ROW_OVERHEAD = 32;

function classesOf(task: string, columns: readonly ColumnInfo[], target: string | undefined): number {
  return task === "classification" ? (columns.find(({ name }) => name === target)?.distinct ?? 2) : 0;
}

/** Columns after the steps: each category of a one-hot encoded column is one. */
function featuresOf(
  { features, steps }: PipelineSpec,
  columns: readonly ColumnInfo[],
  target: string | undefined,
): number {
  const used = columns.filter(({ name }) => name !== target && (features === undefined || features.includes(name)));
  const has = (type: string) => steps.some((step) => step.type === type);
  const widths = used.map((column) => {
    const kind = tableKind(column);
    if (kind === "category") return has("OneHotEncoder") ? column.distinct : 1;
    return kind === "date" && has("DateParts") ? DATE_PARTS : 1;
  });
  return widths.reduce((sum, width) => sum + width, 0);
}

/** Why a training on ranks is out of the question here. */
function rankRefusal({ pipeline, weights }: Subject, hasLauncher: boolean): string | undefined {
  const { type, params } = pipeline.estimator;
  if (weights !== undefined) return "ranks cannot weigh rows";
  if ((params?.classWeight ?? null) !== null) return "ranks cannot weigh classes";
  if (createEstimator(type).spec.onRanks !== true) return `${type} does not train on several processes`;
  return hasLauncher
    ? undefined
    : "no `mpirun` is installed: `apt-get install openmpi-bin libopenmpi3`, `dnf install openmpi` or `brew install open-mpi`";
}

function reasonOf({ options, chosen }: PlanChoice): string {
  const { mode, reason, seconds } = options[chosen];
  const [single] = options;
  if (mode === "outofcore") return `${single.reason}, so it ${reason}`;
  if (mode !== "threads") return `${reason}, and more threads would save little`;
  const gain = (single.seconds?.expected ?? 1) / (seconds?.expected ?? 1);
  return `${reason}, and threads make it about ${gain.toFixed(1)} times as fast`;
}

function basisOf(measured: readonly { phase: string; source: string }[]): { calibrations: number; runs: number } {
  const count = (source: string) => measured.filter((one) => one.source === source && one.phase === "fit").length;
  return { calibrations: count("calibration"), runs: count("run") };
}
