// The table `model_aliases`: names such as "production" that point at one version of a model and can be moved.
import type { Executor } from "./database.ts";
import type { Row } from "./schema.ts";

/** Points an alias at a version, new or moved; the database refuses a version that does not exist. */
export function setModelAlias(
  db: Executor,
  { modelId, alias, version, at }: { modelId: string; alias: string; version: number; at: Date },
): Promise<Row<"model_aliases">> {
  return db
    .insertInto("model_aliases")
    .values({ model_id: modelId, alias, version, updated_at: at })
    .onConflict((on) => on.columns(["model_id", "alias"]).doUpdateSet({ version, updated_at: at }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Takes an alias away; false when there was none. */
export async function deleteModelAlias(
  db: Executor,
  { modelId, alias }: { modelId: string; alias: string },
): Promise<boolean> {
  const result = await db
    .deleteFrom("model_aliases")
    .where("model_id", "=", modelId)
    .where("alias", "=", alias)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The aliases of a model by name. */
export function listModelAliases(db: Executor, modelId: string): Promise<Row<"model_aliases">[]> {
  return db.selectFrom("model_aliases").selectAll().where("model_id", "=", modelId).orderBy("alias").execute();
}
