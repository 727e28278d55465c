// Everything that may be set for an endpoint: how many replicas, where they run, how requests wait and go together.
import type { Placement } from "../start-replica.ts";
import { DEFAULT_SCALE, type ScalePolicy } from "./scale-policy.ts";

/** Settings of an endpoint. */
export interface ServingPolicy extends ScalePolicy {
  readonly placement: Placement;
  /** Most rows that go to a replica together; 1 turns batching off. A larger request goes alone. */
  readonly maxBatchSize: number;
  readonly preferredBatchSizes: readonly number[];
  /** How long a request may wait for company when a replica is free. */
  readonly maxQueueDelayMs: number;
  /** Answers that would take longer are refused at once, and requests wait for company only within it. */
  readonly sloMs: number | null;
  /** Most requests that wait. */
  readonly queueLimit: number;
  /** Longest time that a request waits. */
  readonly queueTimeoutSeconds: number;
  /** How long the deployment before this one stays loaded, for an instant roll-back. */
  readonly keepPreviousSeconds: number;
}

/** The settings of an endpoint that was given none, on a machine with `cores` cores. */
export function defaultPolicy(cores: number): ServingPolicy {
  return {
    ...DEFAULT_SCALE,
    maxReplicas: Math.max(1, cores),
    placement: "auto",
    maxBatchSize: 64,
    preferredBatchSizes: [],
    maxQueueDelayMs: 0,
    sloMs: null,
    queueLimit: 1000,
    queueTimeoutSeconds: 30,
    keepPreviousSeconds: 900,
  };
}
