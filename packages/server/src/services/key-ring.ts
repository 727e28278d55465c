// Who holds a key: from the secret to the key's row, by hash. A look-up by hash takes the same time whatever part of a
// guess is right; a revoked key stops at once in this process and within the cache's time in any other.
import { createHash, randomInt } from "node:crypto";
import { ApiError, type Role } from "@massif/api";
import type { Store } from "../store/database.ts";
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
  readonly #known = new Map<string, { holder: KeyHolder; until: number }>();
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
    const row = await findKeyByHash(this.#store.db, hash);
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
    this.#known.set(hash, { holder, until: now + CACHE_MS });
    await this.#touch(row.id, now);
    return holder;
  }

  /** Forgets what is cached, so that a revocation acts at once. */
  forget(): void {
    this.#known.clear();
  }

  // Internal

  async #touch(id: string, now: number): Promise<void> {
    if (now - (this.#touched.get(id) ?? 0) < TOUCH_MS) return;
    this.#touched.set(id, now);
    await touchKey(this.#store.db, { id, at: new Date(now) });
  }
}

// Internal

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
