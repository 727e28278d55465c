// What an endpoint is to serve, as the database has it: a deployment with its variants, settings resolved.
import { ApiError, type Signature, type Variant } from "@massif/api";
import type { ServingPolicy } from "../../runtime/serving/serving-policy.ts";
import type { Executor } from "../../store/database.ts";
import { findDeployment } from "../../store/deployments.ts";
import { findModelVersionById, nameModelVersions } from "../../store/model-versions.ts";
import type { Row } from "../../store/schema.ts";
import { resolvePolicy, storedPolicy } from "./policy-rules.ts";

/** A variant with the row of its model version. */
export interface DeployedVariant {
  readonly row: Row<"model_versions">;
  readonly model: { readonly name: string; readonly version: number };
  readonly signature: Signature;
  readonly weight: number;
}

/** What an endpoint is to serve. */
export interface Deployed {
  readonly deploymentId: string;
  readonly variants: readonly DeployedVariant[];
  /** Model versions of the deployment before. */
  readonly previous: readonly DeployedVariant[];
  readonly policy: ServingPolicy;
}

/** Reads it; throws NOT_FOUND when nothing is deployed. */
export async function readDeployed(db: Executor, endpoint: Row<"endpoints">, cores: number): Promise<Deployed> {
  const variants = await readVariants(db, endpoint.deployment_id);
  if (variants.length === 0) throw new ApiError("NOT_FOUND", `nothing is deployed at "${endpoint.name}"`);
  const { task } = variants[0].signature;
  return {
    deploymentId: endpoint.deployment_id as string,
    variants,
    previous: await readVariants(db, endpoint.previous_id),
    policy: resolvePolicy(storedPolicy(endpoint.policy), { cores, task }),
  };
}

/** The variants of a deployment; none when there is no such deployment. */
export async function readVariants(db: Executor, deploymentId: string | null): Promise<DeployedVariant[]> {
  const deployment = deploymentId === null ? undefined : await findDeployment(db, deploymentId);
  if (deployment === undefined) return [];
  const ids = deployment.variants.map(({ modelVersionId }) => modelVersionId);
  const names = await nameModelVersions(db, ids);
  const variants: DeployedVariant[] = [];
  for (const { modelVersionId, weight } of deployment.variants) {
    const row = await findModelVersionById(db, modelVersionId);
    const named = names.get(modelVersionId);
    if (row === undefined || named === undefined) continue;
    const model = { name: named.model, version: named.version };
    variants.push({ row, model, signature: signatureOf(row), weight });
  }
  return variants;
}

/** What a model version takes and gives. */
export function signatureOf(row: Row<"model_versions">): Signature {
  return row.signature as unknown as Signature;
}

/** A variant as the API shows it. */
export function variantResource({ model, weight }: Pick<DeployedVariant, "model" | "weight">): Variant {
  return { model: model.name, version: model.version, weight };
}
