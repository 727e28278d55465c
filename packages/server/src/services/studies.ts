// Studies of a project: what a request to tune becomes, and what people do with it. One transaction writes a study and
// the jobs of its lanes, so that there is never one without the others.
import { ApiError, type ResumeRequest, type Study, type StudyRequest, type TrialReports } from "@massif/api";
import type { Transaction } from "kysely";
import { jobId, jobUuid } from "../queue/job-id.ts";
import { insertAudit } from "../store/audit.ts";
import { findDataset } from "../store/datasets.ts";
import { StoreConflict } from "../store/errors.ts";
import type { JsonObject, Row, Schema, StudyStatus } from "../store/schema.ts";
import {
  changeStudy,
  findStudy,
  insertStudy,
  listStudies,
  lockStudy,
  type NewStudy,
  studyNames,
} from "../store/studies.ts";
import { listReports, listTrials, putBackTrials } from "../store/trials.ts";
import type { Caller } from "./caller.ts";
import { asJson, storedColumns } from "./dataset-resource.ts";
import type { Datasets } from "./datasets.ts";
import { enqueueLane, type LaneRef, laneKey } from "./lane-ref.ts";
import type { Means } from "./means.ts";
import { planStudy } from "./study-plan.ts";
import { studyResources, trialReportsResource } from "./study-resource.ts";

/** Which studies to list. */
export interface StudyFilter {
  readonly dataset?: string;
  readonly status?: StudyStatus;
  readonly limit: number;
}

type Tx = Transaction<Schema>;
type StudyMeans = Pick<Means, "store" | "queue" | "bell" | "clock">;

/** Studies of a project. */
export class Studies {
  readonly #means: StudyMeans;
  readonly #datasets: Datasets;
  readonly #cores: number;

  constructor(means: StudyMeans, datasets: Datasets, cores: number) {
    this.#means = means;
    this.#datasets = datasets;
    this.#cores = cores;
  }

