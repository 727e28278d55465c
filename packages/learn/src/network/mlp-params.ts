// The parameters of multi-layer perceptrons.
import type { ParamsOf, ParamTable } from "../base/params.ts";

export const MLP_PARAMS = {
  hiddenLayers: { type: "int", default: 1, min: 1, max: 10, doc: "Hidden layers.", search: { min: 1, max: 3 } },
  units: {
    type: "int",
    default: 100,
    min: 1,
    max: 10_000,
    doc: "Units of each hidden layer.",
    search: { min: 8, max: 256, log: true },
  },
  activation: {
    type: "choice",
    choices: ["relu", "tanh", "logistic"],
    default: "relu",
    doc: "What a unit makes of its sum.",
  },
  optimizer: {
    type: "choice",
    choices: ["adam", "momentum"],
    default: "adam",
    doc: "How steps follow from gradients.",
  },
  learningRate: {
    type: "float",
    default: 0.001,
    min: 0,
    exclusiveMin: true,
    doc: "Size of the steps.",
    search: { min: 1e-4, max: 1e-1, log: true },
  },
  momentum: { type: "float", default: 0.9, min: 0, max: 1, exclusiveMax: true, doc: "Of the optimizer momentum." },
  alpha: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Weight of the squared weights against the loss.",
    search: { min: 1e-6, max: 1, log: true },
  },
  batchSize: {
    type: "int",
    default: 200,
    min: 1,
    doc: "Rows per step, at most all.",
    search: { min: 16, max: 512, log: true },
  },
  epochs: { type: "int", default: 200, min: 1, doc: "Passes over the rows, at most." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "It ends when the loss has not fallen by this share of it for `patience` epochs.",
  },
  patience: { type: "int", default: 10, min: 1, doc: "Epochs without gain before it ends." },
  earlyStopping: {
    type: "boolean",
    default: false,
    doc: "Whether rows are held out whose loss decides when to end and which epoch's weights to keep.",
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
} as const satisfies ParamTable;

export type MlpParams = ParamsOf<typeof MLP_PARAMS>;
