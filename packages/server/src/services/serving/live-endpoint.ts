// An endpoint as it answers: its variants with their replicas, read once from the database and replaced as a whole when
// a deployment changes it.
import type { Signature } from "@massif/api";
import type { ReplicaGroup } from "../../runtime/serving/replica-group.ts";
import type { ServingPolicy } from "../../runtime/serving/serving-policy.ts";
import type { TrafficLog } from "./traffic-log.ts";

/** A share of an endpoint's traffic, and who answers it. */
export interface LiveVariant {
  readonly modelVersionId: string;
  readonly model: { readonly name: string; readonly version: number };
  readonly signature: Signature;
  /** Percent. */
  readonly weight: number;
  readonly replica: ReplicaGroup;
}

/** An endpoint that answers. */
export interface LiveEndpoint {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly deploymentId: string;
  readonly policy: ServingPolicy;
  /** At least one with a weight above 0. */
  readonly variants: readonly LiveVariant[];
  readonly traffic: TrafficLog;
}