  /** Starts a study; throws NOT_FOUND, CONFLICT, INVALID_TARGET, INVALID_PIPELINE, INVALID_SPACE, INVALID_REQUEST. */
  async create(caller: Caller, request: StudyRequest): Promise<Study> {
    const { row: version } = await this.#datasets.findReady(caller, request.dataset, request.version);
    const plan = await planStudy(storedColumns(version) ?? [], request);
    const at = new Date(this.#means.clock());
    const { timeoutSeconds = null, trials, target } = request;
    const parallel = Math.min(request.parallel ?? this.#cores, trials);
    const study: Omit<NewStudy, "name"> = {
      projectId: caller.projectId,
      keyId: caller.keyId,
      datasetVersionId: version.id,
      target,
      task: plan.task,
      label: plan.label,
      pipeline: asJson(plan.pipeline),
      spec: asJson(plan.spec) as JsonObject,
      start: plan.start === null ? null : { ...plan.start },
      metric: plan.metric,
      split: asJson(request.split),
      evaluation: asJson(request.evaluation),
      weights: request.weights,
      trials,
      parallel,
      timeoutSeconds,
      lanes: new Array<number>(parallel).fill(1),
      at,
      deadline: deadlineOf(at, timeoutSeconds),
    };
    return this.#resource(await this.#insert(caller, study, request));
  }

  /** One study; throws NOT_FOUND. */
  async get(caller: Pick<Caller, "projectId">, name: string): Promise<Study> {
    return this.#resource(await this.find(caller, name));
  }

  /** The row behind `get`. */
  async find({ projectId }: Pick<Caller, "projectId">, name: string): Promise<Row<"studies">> {
    const row = await findStudy(this.#means.store.db, { projectId, name });
    if (row === undefined) throw new ApiError("NOT_FOUND", `there is no study "${name}"`);
    return row;
  }

  /** Studies, newest first. */
  async list({ projectId }: Caller, { dataset, status, limit }: StudyFilter): Promise<Study[]> {
    const { db } = this.#means.store;
    const found = dataset === undefined ? undefined : await findDataset(db, { projectId, ref: dataset });
    if (dataset !== undefined && found === undefined) return [];
    return studyResources(db, await listStudies(db, { projectId, datasetId: found?.id, status, limit }));
  }

  /** Trials by number, with what they reported. */
  async trials(
    caller: Caller,
    name: string,
    { from, limit }: { from: number; limit: number },
  ): Promise<TrialReports[]> {
    const { db } = this.#means.store;
    const { id: studyId } = await this.find(caller, name);
    const rows = await listTrials(db, { studyId, from, limit });
    const reports = await listReports(db, { studyId, from });
    return rows.map((row) => trialReportsResource(row, reports.get(row.number)));
  }

  /** Stops a study, whose open trials wait for a resumption; throws CONFLICT when it is not running. */
  async stop(caller: Caller, name: string): Promise<Study> {
    const { id } = await this.find(caller, name);
    const at = new Date(this.#means.clock());
    const row = await this.#change(caller, { id, action: "studies.stop" }, async (tx, study) => {
      if (study.status !== "running")
        throw new ApiError("CONFLICT", `the study ${name} is not running: it is ${study.status}`);
      await putBackTrials(tx, { studyId: id, revision: study.revision + 1 });
      for (const ref of lanesOf(study)) {
        await this.#means.queue.cancel(jobId("trial", jobUuid("trial", laneKey(ref))), { transaction: tx });
      }
      return changeStudy(tx, study, { status: "stopped", finishedAt: at });
    });
    return this.#resource(row);
  }

  /** Goes on with a study that is not running; throws CONFLICT when it is, or when it has nothing left to do. */
  async resume(caller: Caller, name: string, request: ResumeRequest): Promise<Study> {
    const { id } = await this.find(caller, name);
    const row = await this.#change(caller, { id, action: "studies.resume" }, (tx, study) =>
      this.#resume(tx, study, request),
    );
    return this.#resource(row);
  }

  // Internal

  async #resume(tx: Tx, study: Row<"studies">, request: ResumeRequest): Promise<Row<"studies">> {
    const { id, name } = study;
    if (study.status === "running") throw new ApiError("CONFLICT", `the study ${name} is running already`);
    const { trials = study.trials, timeoutSeconds = study.timeout_seconds, parallel = study.parallel } = request;
    const rows = await listTrials(tx, { studyId: id });
    const waiting = rows.filter(({ state }) => state === "waiting").length;
    if (trials < rows.length || (waiting === 0 && trials === rows.length)) {
      const problem = `the study ${name} has begun all ${rows.length} of its trials; give more than that as \`trials\``;
      throw new ApiError("CONFLICT", problem, { details: [{ field: "trials", value: trials, problem }] });
    }
    const at = new Date(this.#means.clock());
    // A job of an earlier turn that is still at work finds out with its next word that it is late.
    const turn = Math.max(...study.lanes) + 1;
    const changed = await changeStudy(tx, study, {
      status: "running",
      trials,
      parallel,
      timeoutSeconds,
      lanes: new Array<number>(parallel).fill(turn),
      startedAt: at,
      deadline: deadlineOf(at, timeoutSeconds),
      error: null,
      finishedAt: null,
    });
    for (const ref of lanesOf(changed)) await enqueueLane(this.#means, tx, ref);
    return changed;
  }

  async #insert(caller: Caller, study: Omit<NewStudy, "name">, request: StudyRequest): Promise<Row<"studies">> {
    for (;;) {
      const name = request.name ?? (await this.#freeName(caller, request.dataset));
      try {
        return await this.#means.store.transaction(async (tx) => {
          const row = await insertStudy(tx, { ...study, name });
          for (const ref of lanesOf(row)) await enqueueLane(this.#means, tx, ref);
          const detail = { dataset: request.dataset, label: study.label, trials: study.trials };
          await this.#audit(tx, caller, { action: "studies.create", resource: row.id, detail });
          return row;
        });
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        // Somebody else took the free name: there is another.
        if (request.name === undefined) continue;
        const problem = `there is a study "${name}" already; go on with it by \`massif studies resume ${name}\`, or choose another name`;
        throw new ApiError("CONFLICT", problem, { details: [{ field: "name", value: name, problem }], cause: error });
      }
    }
  }

  async #freeName({ projectId }: Caller, dataset: string): Promise<string> {
    // Names are 63 characters at most.
    const prefix = `${dataset.slice(0, 56)}-`;
    const taken = await studyNames(this.#means.store.db, { projectId, prefix });
    let number = 1;
    while (taken.has(`${prefix}${number}`)) number++;
    return `${prefix}${number}`;
  }

  async #change(
    caller: Caller,
    { id, action }: { id: string; action: string },
    work: (tx: Tx, study: Row<"studies">) => Promise<Row<"studies">>,
  ): Promise<Row<"studies">> {
    const row = await this.#means.store.transaction(async (tx) => {
      const study = (await lockStudy(tx, id)) as Row<"studies">;
      await this.#audit(tx, caller, { action, resource: id, detail: { name: study.name } });
      return work(tx, study);
    });
    this.#means.bell.ring(id);
    return row;
  }

  #audit(
    tx: Tx,
    { projectId, keyId, requestId }: Caller,
    change: { action: string; resource: string; detail: JsonObject },
  ): Promise<void> {
    return insertAudit(tx, { projectId, keyId, requestId, ...change });
  }

  async #resource(row: Row<"studies">): Promise<Study> {
    const [study] = await studyResources(this.#means.store.db, [row]);
    return study;
  }
}

// Internal

function lanesOf({ id, lanes }: Row<"studies">): LaneRef[] {
  return lanes.map((turn, lane) => ({ studyId: id, lane, turn }));
}

function deadlineOf(at: Date, timeoutSeconds: number | null): Date | null {
  return timeoutSeconds === null ? null : new Date(at.getTime() + timeoutSeconds * 1000);
}
