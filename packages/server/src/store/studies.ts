// The table `studies`: one search for the best parameters each. Whoever changes a study or a trial of it locks the
// study's row first and raises its revision, so that several processes can ask and tell the same study.
import type { Transaction } from "kysely";
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json, jsonOrNull } from "./json.ts";
import { PAGE_START, type Page, pageLimit } from "./page.ts";
import type { FailureJson, JsonObject, JsonValue, Row, Schema, StudyStatus } from "./schema.ts";

/** What is asked of a study. */
export interface NewStudy {
  projectId: string;
  keyId: string | null;
  name: string;
  datasetVersionId: string;
  target: string;
  task: string;
  label: string;
  pipeline: JsonValue;
  spec: JsonObject;
  /** Parameters of the first trial; those it leaves out are sampled. */
  start: JsonObject | null;
  metric: string;
  split: JsonValue;
  evaluation: JsonValue;
  /** The column with the rows' weights. */
  weights?: string | null;
  trials: number;
  parallel: number;
  timeoutSeconds: number | null;
  lanes: number[];
  at: Date;
  deadline: Date | null;
}

/** What of a study may change. */
export interface StudyChange {
  status?: StudyStatus;
  trials?: number;
  parallel?: number;
  timeoutSeconds?: number | null;
  lanes?: number[];
  error?: FailureJson | null;
  runId?: string | null;
  /** The trial that `runId` refits. */
  refitted?: number | null;
  startedAt?: Date;
  deadline?: Date | null;
  finishedAt?: Date | null;
}

/** Adds a running study; throws StoreConflict when the project has one of this name. */
export function insertStudy(db: Executor, study: NewStudy): Promise<Row<"studies">> {
  const row = {
    id: newId("std"),
    project_id: study.projectId,
    key_id: study.keyId,
    name: study.name,
    dataset_version_id: study.datasetVersionId,
    target: study.target,
    task: study.task,
    label: study.label,
    pipeline: json(study.pipeline),
    spec: json(study.spec),
    start: jsonOrNull(study.start),
    metric: study.metric,
    split: json(study.split),
    evaluation: json(study.evaluation),
    weights: study.weights ?? null,
    trials: study.trials,
    parallel: study.parallel,
    timeout_seconds: study.timeoutSeconds,
    status: "running" as const,
    lanes: json(study.lanes),
    started_at: study.at,
    deadline: study.deadline,
  };
  return db.insertInto("studies").values(row).returningAll().executeTakeFirstOrThrow();
}

/** The study, locked until the transaction ends; undefined when there is none. */
export function lockStudy(tx: Transaction<Schema>, id: string): Promise<Row<"studies"> | undefined> {
  return tx.selectFrom("studies").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

/** Writes a change of a locked study under the next revision, and gives the row as it is then. */
export function changeStudy(
  tx: Transaction<Schema>,
  { id, revision }: Pick<Row<"studies">, "id" | "revision">,
  change: StudyChange = {},
): Promise<Row<"studies">> {
  const { lanes, error, ...plain } = change;
  const set = {
    revision: revision + 1,
    status: plain.status,
    trials: plain.trials,
    parallel: plain.parallel,
    timeout_seconds: plain.timeoutSeconds,
    run_id: plain.runId,
    refitted: plain.refitted,
    started_at: plain.startedAt,
    deadline: plain.deadline,
    finished_at: plain.finishedAt,
    lanes: lanes === undefined ? undefined : json(lanes),
    error: error === undefined ? undefined : jsonOrNull(error),
  };
  return tx.updateTable("studies").set(set).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
}

/** One study of a project by name. */
export function findStudy(
  db: Executor,
  { projectId, name }: { projectId: string; name: string },
): Promise<Row<"studies"> | undefined> {
  return db
    .selectFrom("studies")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .executeTakeFirst();
}

/** The studies of a project, newest first; narrowed to a dataset or a status when given. */
export function listStudies(
  db: Executor,
  { projectId, datasetId, status, ...page }: { projectId: string; datasetId?: string; status?: StudyStatus } & Page,
): Promise<Row<"studies">[]> {
  return db
    .selectFrom("studies")
    .selectAll()
    .where("project_id", "=", projectId)
    .$if(datasetId !== undefined, (query) =>
      query.where("dataset_version_id", "in", (eb) =>
        eb.selectFrom("dataset_versions").select("dataset_versions.id").where("dataset_id", "=", datasetId!),
      ),
    )
    .$if(status !== undefined, (query) => query.where("status", "=", status!))
    .where("id", "<", page.before ?? PAGE_START)
    .orderBy("id", "desc")
    .limit(pageLimit(page))
    .execute();
}

/** The names of a project's studies that begin so. */
export async function studyNames(
  db: Executor,
  { projectId, prefix }: { projectId: string; prefix: string },
): Promise<Set<string>> {
  const rows = await db
    .selectFrom("studies")
    .select("name")
    .where("project_id", "=", projectId)
    .where("name", "like", `${prefix.replace(/[_%\\]/g, "\\$&")}%`)
    .execute();
  return new Set(rows.map(({ name }) => name));
}
