// The table `datasets`: names for data; the data itself are the versions.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { PAGE_START, type Page, pageLimit } from "./page.ts";
import type { Row } from "./schema.ts";

/** Adds a dataset; throws StoreConflict when the project has one of this name. */
export function insertDataset(
  db: Executor,
  { projectId, name }: { projectId: string; name: string },
): Promise<Row<"datasets">> {
  const row = { id: newId("ds"), project_id: projectId, name };
  return db.insertInto("datasets").values(row).returningAll().executeTakeFirstOrThrow();
}

/** The dataset of this name, made when there is none. */
export async function ensureDataset(
  db: Executor,
  dataset: { projectId: string; name: string },
): Promise<Row<"datasets">> {
  await db
    .insertInto("datasets")
    .values({ id: newId("ds"), project_id: dataset.projectId, name: dataset.name })
    .onConflict((on) => on.constraint("datasets_name_unique").doNothing())
    .execute();
  const row = await findDataset(db, { projectId: dataset.projectId, ref: dataset.name });
  if (row === undefined) throw new Error(`dataset ${dataset.name} vanished while it was made`);
  return row;
}

/** One dataset of a project by its id or its name. */
export function findDataset(
  db: Executor,
  { projectId, ref }: { projectId: string; ref: string },
): Promise<Row<"datasets"> | undefined> {
  return db
    .selectFrom("datasets")
    .selectAll()
    .where("project_id", "=", projectId)
    .where((eb) => eb.or([eb("id", "=", ref), eb("name", "=", ref)]))
    .orderBy((eb) => eb.case().when("id", "=", ref).then(0).else(1).end())
    .executeTakeFirst();
}

/** The datasets of a project, newest first. */
export function listDatasets(
  db: Executor,
  { projectId, ...page }: { projectId: string } & Page,
): Promise<Row<"datasets">[]> {
  return db
    .selectFrom("datasets")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("id", "<", page.before ?? PAGE_START)
    .orderBy("id", "desc")
    .limit(pageLimit(page))
    .execute();
}

/** Waits until no other transaction adds a version, and lets none do so until this one ends. */
export async function lockDataset(db: Executor, id: string): Promise<void> {
  await db.selectFrom("datasets").select("id").where("id", "=", id).forUpdate().execute();
}

/** One dataset by its id, for jobs, which act on behalf of any project. */
export function findDatasetById(db: Executor, id: string): Promise<Row<"datasets"> | undefined> {
  return db.selectFrom("datasets").selectAll().where("id", "=", id).executeTakeFirst();
}
