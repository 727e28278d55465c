// An endpoint as the API shows it.
import type { Endpoint, VariantState } from "@massif/api";
import type { Row } from "../../store/schema.ts";
import { type Deployed, variantResource } from "./deployed.ts";
import type { LiveEndpoint, LiveVariant } from "./live-endpoint.ts";

/** The resource of an endpoint; `live` is what of it is loaded in this process. */
export function endpointResource(
  endpoint: Row<"endpoints">,
  { variants, previous, policy }: Deployed,
  live: LiveEndpoint | undefined,
): Endpoint {
  const [{ model, signature }] = variants;
  const unloaded =
    policy.placement === "auto" ? (signature.task === "tensors" ? "process" : "worker") : policy.placement;
  return {
    name: endpoint.name,
    status: endpoint.status,
    path: `/v1/endpoints/${endpoint.name}/predict`,
    model: model.name,
    version: model.version,
    placement: live?.variants[0].replica.placement ?? unloaded,
    variants: variants.map(variantResource),
    previous: previous.length === 0 ? null : previous.map(variantResource),
    policy: { ...policy, preferredBatchSizes: [...policy.preferredBatchSizes] },
    signature,
    createdAt: endpoint.created_at.toISOString(),
    updatedAt: endpoint.updated_at.toISOString(),
  };
}

/** How a variant stands. */
export function variantState({ model, weight, replica }: LiveVariant): VariantState {
  return { model: model.name, version: model.version, weight, placement: replica.placement, ...replica.figures() };
}
