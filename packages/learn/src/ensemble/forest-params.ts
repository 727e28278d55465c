// The parameters of forests, which those of random cuts share with those of the best.
import { criterion, maxFeaturesDoc, treeParams } from "../tree/tree-params.ts";

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
