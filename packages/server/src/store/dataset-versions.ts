// The table `dataset_versions`: one import each, from "importing" to "ready" or "failed".
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json } from "./json.ts";
import type { FailureJson, JsonObject, JsonValue, Row } from "./schema.ts";

/** What a finished import found. */
export interface ImportedVersion {
  id: string;
  /** SHA-256 of the Parquet file in the blob store. */
  blob: string;
  bytes: number;
  rows: number;
  columns: JsonValue;
  profile: JsonValue;
  /** Of an appended version: how many of the rows are new. */
  appendedRows?: number;
}

/** Adds the next version of a dataset, importing; numbers count from 1 without gaps, however many ask at once. */
export function insertDatasetVersion(
  db: Executor,
  { datasetId, source, appendedFrom }: { datasetId: string; source: JsonObject; appendedFrom?: number },
): Promise<Row<"dataset_versions">> {
  return db
    .with("next", (cte) =>
      cte
        .updateTable("datasets")
        .set((eb) => ({ last_version: eb("last_version", "+", 1) }))
        .where("id", "=", datasetId)
        .returning("last_version"),
    )
    .insertInto("dataset_versions")
    .values((eb) => ({
      id: newId("dsv"),
      dataset_id: datasetId,
      version: eb.selectFrom("next").select("last_version"),
      status: "importing",
      source: json(source),
      appended_from: appendedFrom ?? null,
    }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Marks a version ready; false when it was not importing any more (finished or failed before). */
export async function finishDatasetVersion(db: Executor, found: ImportedVersion & { at: Date }): Promise<boolean> {
  const result = await db
    .updateTable("dataset_versions")
    .set({
      status: "ready",
      blob: found.blob,
      bytes: found.bytes,
      rows: found.rows,
      columns: json(found.columns),
      profile: json(found.profile),
      appended_rows: found.appendedRows ?? null,
      finished_at: found.at,
    })
    .where("id", "=", found.id)
    .where("status", "=", "importing")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Marks a version failed with the reason; false when it was not importing any more. */
export async function failDatasetVersion(
  db: Executor,
  { id, error, at }: { id: string; error: FailureJson; at: Date },
): Promise<boolean> {
  const result = await db
    .updateTable("dataset_versions")
    .set({ status: "failed", error: json(error), finished_at: at })
    .where("id", "=", id)
    .where("status", "=", "importing")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** One version by its id, if it belongs to the project. */
export function findDatasetVersion(
  db: Executor,
  { projectId, id }: { projectId: string; id: string },
): Promise<Row<"dataset_versions"> | undefined> {
  return db
    .selectFrom("dataset_versions")
    .innerJoin("datasets", "datasets.id", "dataset_versions.dataset_id")
    .selectAll("dataset_versions")
    .where("dataset_versions.id", "=", id)
    .where("datasets.project_id", "=", projectId)
    .executeTakeFirst();
}

/** One version by its id, for jobs, which act on behalf of any project. */
export function findDatasetVersionById(db: Executor, id: string): Promise<Row<"dataset_versions"> | undefined> {
  return db.selectFrom("dataset_versions").selectAll().where("id", "=", id).executeTakeFirst();
}

/** One version of a dataset by number. */
export function findDatasetVersionByNumber(
  db: Executor,
  { datasetId, version }: { datasetId: string; version: number },
): Promise<Row<"dataset_versions"> | undefined> {
  return db
    .selectFrom("dataset_versions")
    .selectAll()
    .where("dataset_id", "=", datasetId)
    .where("version", "=", version)
    .executeTakeFirst();
}

/** The newest version of a dataset, or the newest with this status. */
export function latestDatasetVersion(
  db: Executor,
  { datasetId, status }: { datasetId: string; status?: Row<"dataset_versions">["status"] },
): Promise<Row<"dataset_versions"> | undefined> {
  return db
    .selectFrom("dataset_versions")
    .selectAll()
    .where("dataset_id", "=", datasetId)
    .$if(status !== undefined, (query) => query.where("status", "=", status!))
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** What people call versions: the data set's name and the number, by the version's id. */
export async function nameDatasetVersions(
  db: Executor,
  ids: readonly string[],
): Promise<Map<string, { dataset: string; version: number }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("dataset_versions")
    .innerJoin("datasets", "datasets.id", "dataset_versions.dataset_id")
    .select(["dataset_versions.id", "datasets.name", "dataset_versions.version"])
    .where("dataset_versions.id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ id, name, version }) => [id, { dataset: name, version }]));
}
