// The parameters of gradient boosting, by the names the field uses.
import { CLASS_WEIGHT } from "../base/class-weights.ts";
import type { ParamsOf } from "../base/params.ts";

export const boostParams = {
  nEstimators: {
    type: "int",
    default: 100,
    min: 1,
    max: 100_000,
    search: { min: 50, max: 2000, log: true },
    doc: "Boosting rounds; each grows one tree, or one per class when there are more than two.",
  },
  learningRate: {
    type: "float",
    default: 0.1,
    min: 0,
    exclusiveMin: true,
    max: 1,
    search: { min: 0.01, max: 0.3, log: true },
    doc: "How much of each tree's step is taken.",
  },
  growth: {
    type: "choice",
    default: "leaf",
    choices: ["leaf", "depth"],
    doc: "Order of growing: the leaf that gains most first, or level by level.",
  },
  maxLeaves: {
    type: "int",
    default: 31,
    nullable: true,
    min: 2,
    max: 65_536,
    search: { min: 8, max: 256, log: true },
    doc: "Most leaves of a tree; null: limited by maxDepth alone.",
  },
  maxDepth: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    max: 64,
    search: { min: 3, max: 12 },
    doc: "Most splits between the root and a leaf; null: limited by maxLeaves alone.",
  },
  minSamplesLeaf: {
    type: "int",
    default: 20,
    min: 1,
    search: { min: 1, max: 100, log: true },
    doc: "Fewest rows on either side of a split, or least sum of their weights; estimated where hessians differ between rows.",
  },
  minChildWeight: {
    type: "float",
    default: 0.001,
    min: 0,
    search: { min: 0.001, max: 10, log: true },
    doc: "Smallest sum of hessians on either side of a split.",
  },
  l2: {
    type: "float",
    default: 0,
    min: 0,
    search: { min: 0.001, max: 10, log: true },
    doc: "Penalty on squared leaf values, in units of the hessian.",
  },
  categorySmoothing: {
    type: "float",
    default: 10,
    min: 0,
    search: { min: 1, max: 100, log: true },
    doc: "Rows of average hessian added to each category before categories are ordered, and to both sides of their split.",
  },
  maxBins: {
    type: "int",
    default: 255,
    min: 2,
    max: 255,
    search: { min: 31, max: 255 },
    doc: "Most bins a number column is cut into.",
  },
  subsample: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    max: 1,
    search: { min: 0.5, max: 1 },
    doc: "Share of the rows, drawn without replacement, that each round learns from.",
  },
  columnSample: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    max: 1,
    search: { min: 0.3, max: 1 },
    doc: "Share of the columns, drawn anew for every tree, that may split it.",
  },
  increasing: {
    type: "strings",
    default: [],
    doc: "Number columns with which predictions (of two classes, the second's probability) may only rise.",
  },
  decreasing: {
    type: "strings",
    default: [],
    doc: "Number columns with which predictions may only fall.",
  },
  earlyStopping: {
    type: "boolean",
    default: false,
    doc: "Whether to hold out rows and stop when the loss on them no longer falls.",
  },
  validationFraction: {
    type: "float",
    default: 0.1,
    min: 0,
    exclusiveMin: true,
    max: 1,
    exclusiveMax: true,
    doc: "Share of the rows held out for early stopping.",
  },
  patience: {
    type: "int",
    default: 10,
    min: 1,
    doc: "Rounds without a better loss on the held-out rows before stopping; the best round is kept.",
  },
} as const;

/** What boosting is told, whatever it predicts. */
export type BoostParams = ParamsOf<typeof boostParams>;

export const boostClassifierParams = { ...boostParams, classWeight: CLASS_WEIGHT } as const;

export const boostRegressorParams = {
  loss: {
    type: "choice",
    default: "squared",
    choices: ["squared", "absolute", "quantile", "poisson", "gamma", "tweedie"],
    doc: "What is lowered: squared for means, absolute for medians, quantile; poisson (counts), gamma and tweedie predict e^sum.",
  },
  quantile: {
    type: "float",
    default: 0.5,
    min: 0,
    exclusiveMin: true,
    max: 1,
    exclusiveMax: true,
    doc: 'Which quantile is predicted; for loss "quantile".',
  },
  power: {
    type: "float",
    default: 1.5,
    min: 1,
    exclusiveMin: true,
    max: 2,
    exclusiveMax: true,
    doc: 'Power of the mean that the variance grows with; for loss "tweedie".',
  },
  ...boostParams,
} as const;
