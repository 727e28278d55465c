// The table `audit`: every change that was asked for, by which key and in which request; rows are only added.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { jsonOrNull } from "./json.ts";
import { PAGE_START, type Page, pageLimit } from "./page.ts";
import type { JsonObject, Row } from "./schema.ts";

/** One change. */
export interface NewAudit {
  projectId?: string | null;
  keyId?: string | null;
  /** What was done, such as `keys.create`. */
  action: string;
  /** The id of what it was done to. */
  resource?: string | null;
  detail?: JsonObject | null;
  requestId?: string | null;
}

/** Adds an entry; call it in the transaction of the change, so that there is neither without the other. */
export async function insertAudit(db: Executor, entry: NewAudit): Promise<void> {
  await db
    .insertInto("audit")
    .values({
      id: newId("aud"),
      project_id: entry.projectId ?? null,
      key_id: entry.keyId ?? null,
      action: entry.action,
      resource: entry.resource ?? null,
      detail: jsonOrNull(entry.detail),
      request_id: entry.requestId ?? null,
    })
    .execute();
}

/** The audit log of a project, newest first. */
export function listAudit(db: Executor, { projectId, ...page }: { projectId: string } & Page): Promise<Row<"audit">[]> {
  return db
    .selectFrom("audit")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("id", "<", page.before ?? PAGE_START)
    .orderBy("id", "desc")
    .limit(pageLimit(page))
    .execute();
}
