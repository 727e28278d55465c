// The table `model_versions`: a model in the registry, trained here or imported; never changed once written.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json, jsonOrNull } from "./json.ts";
import type { JsonObject, JsonValue, ModelFormat, Row } from "./schema.ts";

/** What is registered. */
export interface NewModelVersion {
  modelId: string;
  runId?: string | null;
  /** SHA-256 of the model file in the blob store. */
  artifact: string;
  signature: JsonValue;
  metrics?: JsonObject | null;
  /** Default: massif. */
  format?: ModelFormat;
  bytes?: number | null;
  origin?: JsonObject | null;
}

/** Adds the next version of a model; numbers count from 1 without gaps, however many register at once. */
export function insertModelVersion(db: Executor, version: NewModelVersion): Promise<Row<"model_versions">> {
  return db
    .with("next", (cte) =>
      cte
        .updateTable("models")
        .set((eb) => ({ last_version: eb("last_version", "+", 1) }))
        .where("id", "=", version.modelId)
        .returning("last_version"),
    )
    .insertInto("model_versions")
    .values((eb) => ({
      id: newId("mdv"),
      model_id: version.modelId,
      version: eb.selectFrom("next").select("last_version"),
      run_id: version.runId ?? null,
      artifact: version.artifact,
      signature: json(version.signature),
      metrics: jsonOrNull(version.metrics),
      format: version.format ?? "massif",
      bytes: version.bytes ?? null,
      origin: jsonOrNull(version.origin),
    }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** One version by its id, for the serving side, which acts on behalf of any project. */
export function findModelVersionById(db: Executor, id: string): Promise<Row<"model_versions"> | undefined> {
  return db.selectFrom("model_versions").selectAll().where("id", "=", id).executeTakeFirst();
}

/** One version of a model by number. */
export function findModelVersionByNumber(
  db: Executor,
  { modelId, version }: { modelId: string; version: number },
): Promise<Row<"model_versions"> | undefined> {
  return db
    .selectFrom("model_versions")
    .selectAll()
    .where("model_id", "=", modelId)
    .where("version", "=", version)
    .executeTakeFirst();
}

/** The version that a model's alias points at. */
export function findModelVersionByAlias(
  db: Executor,
  { modelId, alias }: { modelId: string; alias: string },
): Promise<Row<"model_versions"> | undefined> {
  return db
    .selectFrom("model_versions")
    .innerJoin("model_aliases", (join) =>
      join
        .onRef("model_aliases.model_id", "=", "model_versions.model_id")
        .onRef("model_aliases.version", "=", "model_versions.version"),
    )
    .selectAll("model_versions")
    .where("model_aliases.model_id", "=", modelId)
    .where("model_aliases.alias", "=", alias)
    .executeTakeFirst();
}

/** The versions of a model, newest first. */
export function listModelVersions(db: Executor, modelId: string): Promise<Row<"model_versions">[]> {
  return db
    .selectFrom("model_versions")
    .selectAll()
    .where("model_id", "=", modelId)
    .orderBy("version", "desc")
    .execute();
}

/** What people call versions: the model's name and the number, by the version's id. */
export async function nameModelVersions(
  db: Executor,
  ids: readonly string[],
): Promise<Map<string, { model: string; version: number }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["model_versions.id", "models.name", "model_versions.version"])
    .where("model_versions.id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ id, name, version }) => [id, { model: name, version }]));
}
