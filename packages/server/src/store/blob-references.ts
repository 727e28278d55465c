// Which blobs something still refers to, over all tables that name one.
import { sql } from "kysely";
import type { Executor } from "./database.ts";

// Every place that holds a blob's hash; an upload counts only until its import has ended.
const REFERENCES = sql<{ hash: string }>`
  select blob as hash from dataset_versions where blob is not null
  union select source->>'upload' from dataset_versions where status = 'importing'
  union select artifact from runs where artifact is not null
  union select artifact from model_versions`;

/** Whether anything refers to a blob. */
export async function isBlobUsed(db: Executor, hash: string): Promise<boolean> {
  const found = await sql`select 1 from (${REFERENCES}) as used where hash = ${hash} limit 1`.execute(db);
  return found.rows.length > 0;
}

/** Some blob that something refers to; undefined when nothing does. */
export async function anyUsedBlob(db: Executor): Promise<string | undefined> {
  const { rows } = await sql<{ hash: string }>`select hash from (${REFERENCES}) as used limit 1`.execute(db);
  return rows[0]?.hash;
}

/** The hashes of all blobs that something refers to. */
export async function listUsedBlobs(db: Executor): Promise<Set<string>> {
  const { rows } = await sql<{ hash: string }>`select hash from (${REFERENCES}) as used`.execute(db);
  return new Set(rows.map(({ hash }) => hash));
}
