// The parameters that single trees and forests share, and how they become options of the grower.
import type { ParamsOf } from "../base/params.ts";
import type { GrowOptions } from "./grow-trees.ts";

export const treeParams = {
  maxDepth: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    max: 65_535,
    search: { min: 2, max: 32 },
    doc: "Most splits between the root and a leaf; null: no limit.",
  },
  minSamplesSplit: {
    type: "int",
    default: 2,
    min: 2,
    search: { min: 2, max: 50, log: true },
    doc: "Fewest rows a node must hold to be split.",
  },
  minSamplesLeaf: {
    type: "int",
    default: 1,
    min: 1,
    search: { min: 1, max: 50, log: true },
    doc: "Fewest rows on either side of a split.",
  },
  maxLeaves: {
    type: "int",
    default: null,
    nullable: true,
    min: 2,
    search: { min: 8, max: 4096, log: true },
    doc: "Most leaves of a tree, which then keeps the splits that gain most; null: no limit.",
  },
  maxBins: {
    type: "int",
    default: 255,
    min: 2,
    max: 255,
    search: { min: 31, max: 255 },
    doc: "Most bins a number column is cut into; with fewer distinct values splits are exact.",
  },
} as const;

/** What keeps trees from growing, or takes back what has grown. */
export const pruningParams = {
  minImpurityDecrease: {
    type: "float",
    default: 0,
    min: 0,
    search: { min: 1e-6, max: 0.1, log: true },
    doc: "Least decrease of the mean impurity over all rows that a split must bring.",
  },
  ccpAlpha: {
    type: "float",
    default: 0,
    min: 0,
    search: { min: 1e-6, max: 0.1, log: true },
    doc: "Takes back branches that decrease the mean impurity by no more than this per leaf (cost-complexity pruning).",
  },
} as const;

export const numberCriterion = {
  type: "choice",
  default: "squared_error",
  choices: ["squared_error", "absolute_error", "poisson"],
  doc: "What splits reduce: squares, distances from the median (slower), or the deviance of counts from 0 on.",
} as const;

export const criterion = {
  type: "choice",
  default: "gini",
  choices: ["gini", "entropy"],
  doc: "Impurity that splits reduce: Gini's index, or Shannon's entropy.",
} as const;

/** A share of the features, drawn anew for every node. */
export const maxFeaturesDoc = "Share of the columns that each split chooses from, drawn anew at every node";

type TreeParams = ParamsOf<typeof treeParams>;
type Limits = "maxDepth" | "maxLeaves" | "minSamplesLeaf" | "minSamplesSplit";

/** The limits among the parameters, as the grower takes them. */
export function growLimits(params: TreeParams): Pick<GrowOptions, Limits> {
  const { maxDepth, maxLeaves, minSamplesLeaf, minSamplesSplit } = params;
  return { maxDepth, maxLeaves, minSamplesLeaf, minSamplesSplit };
}
