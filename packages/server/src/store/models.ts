// The table `models`: names in the registry; what they hold are the versions.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { PAGE_START, type Page, pageLimit } from "./page.ts";
import type { Row } from "./schema.ts";

/** The model of this name, made when there is none; safe when several ask at once. */
export async function ensureModel(db: Executor, model: { projectId: string; name: string }): Promise<Row<"models">> {
  await db
    .insertInto("models")
    .values({ id: newId("mdl"), project_id: model.projectId, name: model.name })
    .onConflict((on) => on.constraint("models_name_unique").doNothing())
    .execute();
  return db
    .selectFrom("models")
    .selectAll()
    .where("project_id", "=", model.projectId)
    .where("name", "=", model.name)
    .executeTakeFirstOrThrow();
}

/** One model of a project by its id or its name. */
export function findModel(
  db: Executor,
  { projectId, ref }: { projectId: string; ref: string },
): Promise<Row<"models"> | undefined> {
  return db
    .selectFrom("models")
    .selectAll()
    .where("project_id", "=", projectId)
    .where((eb) => eb.or([eb("id", "=", ref), eb("name", "=", ref)]))
    .orderBy((eb) => eb.case().when("id", "=", ref).then(0).else(1).end())
    .executeTakeFirst();
}

/** The models of a project, newest first. */
export function listModels(
  db: Executor,
  { projectId, ...page }: { projectId: string } & Page,
): Promise<Row<"models">[]> {
  return db
    .selectFrom("models")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("id", "<", page.before ?? PAGE_START)
    .orderBy("id", "desc")
    .limit(pageLimit(page))
    .execute();
}

/** One model by its id, for jobs, which act on behalf of any project. */
export function findModelById(db: Executor, id: string): Promise<Row<"models"> | undefined> {
  return db.selectFrom("models").selectAll().where("id", "=", id).executeTakeFirst();
}
