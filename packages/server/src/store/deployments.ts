// The table `deployments`: each time an endpoint's traffic was given to model versions, by whom; never changed once
// written.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json } from "./json.ts";
import type { Row, VariantJson } from "./schema.ts";

/** What is deployed: one version with all traffic, or several variants with their weights. */
export interface NewDeployment {
  endpointId: string;
  modelVersionId: string;
  variants?: readonly VariantJson[];
  createdBy?: string | null;
}

/** Adds a deployment; `updateEndpoint` in the same transaction makes it the current one. */
export function insertDeployment(
  db: Executor,
  { endpointId, modelVersionId, variants, createdBy }: NewDeployment,
): Promise<Row<"deployments">> {
  const row = {
    id: newId("dep"),
    endpoint_id: endpointId,
    model_version_id: modelVersionId,
    variants: json([...(variants ?? [{ modelVersionId, weight: 100 }])]),
    created_by: createdBy ?? null,
  };
  return db.insertInto("deployments").values(row).returningAll().executeTakeFirstOrThrow();
}

/** One deployment by its id. */
export function findDeployment(db: Executor, id: string): Promise<Row<"deployments"> | undefined> {
  return db.selectFrom("deployments").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The deployments of an endpoint, newest first. */
export function listDeployments(db: Executor, endpointId: string): Promise<Row<"deployments">[]> {
  return db.selectFrom("deployments").selectAll().where("endpoint_id", "=", endpointId).orderBy("id", "desc").execute();
}
