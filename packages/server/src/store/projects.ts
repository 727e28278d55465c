// The table `projects`: what keys, data and models belong to.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import type { Row } from "./schema.ts";

/** Adds a project; throws StoreConflict when the name is taken. */
export function insertProject(db: Executor, { name }: { name: string }): Promise<Row<"projects">> {
  const row = { id: newId("prj"), name };
  return db.insertInto("projects").values(row).returningAll().executeTakeFirstOrThrow();
}

/** The project of this name, made when there is none; safe when several processes ask at once. */
export async function ensureProject(db: Executor, { name }: { name: string }): Promise<Row<"projects">> {
  const row = { id: newId("prj"), name };
  await db
    .insertInto("projects")
    .values(row)
    .onConflict((on) => on.column("name").doNothing())
    .execute();
  return db.selectFrom("projects").selectAll().where("name", "=", name).executeTakeFirstOrThrow();
}

/** One project by id. */
export function findProject(db: Executor, id: string): Promise<Row<"projects"> | undefined> {
  return db.selectFrom("projects").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Sets what a project may spend in a month; null is no limit. */
export async function setProjectBudget(
  db: Executor,
  { id, monthly }: { id: string; monthly: number | null },
): Promise<void> {
  await db.updateTable("projects").set({ monthly_budget: monthly }).where("id", "=", id).execute();
}

/** All projects, oldest first. */
export function listProjects(db: Executor): Promise<Row<"projects">[]> {
  return db.selectFrom("projects").selectAll().orderBy("id").execute();
}
