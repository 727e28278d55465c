// API keys: made, listed, revoked. The secret is in the answer that makes the key and nowhere else.
import { ApiError, type Key, type NewKey, type Role } from "@massif/api";
import { insertAudit } from "../store/audit.ts";
import { findKey, hasActiveKey, insertKey, listKeys, revokeKey, updateKeyLimits } from "../store/keys.ts";
import type { Row } from "../store/schema.ts";
import type { Caller } from "./caller.ts";
import { type KeyRing, makeSecret } from "./key-ring.ts";
import type { Means } from "./means.ts";

/** Keys of a project. */
export class Keys {
  readonly #means: Pick<Means, "store" | "clock">;
  readonly #ring: KeyRing;

  constructor(means: Pick<Means, "store" | "clock">, ring: KeyRing) {
    this.#means = means;
    this.#ring = ring;
  }

  /** Makes a key. */
  async create(
    caller: Pick<Caller, "projectId" | "keyId" | "requestId">,
    { name, role, ...limits }: { name: string; role: Role } & Limits,
  ): Promise<NewKey> {
    const { secret, hash, prefix } = makeSecret();
    const row = await this.#means.store.transaction(async (tx) => {
      const made = await insertKey(tx, { projectId: caller.projectId, name, role, hash, prefix, ...limits });
      const { projectId, keyId, requestId } = caller;
      await insertAudit(tx, {
        projectId,
        keyId,
        requestId,
        action: "keys.create",
        resource: made.id,
        detail: { name, role, ...limits },
      });
      return made;
    });
    return { ...keyResource(row), secret };
  }

  /** The project's first admin key, when it has none that works; else undefined. */
  async createFirst(projectId: string): Promise<string | undefined> {
    if (await hasActiveKey(this.#means.store.db, "admin")) return undefined;
    const { secret, hash, prefix } = makeSecret();
    await this.#means.store.transaction(async (tx) => {
      const made = await insertKey(tx, { projectId, name: "first admin key", role: "admin", hash, prefix });
      await insertAudit(tx, {
        projectId,
        action: "keys.create",
        resource: made.id,
        detail: { role: "admin", first: true },
      });
    });
    return secret;
  }

  /** All keys, revoked ones too. */
  async list({ projectId }: Caller): Promise<Key[]> {
    return (await listKeys(this.#means.store.db, projectId)).map(keyResource);
  }

  /** The key that asks. */
  async own({ projectId, keyId }: Caller): Promise<Key> {
    const row = await findKey(this.#means.store.db, { projectId, id: keyId });
    if (row === undefined) throw new ApiError("NOT_FOUND", `there is no key "${keyId}"`);
    return keyResource(row);
  }

  /** Revokes a key at once; throws NOT_FOUND, and CONFLICT for the key that asks. */
  async revoke({ projectId, keyId, requestId }: Caller, id: string): Promise<Key> {
    if (id === keyId) throw new ApiError("CONFLICT", "a key cannot revoke itself; use another admin key");
    const row = await this.#means.store.transaction(async (tx) => {
      const before = await findKey(tx, { projectId, id });
      if (before === undefined) throw new ApiError("NOT_FOUND", `there is no key "${id}"`);
      if (before.revoked_at !== null) return before;
      await insertAudit(tx, { projectId, keyId, requestId, action: "keys.revoke", resource: id });
      await this.#means.store.changes.announce(tx, { kind: "key", id });
      return (await revokeKey(tx, { projectId, id, at: new Date(this.#means.clock()) })) ?? before;
    });
    this.#ring.forget();
    return keyResource(row);
  }

  /** Changes what a key may spend and how often it may ask; throws NOT_FOUND. */
  async limit({ projectId, keyId, requestId }: Caller, id: string, limits: Limits): Promise<Key> {
    const row = await this.#means.store.transaction(async (tx) => {
      const changed = await updateKeyLimits(tx, { projectId, id, ...limits });
      if (changed === undefined) throw new ApiError("NOT_FOUND", `there is no key "${id}"`);
      await insertAudit(tx, { projectId, keyId, requestId, action: "keys.limit", resource: id, detail: { ...limits } });
      await this.#means.store.changes.announce(tx, { kind: "key", id });
      return changed;
    });
    this.#ring.forget();
    return keyResource(row);
  }
}

// Internal

/** What is left out stays, or is no limit for a new key. */
interface Limits {
  readonly monthlyBudget?: number | null;
  readonly requestsPerMinute?: number | null;
}

function keyResource(row: Row<"keys">): Key {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    monthlyBudget: row.monthly_budget,
    requestsPerMinute: row.requests_per_minute,
  };
}
