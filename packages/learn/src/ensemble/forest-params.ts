// The parameters of forests, which those of random cuts share with those of the best.
import { CLASS_WEIGHT } from "../base/class-weights.ts";
import type { FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ForestOptions } from "../tree/fit-trees.ts";
import { criterion, maxFeaturesDoc, numberCriterion, pruningParams, treeParams } from "../tree/tree-params.ts";

const shared = {
  nEstimators: {
    type: "int",
    default: 100,
    min: 1,
    max: 100_000,
    search: { min: 50, max: 500, log: true },
    doc: "Number of trees.",
  },
  ...treeParams,
  ...pruningParams,
  oobScore: {
    type: "boolean",
    default: false,
    doc: "Whether to score each row by the trees that have not seen it; needs bootstrap.",
  },
} as const;

const bootstrap = {
  type: "boolean",
  doc: "Whether each tree learns from as many rows drawn with replacement, or from all rows.",
} as const;

const maxFeatures = {
  type: "float",
  min: 0,
  exclusiveMin: true,
  max: 1,
  search: { min: 0.2, max: 1 },
} as const;

export const forestRegressorParams = {
  ...shared,
  bootstrap: { ...bootstrap, default: true },
  criterion: numberCriterion,
  maxFeatures: { ...maxFeatures, default: 1, doc: `${maxFeaturesDoc}; 1: all.` },
} as const;

export const forestClassifierParams = {
  ...shared,
  bootstrap: { ...bootstrap, default: true },
  criterion,
  maxFeatures: {
    ...maxFeatures,
    default: null,
    nullable: true,
    doc: `${maxFeaturesDoc}; null: the square root of their number.`,
  },
  classWeight: CLASS_WEIGHT,
} as const;

/** Those of forests whose trees see all rows. */
export const extraRegressorParams = {
  ...forestRegressorParams,
  bootstrap: { ...bootstrap, default: false },
} as const;

export const extraClassifierParams = {
  ...forestClassifierParams,
  bootstrap: { ...bootstrap, default: false },
} as const;

type ForestParams = Pick<ForestOptions, "bootstrap" | "maxBins" | "criterion" | "minImpurityDecrease" | "ccpAlpha"> & {
  readonly nEstimators: number;
  readonly oobScore: boolean;
  readonly classWeight?: readonly string[] | null;
};

/** The options of a forest that are its parameters. */
export function forestOptions(params: ForestParams, context: FitContext): Omit<ForestOptions, "grow"> {
  const { nEstimators: trees, bootstrap, maxBins, criterion, minImpurityDecrease, ccpAlpha, ...others } = params;
  const { classWeight, oobScore } = others;
  return { trees, bootstrap, maxBins, criterion, minImpurityDecrease, ccpAlpha, classWeight, oobScore, context };
}

/** Throws ParamError when rows are to be scored by trees that have all seen them. */
export function checkOutOfBag(owner: string, { bootstrap, oobScore }: ForestParams): void {
  if (!oobScore || bootstrap) return;
  const problem = `\`oobScore\` of ${owner} needs \`bootstrap\`: without it every tree sees every row; set bootstrap to true`;
  throw new ParamError("oobScore", problem);
}
