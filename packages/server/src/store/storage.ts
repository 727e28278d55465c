// What a project keeps in the blob store, from the tables that refer to blobs. A blob that several rows share counts once.
import { sql } from "kysely";
import type { Executor } from "./database.ts";

/** Bytes of data sets and models that a project keeps. */
export async function storedBytes(db: Executor, projectId: string): Promise<number> {
  const { rows } = await sql<{ bytes: number | null }>`
    select sum(bytes)::double precision as bytes from (
      select v.blob as hash, max(v.bytes) as bytes
        from dataset_versions v join datasets d on d.id = v.dataset_id
        where d.project_id = ${projectId} and v.blob is not null group by 1
      union
      select artifact as hash, max(model_bytes) as bytes
        from runs where project_id = ${projectId} and artifact is not null group by 1
      union
      select v.artifact as hash, max(v.bytes) as bytes
        from model_versions v join models m on m.id = v.model_id
        where m.project_id = ${projectId} and v.bytes is not null group by 1
    ) kept`.execute(db);
  return rows[0]?.bytes ?? 0;
}
