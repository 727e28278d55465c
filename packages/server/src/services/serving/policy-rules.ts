// Settings of an endpoint: defaults filled in, and refused when they contradict one another. Ranges of single settings
// are the contract's (api/resources/serving.ts).
import { ApiError, type ErrorDetail, ServingPolicyRequest, type Signature } from "@massif/api";
import { defaultPolicy, type ServingPolicy } from "../../runtime/serving/serving-policy.ts";

/** What the defaults depend on. */
export interface PolicySetting {
  readonly cores: number;
  readonly task: Signature["task"];
}

/** The settings in force: what was given over the defaults. */
export function resolvePolicy(given: ServingPolicyRequest | null, { cores, task }: PolicySetting): ServingPolicy {
  // Whether requests over tensors may be joined cannot be known, only said.
  const defaults = { ...defaultPolicy(cores), ...(task === "tensors" ? { maxBatchSize: 1 } : {}) };
  const { minReplicas = 0, initialReplicas = 0, activationReplicas = 0, maxReplicas, ...rest } = given ?? {};
  const most = maxReplicas ?? Math.max(defaults.maxReplicas, minReplicas, initialReplicas, activationReplicas);
  const counts = {
    minReplicas: given?.minReplicas ?? Math.min(defaults.minReplicas, most),
    initialReplicas: given?.initialReplicas ?? Math.min(Math.max(defaults.initialReplicas, minReplicas), most),
    activationReplicas: given?.activationReplicas ?? defaults.activationReplicas,
    maxReplicas: most,
  };
  // Knative's panic window is a tenth of the stable one.
  const stable = given?.stableWindowSeconds ?? defaults.stableWindowSeconds;
  const panicWindowSeconds = Math.max(1, stable / 10);
  return { ...defaults, panicWindowSeconds, ...rest, ...counts };
}

/** Given settings as they were stored; a setting that this version does not know is left out. */
export function storedPolicy(json: unknown): ServingPolicyRequest | null {
  if (json === null || typeof json !== "object") return null;
  const known = Object.entries(json).filter(([name]) => name in ServingPolicyRequest.shape);
  return Object.fromEntries(known) as ServingPolicyRequest;
}

/** Throws INVALID_REQUEST naming each setting that contradicts another, with its value and the cure. */
export function checkPolicy(policy: ServingPolicy): void {
  const details = CONTRADICTIONS.flatMap((find) => find(policy) ?? []);
  if (details.length === 0) return;
  const [{ field, value, problem }] = details;
  throw new ApiError("INVALID_REQUEST", `\`${field}\` ${problem}, got ${JSON.stringify(value)}`, { details });
}

// Internal

type Contradiction = (policy: ServingPolicy) => ErrorDetail | undefined;

const CONTRADICTIONS: readonly Contradiction[] = [
  atMost("minReplicas", "maxReplicas"),
  atMost("initialReplicas", "maxReplicas"),
  atMost("activationReplicas", "maxReplicas"),
  atMost("panicWindowSeconds", "stableWindowSeconds"),
  atMost("tickSeconds", "stableWindowSeconds"),
  ({ preferredBatchSizes, maxBatchSize }) =>
    Math.max(0, ...preferredBatchSizes) > maxBatchSize
      ? {
          field: "preferredBatchSizes",
          value: preferredBatchSizes,
          problem: `must not be above \`maxBatchSize\` (${maxBatchSize}): lower them, or raise \`maxBatchSize\``,
        }
      : undefined,
  ({ maxQueueDelayMs, queueTimeoutSeconds }) =>
    maxQueueDelayMs >= queueTimeoutSeconds * 1000
      ? {
          field: "maxQueueDelayMs",
          value: maxQueueDelayMs,
          problem: `must be below \`queueTimeoutSeconds\` (${queueTimeoutSeconds} s), or every request would be refused before its batch goes`,
        }
      : undefined,
  ({ maxQueueDelayMs, sloMs }) =>
    sloMs !== null && maxQueueDelayMs >= sloMs
      ? {
          field: "maxQueueDelayMs",
          value: maxQueueDelayMs,
          problem: `must be below \`sloMs\` (${sloMs}): lower it, or allow answers more time`,
        }
      : undefined,
];

type Counted = { [K in keyof ServingPolicy]: ServingPolicy[K] extends number ? K : never }[keyof ServingPolicy];

function atMost(field: Counted, other: Counted): Contradiction {
  return (policy) =>
    policy[field] > policy[other]
      ? {
          field,
          value: policy[field],
          problem: `must not be above \`${other}\` (${policy[other]}): lower it, or raise \`${other}\``,
        }
      : undefined;
}
