// How an endpoint serves: its settings, its variants and its traffic.
import { z } from "zod";
import { Name, Timestamp } from "./common.ts";

const replicas = (least: number) => z.number().int().min(least).max(256);
const window = z.number().min(1).max(3600);

/** Where replicas run; `auto` measures the model and takes `inline` when it is fast, else `worker`. */
export const Placement = z.enum(["auto", "inline", "worker", "process"]);

/** Settings of an endpoint: replicas by Knative's rules, batches by Triton's. */
export const ServingPolicy = z
  .strictObject({
    placement: Placement,
    /** 0 allows scaling to zero. */
    minReplicas: replicas(0),
    /** Default: the cores of the server. */
    maxReplicas: replicas(1),
    /** Replicas of a version when it is deployed. */
    initialReplicas: replicas(1),
    /** Least number of replicas whenever there are any. */
    activationReplicas: replicas(1),
    /** Requests in flight that one replica is meant to have. */
    targetConcurrency: z.number().min(0.01).max(100_000),
    /** Share of `targetConcurrency` that is aimed at. */
    targetUtilization: z.number().min(0.01).max(1),
    stableWindowSeconds: window,
    panicWindowSeconds: window,
    /** Load, in what the ready replicas can take, from which on the panic window counts. */
    panicThreshold: z.number().min(1).max(1000),
    /** Most that the number of replicas may be multiplied, or divided, by in one tick. */
    maxScaleUpRate: z.number().min(1.01).max(10_000),
    maxScaleDownRate: z.number().min(1.01).max(10_000),
    /** Fewer replicas only when no more were wanted for so long. */
    scaleDownDelaySeconds: z.number().min(0).max(3600),
    /** How long the last replica stays when none is wanted any more. */
    scaleToZeroGraceSeconds: z.number().min(0).max(3600),
    tickSeconds: z.number().min(0.1).max(60),
    /** Most rows that go to a replica together; 1: no batching. For a model over tensors above 1 only when the first axis of all inputs and outputs is the batch. */
    maxBatchSize: z.number().int().min(1).max(65_536),
    /** Sizes at which a batch goes at once. */
    preferredBatchSizes: z.array(z.number().int().min(1)).max(32),
    /** How long a request may wait for company when a replica is free. */
    maxQueueDelayMs: z.number().min(0).max(10_000),
    /** Requests whose answer would take longer are refused at once; null: none are. */
    sloMs: z.number().min(1).max(600_000).nullable(),
    /** Most requests that wait for a replica. */
    queueLimit: z.number().int().min(1).max(100_000),
    queueTimeoutSeconds: z.number().min(0.1).max(600),
    /** How long the deployment before this one stays loaded, for an instant roll-back. */
    keepPreviousSeconds: z.number().min(0).max(86_400),
  })
  .meta({ id: "ServingPolicy" });

/** Settings to change; what is absent stays. */
export const ServingPolicyRequest = ServingPolicy.partial().meta({ id: "ServingPolicyRequest" });

/** A model version's share of an endpoint's traffic, in percent. */
export const Variant = z
  .object({ model: z.string(), version: z.number().int(), weight: z.number().int().min(0).max(100) })
  .meta({ id: "Variant" });

/** Shares of the traffic in percent by version ("2"), or by model and version ("prices@2"); they add up to 100. */
export const WeightsRequest = z.object({ weights: z.record(z.string(), z.number().int().min(0).max(100)) });

/** Which variant gets all traffic; default: the newest. */
export const PromoteRequest = z.object({ model: Name.optional(), version: z.number().int().min(1).optional() });

/** How one variant stands now. */
export const VariantState = z
  .object({
    ...Variant.shape,
    placement: z.enum(["inline", "worker", "process"]),
    /** Replicas that are wanted, can answer, are being started. */
    desired: z.number(),
    ready: z.number(),
    starting: z.number(),
    /** Requests that are being answered or wait, and those that wait. */
    inFlight: z.number(),
    queued: z.number(),
    panicking: z.boolean(),
    /** Why `desired` is what it is. */
    reason: z.string(),
  })
  .meta({ id: "VariantState" });

/** What happened in one span of time; latencies in milliseconds, null when there were no requests. */
export const TrafficPoint = z
  .object({
    /** When the span began. */
    at: Timestamp,
    requests: z.number(),
    rows: z.number(),
    /** Requests that were refused or failed. */
    errors: z.number(),
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
    /** Most replicas, waiting requests and requests in flight that were seen. */
    replicas: z.number(),
    queued: z.number(),
    inFlight: z.number(),
    /** Mean rows and requests of a batch; null when there were none. */
    batchRows: z.number().nullable(),
    batchRequests: z.number().nullable(),
  })
  .meta({ id: "TrafficPoint" });

/** Traffic of an endpoint at this server since it started, at most an hour back, oldest first. */
export const EndpointTraffic = z
  .object({
    endpoint: z.string(),
    bucketSeconds: z.number(),
    points: z.array(TrafficPoint),
    now: z.object({
      variants: z.array(VariantState),
      /** How often requests waited for a first replica, and how long the last time. */
      coldStarts: z.number(),
      lastColdStartSeconds: z.number().nullable(),
    }),
  })
  .meta({ id: "EndpointTraffic" });

export const TrafficQuery = z.object({
  /** How far back. */
  seconds: z.coerce.number().int().min(10).max(3600).default(3600),
});

export type ServingPolicy = z.infer<typeof ServingPolicy>;
export type ServingPolicyRequest = z.infer<typeof ServingPolicyRequest>;
export type Variant = z.infer<typeof Variant>;
export type VariantState = z.infer<typeof VariantState>;
export type TrafficPoint = z.infer<typeof TrafficPoint>;
export type EndpointTraffic = z.infer<typeof EndpointTraffic>;
