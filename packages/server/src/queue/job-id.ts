// Job ids as the server sees them: `kind/uuid`, because the queue stores jobs by kind.
import { createHash, randomUUID } from "node:crypto";
import { StoreError } from "../store/errors.ts";

/** Joins a kind and a UUID. */
export function jobId(kind: string, uuid: string): string {
  return `${kind}/${uuid}`;
}

/** Takes a job id apart; throws MISUSE when it is none. */
export function parseJobId(id: string): { kind: string; uuid: string } {
  const at = id.lastIndexOf("/");
  if (at <= 0 || at === id.length - 1) throw new StoreError("MISUSE", `"${id}" is not the id of a job.`);
  return { kind: id.slice(0, at), uuid: id.slice(at + 1) };
}

/** A random UUID, or the one that a kind and an idempotency key always give (RFC 9562, version 8, from SHA-256). */
export function jobUuid(kind: string, idempotencyKey?: string): string {
  if (idempotencyKey === undefined) return randomUUID();
  const bytes = createHash("sha256").update(`${kind}\0${idempotencyKey}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
