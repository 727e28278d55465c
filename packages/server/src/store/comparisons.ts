// The table `comparisons`: several runs on the same split, to be ranked against one another.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { PAGE_START, type Page, pageLimit } from "./page.ts";
import type { Row } from "./schema.ts";

/** What a comparison is about. */
export interface NewComparison {
  projectId: string;
  datasetVersionId: string;
  target: string;
  task: string;
}

/** Adds a comparison; its runs are inserted with its id in the same transaction. */
export function insertComparison(db: Executor, comparison: NewComparison): Promise<Row<"comparisons">> {
  const row = {
    id: newId("cmp"),
    project_id: comparison.projectId,
    dataset_version_id: comparison.datasetVersionId,
    target: comparison.target,
    task: comparison.task,
  };
  return db.insertInto("comparisons").values(row).returningAll().executeTakeFirstOrThrow();
}

/** Notes the end of a comparison once none of its runs is queued or running; true for the call that noted it. */
export async function finishComparisonIfDone(db: Executor, { id, at }: { id: string; at: Date }): Promise<boolean> {
  const result = await db
    .updateTable("comparisons")
    .set({ finished_at: at })
    .where("id", "=", id)
    .where("finished_at", "is", null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom("runs")
            .select("runs.id")
            .whereRef("runs.comparison_id", "=", "comparisons.id")
            .where("runs.status", "in", ["queued", "running"]),
        ),
      ),
    )
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** One comparison of a project. */
export function findComparison(
  db: Executor,
  { projectId, id }: { projectId: string; id: string },
): Promise<Row<"comparisons"> | undefined> {
  return db
    .selectFrom("comparisons")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** The comparisons of a project, newest first. */
export function listComparisons(
  db: Executor,
  { projectId, ...page }: { projectId: string } & Page,
): Promise<Row<"comparisons">[]> {
  return db
    .selectFrom("comparisons")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("id", "<", page.before ?? PAGE_START)
    .orderBy("id", "desc")
    .limit(pageLimit(page))
    .execute();
}
