// How much the rows of each class count in a fit: a parameter that classifiers share. They become weights of rows, so that
// nothing but a fit knows of them: what is judged afterwards counts every row alike, or as its own weight says.
import type { EstimatorSpec, FitContext } from "./component.ts";
import { ParamError } from "./errors.ts";
import type { StringsParam } from "./params.ts";
import { rowWeights } from "./row-weights.ts";
import type { ClassTarget } from "./table.ts";
import { describeValue, listNames } from "./wording.ts";

/** The parameter `classWeight`. */
export const CLASS_WEIGHT = {
  type: "strings",
  default: null,
  nullable: true,
  single: true,
  doc: "What rows of each class count, as `class=number`, others 1; or `balanced`: that all classes count alike.",
} as const satisfies StringsParam;

/** A classifier with that parameter. */
export interface ClassWeigher {
  readonly spec: Pick<EstimatorSpec, "name" | "weights">;
  readonly params: { readonly classWeight: readonly string[] | null };
}

const BALANCED = "balanced";

/**
 * What a row of each class counts besides its own weight; undefined where that is 1 throughout. Balanced are rows / (classes
 * × rows of the class), by weights where rows have them (King & Zeng 2001). Throws ParamError.
 */
export function classFactors(
  { spec, params: { classWeight } }: ClassWeigher,
  { codes, classes }: Pick<ClassTarget, "codes" | "classes">,
  weights: Float64Array | undefined,
): Float64Array | undefined {
  if (classWeight === null) return undefined;
  const isBalanced = classWeight.length === 1 && classWeight[0] === BALANCED;
  const factors = isBalanced ? balanced(codes, classes.length, weights) : named(spec.name, classWeight, classes);
  return factors.every((factor) => factor === 1) ? undefined : factors;
}

/** The rows' weights times those of their classes; undefined when all rows count alike. Throws what `rowWeights` throws. */
export function weightsByClass(
  context: Pick<FitContext, "weights" | "communicator">,
  target: ClassTarget,
  weigher: ClassWeigher,
): Float64Array | undefined {
  const { codes } = target;
  const own = rowWeights(context, codes.length, weigher.spec);
  if (weigher.params.classWeight !== null && context.communicator !== undefined && context.communicator.size > 1) {
    throw new ParamError("classWeight", `ranks cannot weigh classes; train ${weigher.spec.name} on one process`);
  }
  return timesFactors(own, codes, classFactors(weigher, target, own));
}

/** The weights times the factors of the rows' classes. */
export function timesFactors(
  weights: Float64Array | undefined,
  codes: ArrayLike<number>,
  factors: Float64Array | undefined,
): Float64Array | undefined {
  if (factors === undefined) return weights;
  const products = new Float64Array(codes.length);
  for (let row = 0; row < products.length; row++) products[row] = (weights?.[row] ?? 1) * factors[codes[row]];
  return products;
}

/** Why a classifier cannot learn from chunks of rows in turn, as far as its parameters weigh classes. */
export function classWeightRefusal(owner: string, params: Readonly<Record<string, unknown>>): string | undefined {
  if ((params.classWeight ?? null) === null) return undefined;
  return `\`classWeight\` of ${owner} weighs rows where it has all at once; without it, ${owner} could learn from chunks`;
}

/** Throws ParamError where classes are weighed, for a fit that sees rows in chunks. */
export function refuseClassWeight({ spec, params }: ClassWeigher): void {
  const refusal = classWeightRefusal(spec.name, params);
  if (refusal !== undefined) throw new ParamError("classWeight", refusal);
}

// Internal

/** Classes without rows count 1: there is nothing to multiply. */
function balanced(codes: Int32Array, classes: number, weights: Float64Array | undefined): Float64Array {
  const sums = new Float64Array(classes);
  for (let row = 0; row < codes.length; row++) sums[codes[row]] += weights?.[row] ?? 1;
  const total = sums.reduce((sum, own) => sum + own, 0);
  const present = sums.reduce((count, own) => count + (own > 0 ? 1 : 0), 0);
  return sums.map((own) => (own > 0 ? total / (present * own) : 1));
}

function named(owner: string, texts: readonly string[], classes: readonly string[]): Float64Array {
  const factors = new Float64Array(classes.length).fill(1);
  const seen = new Set<number>();
  for (const text of texts) {
    const at = text.lastIndexOf("=");
    const refuse = (problem: string) =>
      new ParamError("classWeight", `\`classWeight\` of ${owner} ${problem}, got ${describeValue(text)}`);
    if (at < 0) throw refuse(`must be \`${BALANCED}\` alone, or \`class=number\` for some classes`);
    const number = text.slice(at + 1).trim();
    const weight = number === "" ? Number.NaN : Number(number);
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) throw refuse("must have a number above 0 after the =");
    const code = classes.findIndex((name) => name === text.slice(0, at) || name === text.slice(0, at).trim());
    if (code < 0) throw refuse(`must name classes of the target (${listNames(classes)})`);
    if (seen.has(code)) throw refuse("names a class twice");
    seen.add(code);
    factors[code] = weight;
  }
  return factors;
}
