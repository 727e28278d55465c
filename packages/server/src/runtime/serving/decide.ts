// How many replicas there should be: Knative's pod autoscaler (serving/pkg/autoscaler/scaling/autoscaler.go and
// pkg/reconciler/autoscaling/kpa/scaler.go) as a pure function. What it must remember between two decisions it gives
// back as `state`; time, load and replicas come in as figures. The loop around it is ReplicaGroup.
import type { ScalePolicy } from "./scale-policy.ts";

/** What is known at a tick. */
export interface LoadMetrics {
  /** Seconds on a clock that never steps back. */
  readonly now: number;
  /** Mean requests in flight, over all replicas and those that wait, in each window; null: nothing measured yet. */
  readonly stable: number | null;
  readonly panic: number | null;
  /** Requests in flight at this moment. */
  readonly inFlight: number;
  /** Replicas that can answer. */
  readonly ready: number;
}

/** What one decision leaves for the next. */
export interface ScalerState {
  readonly desired: number;
  /** When the load was last over the panic threshold; null: no panic. */
  readonly panicSince: number | null;
  /** The most that was wanted during this panic: it never shrinks. */
  readonly maxPanic: number;
  /** Since when there is at least one; null: there is none. */
  readonly activeSince: number | null;
  /** When none was first wanted, of an unbroken row of such decisions. */
  readonly zeroSince: number | null;
  /** What was wanted within the scale-down delay, oldest first. */
  readonly recent: readonly { readonly at: number; readonly wanted: number }[];
}

/** How many replicas there should be, and why. */
export interface Decision {
  readonly desired: number;
  readonly panicking: boolean;
  readonly reason: string;
  readonly state: ScalerState;
}

/** The state before the first decision. */
export function initialState(desired: number): ScalerState {
  return { desired, panicSince: null, maxPanic: 0, activeSince: null, zeroSince: null, recent: [] };
}

/** Decides. Total and deterministic; `desired` lies within the policy's bounds. */
export function decide(metrics: LoadMetrics, policy: ScalePolicy, before: ScalerState): Decision {
  const { now, ready } = metrics;
  if (metrics.stable === null || metrics.panic === null) return withoutData(metrics, policy, before);
  const target = Math.max(LEAST_TARGET, policy.targetConcurrency * policy.targetUtilization);
  const forStable = Math.ceil(metrics.stable / target);
  const forPanic = Math.ceil(metrics.panic / target);
  const atLeastOne = Math.max(1, ready);
  const up = Math.ceil(policy.maxScaleUpRate * atLeastOne);
  const down = Math.floor(atLeastOne / policy.maxScaleDownRate);
  const stable = activated(clamp(forStable, down, up), policy);
  const panic = activated(clamp(forPanic, down, up), policy);
  const over = forPanic / atLeastOne >= policy.panicThreshold;
  const expired = before.panicSince !== null && before.panicSince + policy.stableWindowSeconds < now;
  const panicSince = over ? now : expired ? null : before.panicSince;
  const maxPanic = panicSince === null ? 0 : Math.max(before.maxPanic, stable, panic);
  const wanted = panicSince === null ? stable : maxPanic;
  const recent = [...before.recent.filter(({ at }) => at > now - policy.scaleDownDelaySeconds), { at: now, wanted }];
  const delayed = Math.max(...recent.map((one) => one.wanted));
  const bounded = clamp(Math.max(delayed, metrics.inFlight > 0 ? 1 : 0), policy.minReplicas, policy.maxReplicas);
  const activeSince = before.activeSince ?? (before.desired > 0 ? now : null);
  // Young: it has not yet been there for the window that must be empty (Knative's ActiveFor).
  const young = activeSince === null || now - activeSince < policy.stableWindowSeconds;
  const zeroSince = bounded > 0 || young ? null : (before.zeroSince ?? now);
  const graced = zeroSince !== null && now - zeroSince < policy.scaleToZeroGraceSeconds;
  // What is gone already need not come back to wait for its end.
  const kept = bounded === 0 && ready > 0 && (young || graced);
  const desired = kept ? 1 : bounded;
  return {
    desired,
    panicking: panicSince !== null,
    reason: kept ? "nobody calls; the last replica waits for its grace period" : reasonOf(metrics, target, panicSince),
    state: { desired, panicSince, maxPanic, activeSince: desired > 0 ? (activeSince ?? now) : null, zeroSince, recent },
  };
}

// Internal

/** Knative's floor: a target of zero would want endless replicas. */
const LEAST_TARGET = 0.01;

/** Without figures nothing changes, but for what waits already and for the bounds. */
function withoutData({ inFlight }: LoadMetrics, policy: ScalePolicy, before: ScalerState): Decision {
  const least = inFlight > 0 ? policy.activationReplicas : 0;
  const desired = clamp(Math.max(before.desired, least), policy.minReplicas, policy.maxReplicas);
  return {
    desired,
    panicking: before.panicSince !== null,
    reason: "nothing has been measured yet",
    state: { ...before, desired },
  };
}

function activated(wanted: number, { activationReplicas }: ScalePolicy): number {
  return wanted > 0 ? Math.max(wanted, activationReplicas) : 0;
}

function reasonOf({ stable, panic }: LoadMetrics, target: number, panicSince: number | null): string {
  const [window, load] = panicSince === null ? ["stable", stable] : ["panic", panic];
  const mode = panicSince === null ? "" : "panic: ";
  return `${mode}${(load ?? 0).toFixed(2)} requests in flight in the ${window} window, ${Number(target.toFixed(3))} aimed at per replica`;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
