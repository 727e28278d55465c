// The table `endpoints`: names under which models answer; which model is the deployment they point at.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import type { EndpointStatus, Row } from "./schema.ts";

/** The endpoint of this name, made (stopped, without a deployment) when there is none. */
export async function ensureEndpoint(
  db: Executor,
  endpoint: { projectId: string; name: string },
): Promise<Row<"endpoints">> {
  await db
    .insertInto("endpoints")
    .values({ id: newId("end"), project_id: endpoint.projectId, name: endpoint.name, status: "stopped" })
    .onConflict((on) => on.constraint("endpoints_name_unique").doNothing())
    .execute();
  return db
    .selectFrom("endpoints")
    .selectAll()
    .where("project_id", "=", endpoint.projectId)
    .where("name", "=", endpoint.name)
    .executeTakeFirstOrThrow();
}

/** One endpoint of a project by its id or its name. */
export function findEndpoint(
  db: Executor,
  { projectId, ref }: { projectId: string; ref: string },
): Promise<Row<"endpoints"> | undefined> {
  return db
    .selectFrom("endpoints")
    .selectAll()
    .where("project_id", "=", projectId)
    .where((eb) => eb.or([eb("id", "=", ref), eb("name", "=", ref)]))
    .orderBy((eb) => eb.case().when("id", "=", ref).then(0).else(1).end())
    .executeTakeFirst();
}

/** The endpoints of a project by name. */
export function listEndpoints(db: Executor, projectId: string): Promise<Row<"endpoints">[]> {
  return db.selectFrom("endpoints").selectAll().where("project_id", "=", projectId).orderBy("name").execute();
}

/** Every endpoint that is to answer, in all projects: what a started gateway loads. */
export function listRunningEndpoints(db: Executor): Promise<Row<"endpoints">[]> {
  return db.selectFrom("endpoints").selectAll().where("status", "=", "running").orderBy("id").execute();
}

/** Changes whether an endpoint answers, and with which deployment; undefined when there is no such endpoint. */
export function updateEndpoint(
  db: Executor,
  { id, status, deploymentId, at }: { id: string; status: EndpointStatus; deploymentId?: string; at: Date },
): Promise<Row<"endpoints"> | undefined> {
  return db
    .updateTable("endpoints")
    .set({ status, updated_at: at, ...(deploymentId === undefined ? {} : { deployment_id: deploymentId }) })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}
