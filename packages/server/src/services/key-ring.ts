// Who holds a key: from the secret to the key's row, by hash. A look-up by hash takes the same time whatever part of a
// guess is right; a revoked key stops at once in this process and within the cache's time in any other.
import { createHash, randomInt } from "node:crypto";
import { ApiError, type Role } from "@massif/api";
import type { Store } from "../store/database.ts";
import { StoreError } from "../store/errors.ts";
import { findKeyByHash, touchKey } from "../store/keys.ts";

/** A key that works. */
export interface KeyHolder {
  readonly keyId: string;
  readonly projectId: string;
  readonly role: Role;
  /** Most it may spend in a month, and most its project may; null is no limit. */
  readonly keyBudget: number | null;
  readonly projectBudget: number | null;
  readonly requestsPerMinute: number | null;
}

/** A new secret with what is stored of it. */
export interface Secret {
  readonly secret: string;
  readonly hash: string;
  readonly prefix: string;
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 43 digits of base 62 hold 256 bits. */
const SECRET_DIGITS = 43;
const PREFIX_LENGTH = 12;
/** How long another process's revocation may go unnoticed. */
const CACHE_MS = 5000;
/** How often the time of last use is written. */
const TOUCH_MS = 60_000;
const CACHE_SIZE = 10_000;
/** How long a key that worked goes on working while the database cannot be asked. */
const TRUST_MS = 15 * 60_000;

/** Makes a secret from the system's randomness. */
export function makeSecret(): Secret {
  const digits = Array.from({ length: SECRET_DIGITS }, () => ALPHABET[randomInt(ALPHABET.length)]);
  const secret = `msf_${digits.join("")}`;
  return { secret, hash: hashOf(secret), prefix: secret.slice(0, PREFIX_LENGTH) };
}

/** Finds keys by their secrets. */
export class KeyRing {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #known = new Map<string, Known>();
  readonly #touched = new Map<string, number>();

  constructor(store: Store, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
    store.changes.onChange(({ kind }) => {
      if (kind !== "endpoint" && kind !== "model" && kind !== "topic") this.forget();
    });
  }

  /** The holder of `secret`; throws UNAUTHENTICATED when it is wrong or revoked. */
  async identify(secret: string): Promise<KeyHolder> {
    const hash = hashOf(secret);
    const known = this.#known.get(hash);
    const now = this.#clock();
    if (known !== undefined && known.until > now) return known.holder;
    const row = await this.#find(hash, known);
    if (row === "unreachable") return (known as Known).holder;
    this.#known.delete(hash);
    if (row === undefined) throw new ApiError("UNAUTHENTICATED", "the API key is wrong");
    if (row.revoked_at !== null) {
      throw new ApiError(
        "UNAUTHENTICATED",
        `the API key ${row.prefix}… was revoked at ${row.revoked_at.toISOString()}`,
      );
    }
    const holder = {
      keyId: row.id,
      projectId: row.project_id,
      role: row.role,
      keyBudget: row.monthly_budget,
      projectBudget: row.project_budget,
      requestsPerMinute: row.requests_per_minute,
    };
    if (this.#known.size >= CACHE_SIZE) this.#known.clear();
    this.#known.set(hash, { holder, until: now + CACHE_MS, seenAt: now });
    this.#touch(row.id, now);
    return holder;
  }

  /** Looks every key up again before it is next believed, so that a revocation acts at once. */
  forget(): void {
    for (const known of this.#known.values()) known.until = 0;
  }

  // Internal

  /** While the database is away, a key that worked a short while ago still does. */
  async #find(hash: string, known: Known | undefined): Promise<FoundKey | "unreachable"> {
    try {
      return await findKeyByHash(this.#store.db, hash);
    } catch (error) {
      const now = this.#clock();
      const trusted = known !== undefined && now - known.seenAt < TRUST_MS;
      if (!trusted || !(error instanceof StoreError) || error.code !== "DATABASE_UNREACHABLE") throw error;
      known.until = now + CACHE_MS;
      return "unreachable";
    }
  }

  /** Nobody waits for it: it is a note for people, and the request has its answer. */
  #touch(id: string, now: number): void {
    if (now - (this.#touched.get(id) ?? 0) < TOUCH_MS) return;
    this.#touched.set(id, now);
    touchKey(this.#store.db, { id, at: new Date(now) }).catch(() => this.#touched.delete(id));
  }
}

// Internal

interface Known {
  readonly holder: KeyHolder;
  until: number;
  readonly seenAt: number;
}

type FoundKey = Awaited<ReturnType<typeof findKeyByHash>>;

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
