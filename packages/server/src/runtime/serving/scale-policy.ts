// How many replicas an endpoint may have and how the number follows the load: Knative's settings, under its rules'
// names. Plain data; whether it makes sense was checked where it came in.

/** Settings of the autoscaler; times in seconds. */
export interface ScalePolicy {
  /** 0 allows scaling to zero. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Replicas of a version when it is deployed. */
  readonly initialReplicas: number;
  /** Least number of replicas whenever there are any. */
  readonly activationReplicas: number;
  /** Requests in flight that one replica is meant to have, of which `targetUtilization` is aimed at. */
  readonly targetConcurrency: number;
  readonly targetUtilization: number;
  readonly stableWindowSeconds: number;
  readonly panicWindowSeconds: number;
  /** Load of the panic window, in what the ready replicas can take, from which on it is a panic. */
  readonly panicThreshold: number;
  /** Most that the number may be multiplied, or divided, by in one tick. */
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  /** A lower number counts only when nothing higher was wanted for so long. */
  readonly scaleDownDelaySeconds: number;
  /** How long the last replica stays when none is wanted any more. */
  readonly scaleToZeroGraceSeconds: number;
  readonly tickSeconds: number;
}

/** Knative's defaults where it has one; a replica computes on one thread, hence a target below its 100. */
export const DEFAULT_SCALE: Omit<ScalePolicy, "maxReplicas"> = {
  minReplicas: 1,
  initialReplicas: 1,
  activationReplicas: 1,
  targetConcurrency: 10,
  targetUtilization: 0.7,
  stableWindowSeconds: 60,
  panicWindowSeconds: 6,
  panicThreshold: 2,
  maxScaleUpRate: 1000,
  maxScaleDownRate: 2,
  scaleDownDelaySeconds: 0,
  scaleToZeroGraceSeconds: 30,
  tickSeconds: 2,
};
