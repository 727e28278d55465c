// The table `keys`: who may call. Holds hashes only; making and checking the key itself is the services' part.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import type { Role, Row } from "./schema.ts";

/** What is stored of a new key. */
export interface NewKey {
  projectId: string;
  name: string;
  role: Role;
  /** SHA-256 of the key, hexadecimal. */
  hash: string;
  /** Its first characters. */
  prefix: string;
  monthlyBudget?: number | null;
  requestsPerMinute?: number | null;
}

/** Adds a key. */
export function insertKey(db: Executor, key: NewKey): Promise<Row<"keys">> {
  const { projectId, name, role, hash, prefix } = key;
  const limits = { monthly_budget: key.monthlyBudget ?? null, requests_per_minute: key.requestsPerMinute ?? null };
  const row = { id: newId("key"), project_id: projectId, name, role, hash, prefix, ...limits };
  return db.insertInto("keys").values(row).returningAll().executeTakeFirstOrThrow();
}

/** The key with this hash, revoked or not, and the budget of its project. */
export function findKeyByHash(
  db: Executor,
  hash: string,
): Promise<(Row<"keys"> & { project_budget: number | null }) | undefined> {
  return db
    .selectFrom("keys")
    .innerJoin("projects", "projects.id", "keys.project_id")
    .selectAll("keys")
    .select("projects.monthly_budget as project_budget")
    .where("hash", "=", hash)
    .executeTakeFirst();
}

/** What a key and its project may spend in a month; null is no limit. */
export async function findSpender(
  db: Executor,
  { projectId, keyId }: { projectId: string; keyId: string },
): Promise<{ keyBudget: number | null; projectBudget: number | null }> {
  const found = await db
    .selectFrom("projects")
    .leftJoin("keys", (join) => join.onRef("keys.project_id", "=", "projects.id").on("keys.id", "=", keyId))
    .select(["keys.monthly_budget as keyBudget", "projects.monthly_budget as projectBudget"])
    .where("projects.id", "=", projectId)
    .executeTakeFirst();
  return found ?? { keyBudget: null, projectBudget: null };
}

/** Sets limits of a key; those left out stay. Undefined when the project has no such key. */
export function updateKeyLimits(
  db: Executor,
  key: { projectId: string; id: string; monthlyBudget?: number | null; requestsPerMinute?: number | null },
): Promise<Row<"keys"> | undefined> {
  const { monthlyBudget, requestsPerMinute } = key;
  return db
    .updateTable("keys")
    .set((eb) => ({
      monthly_budget: monthlyBudget === undefined ? eb.ref("monthly_budget") : monthlyBudget,
      requests_per_minute: requestsPerMinute === undefined ? eb.ref("requests_per_minute") : requestsPerMinute,
    }))
    .where("project_id", "=", key.projectId)
    .where("id", "=", key.id)
    .returningAll()
    .executeTakeFirst();
}

/** One key of a project. */
export function findKey(
  db: Executor,
  { projectId, id }: { projectId: string; id: string },
): Promise<Row<"keys"> | undefined> {
  return db.selectFrom("keys").selectAll().where("project_id", "=", projectId).where("id", "=", id).executeTakeFirst();
}

/** The keys of a project, newest first. */
export function listKeys(db: Executor, projectId: string): Promise<Row<"keys">[]> {
  return db.selectFrom("keys").selectAll().where("project_id", "=", projectId).orderBy("id", "desc").execute();
}

/** Whether any key that works exists with this role, in any project. */
export async function hasActiveKey(db: Executor, role: Role): Promise<boolean> {
  const found = await db
    .selectFrom("keys")
    .select("id")
    .where("role", "=", role)
    .where("revoked_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Revokes a key; undefined when the project has no such key, the unchanged row when it was revoked before. */
export async function revokeKey(
  db: Executor,
  key: { projectId: string; id: string; at: Date },
): Promise<Row<"keys"> | undefined> {
  await db
    .updateTable("keys")
    .set({ revoked_at: key.at })
    .where("project_id", "=", key.projectId)
    .where("id", "=", key.id)
    .where("revoked_at", "is", null)
    .execute();
  return findKey(db, key);
}

/** Notes when keys were last used; an older time never replaces a newer one. */
export async function touchKey(db: Executor, { id, at }: { id: string; at: Date }): Promise<void> {
  await db
    .updateTable("keys")
    .set({ last_used_at: at })
    .where("id", "=", id)
    .where((eb) => eb.or([eb("last_used_at", "is", null), eb("last_used_at", "<", at)]))
    .execute();
}
