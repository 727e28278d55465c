// The table `endpoints`: names under which models answer; which model is the deployment they point at.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { jsonOrNull } from "./json.ts";
import type { EndpointStatus, JsonObject, Row } from "./schema.ts";

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

/** What changes of an endpoint; what is absent stays. */
export interface EndpointChange {
  id: string;
  status?: EndpointStatus;
  deploymentId?: string;
  /** Where a roll-back goes from now on. */
  previousId?: string | null;
  policy?: JsonObject | null;
  at: Date;
}

/** Changes an endpoint; undefined when there is no such endpoint. */
export function updateEndpoint(db: Executor, change: EndpointChange): Promise<Row<"endpoints"> | undefined> {
  const { id, status, deploymentId, previousId, policy, at } = change;
  return db
    .updateTable("endpoints")
    .set({
      updated_at: at,
      ...(status === undefined ? {} : { status }),
      ...(deploymentId === undefined ? {} : { deployment_id: deploymentId }),
      ...(previousId === undefined ? {} : { previous_id: previousId }),
      ...(policy === undefined ? {} : { policy: jsonOrNull(policy) }),
    })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
}

/** One endpoint by its id, whatever its project: for what is told of ids alone. */
export function findEndpointById(db: Executor, id: string): Promise<Row<"endpoints"> | undefined> {
  return db.selectFrom("endpoints").selectAll().where("id", "=", id).executeTakeFirst();
}
