// The rules of variants: which ones a deployment has and how they share its traffic. Weights are whole percents that
// add up to 100.
import { ApiError, type ErrorDetail, type Signature } from "@massif/api";
import type { DeployedVariant } from "./deployed.ts";
import { makeRoom } from "./variant-choice.ts";

type Unweighted = Omit<DeployedVariant, "weight">;

/** `next` with `weight` percent beside what is there, or in its place when the weight is absent or all. */
export function withVariant(
  now: readonly DeployedVariant[],
  next: Unweighted,
  weight: number | undefined,
): DeployedVariant[] {
  const others = now.filter(({ row }) => row.id !== next.row.id);
  if (weight === undefined || weight === 100 || others.length === 0) return [{ ...next, weight: 100 }];
  const weights = makeRoom(
    others.map((variant) => variant.weight),
    weight,
  );
  return [...others.map((variant, i) => ({ ...variant, weight: weights[i] })), { ...next, weight }];
}

/** The variants with new weights by version or `model@version`; what is not named gets none. Throws INVALID_REQUEST. */
export function reweighted(
  now: readonly DeployedVariant[],
  weights: Readonly<Record<string, number>>,
): DeployedVariant[] {
  const given = Object.entries(weights).map(([name, weight]) => ({ name, weight, variant: named(now, name) }));
  const sum = given.reduce((total, { weight }) => total + weight, 0);
  if (sum !== 100) {
    const shares = given.map(({ name, weight }) => `${name}=${weight}`).join(", ");
    throw invalid({ field: "weights", value: sum, problem: `must add up to 100, got ${sum} (${shares})` });
  }
  return now.map((variant) => {
    const shares = given.filter((one) => one.variant === variant);
    if (shares.length > 1) throw invalid({ field: "weights", value: shares[1].name, problem: "names a variant twice" });
    return { ...variant, weight: shares[0]?.weight ?? 0 };
  });
}

/** One variant with all traffic: the one named, else the newest. Throws NOT_FOUND. */
export function promoted(
  now: readonly DeployedVariant[],
  { model, version }: { readonly model?: string; readonly version?: number },
): DeployedVariant[] {
  const fitting = now.filter(
    (variant) =>
      (model === undefined || variant.model.name === model) &&
      (version === undefined || variant.model.version === version),
  );
  const chosen = fitting.at(-1);
  if (chosen === undefined) {
    const wanted = [model, version === undefined ? undefined : `version ${version}`].filter(Boolean).join(" ");
    throw new ApiError("NOT_FOUND", `${wanted} is no variant of the endpoint; its variants are ${listed(now)}`);
  }
  return [{ ...chosen, weight: 100 }];
}

/** Throws CONFLICT when callers of one variant could not call another. */
export function requireSameSignature([first, ...others]: readonly DeployedVariant[]): void {
  for (const other of others) {
    const difference = differenceOf(first.signature, other.signature);
    if (difference === undefined) continue;
    throw new ApiError(
      "CONFLICT",
      `${nameOf(other)} cannot share an endpoint with ${nameOf(first)}: ${difference}; deploy it alone or on another endpoint`,
    );
  }
}

// Internal

function differenceOf(a: Signature, b: Signature): string | undefined {
  if (shapeOf(a) === shapeOf(b)) return undefined;
  if (a.task !== b.task) return `one is for ${a.task}, the other for ${b.task}`;
  const names = ({ inputs }: Signature) => new Set(inputs.map(({ name }) => name));
  const missing = [...names(a)].filter((name) => !names(b).has(name));
  const added = [...names(b)].filter((name) => !names(a).has(name));
  if (missing.length + added.length > 0)
    return `their inputs differ (${[...missing, ...added].slice(0, 5).join(", ")})`;
  return "their inputs have the same names but other kinds, or they predict something else";
}

/** What a caller depends on: names and kinds, not the categories or examples that differ with the data. */
function shapeOf(signature: Signature): string {
  if (signature.task === "tensors") return JSON.stringify(signature);
  const inputs = signature.inputs.map(({ name, kind }) => `${name} ${kind}`).sort();
  return JSON.stringify([signature.task, signature.target, inputs]);
}

function named(now: readonly DeployedVariant[], name: string): DeployedVariant {
  const fitting = now.filter(
    ({ model }) => name === String(model.version) || name === `${model.name}@${model.version}`,
  );
  if (fitting.length === 1) return fitting[0];
  const problem =
    fitting.length === 0
      ? `names no variant of the endpoint; its variants are ${listed(now)}; \`massif deploy MODEL@VERSION --weight\` adds one`
      : `stands for several variants; write ${fitting.map(nameOf).join(" or ")}`;
  throw invalid({ field: `weights.${name}`, value: name, problem });
}

function listed(now: readonly DeployedVariant[]): string {
  return now.map(nameOf).join(", ");
}

function nameOf({ model }: DeployedVariant): string {
  return `${model.name}@${model.version}`;
}

function invalid(detail: ErrorDetail): ApiError {
  return new ApiError("INVALID_REQUEST", `\`${detail.field}\` ${detail.problem}`, { details: [detail] });
}
