// The parameters of gradient descent, the same for regression and classification.
import type { ParamsOf, ParamTable } from "../base/params.ts";

export const DESCENT_PARAMS = {
  method: {
    type: "choice",
    choices: ["batch", "sgd", "minibatch"],
    default: "minibatch",
    doc: "Rows per update: all of them, one, or `batchSize`.",
  },
  batchSize: {
    type: "int",
    default: 32,
    min: 1,
    doc: "Rows per update of the minibatch method.",
    search: { min: 8, max: 512, log: true },
  },
  optimizer: {
    type: "choice",
    choices: ["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"],
    default: "momentum",
    doc: "How gradients become steps; momentum 0 is plain descent, the last four give each weight a rate of its own.",
  },
  momentum: {
    type: "float",
    default: 0,
    min: 0,
    max: 1,
    exclusiveMax: true,
    doc: "Share of the last step that is added to the next, by momentum and nesterov.",
    search: { min: 0, max: 0.98 },
  },
  gradientDecay: {
    type: "float",
    default: 0.9,
    min: 0,
    max: 1,
    exclusiveMax: true,
    doc: "Share of their mean gradient that adam and adamw keep at an update.",
  },
  squareDecay: {
    type: "float",
    default: 0.999,
    min: 0,
    max: 1,
    exclusiveMax: true,
    doc: "Share of their mean squared gradient that rmsprop, adam and adamw keep at an update.",
  },
  averaging: {
    type: "boolean",
    default: false,
    doc: "Whether the model is the mean of the weights after every update.",
  },
  gradientNoise: {
    type: "float",
    default: 0,
    min: 0,
    doc: "Variance of normal noise on every gradient; at update t it is divided by t^0.55.",
  },
  learningRate: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    exclusiveMin: true,
    doc: "Size of the first steps; null takes one that is stable for these columns, or fits their scale.",
    search: { min: 1e-4, max: 1, log: true },
  },
  schedule: {
    type: "choice",
    choices: ["auto", "constant", "invscaling", "step", "exponential", "cosine"],
    default: "auto",
    doc: "How the learning rate falls; auto is constant for batch and cosine otherwise.",
  },
  power: {
    type: "float",
    default: 0.25,
    min: 0,
    doc: "Under invscaling the rate of update t is learningRate / t^power.",
  },
  decay: {
    type: "float",
    default: 0.5,
    min: 0,
    max: 1,
    exclusiveMin: true,
    doc: "Factor per epoch of the exponential schedule, and per `decayEvery` epochs of the step schedule.",
  },
  decayEvery: { type: "int", default: 10, min: 1, doc: "Epochs between the steps of the step schedule." },
  epochs: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    doc: "Largest number of passes over the rows; null is 500 for batch and 50 otherwise.",
  },
  tolerance: {
    type: "float",
    default: 1e-5,
    min: 0,
    nullable: true,
    doc: "Stops when `patience` epochs have lowered the loss by no more than this share; null, and cosine, never do.",
  },
  earlyStopping: {
    type: "boolean",
    default: false,
    doc: "Whether to hold rows out, stop when their loss no longer falls, and keep the best weights.",
  },
  validationFraction: {
    type: "float",
    default: 0.1,
    min: 0,
    max: 1,
    exclusiveMin: true,
    exclusiveMax: true,
    doc: "Share of the rows that early stopping holds out.",
  },
  patience: {
    type: "int",
    default: 5,
    min: 1,
    doc: "Epochs without progress before stopping; 1 / (1 - momentum) times as many for batch, which overshoots.",
  },
  l2: {
    type: "float",
    default: 0,
    min: 0,
    doc: "Weight of half the squared coefficients in the mean loss, not the intercept; adamw decays weights by it.",
    search: { min: 1e-6, max: 1, log: true },
  },
  l1: {
    type: "float",
    default: 0,
    min: 0,
    doc: "Weight of the absolute coefficients in the mean loss, by a proximal step; leaves columns out.",
    search: { min: 1e-6, max: 1, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept." },
  shuffle: {
    type: "boolean",
    default: true,
    doc: "Whether each epoch takes the rows in a new random order; beyond 4 MB it is blocks of shuffled rows.",
  },
} as const satisfies ParamTable;

export type DescentParams = ParamsOf<typeof DESCENT_PARAMS>;

const BATCH_EPOCHS = 500;
const STOCHASTIC_EPOCHS = 50;

/** The largest number of passes over the rows. */
export function epochsOf({ epochs, method }: DescentParams): number {
  return epochs ?? (method === "batch" ? BATCH_EPOCHS : STOCHASTIC_EPOCHS);
}
