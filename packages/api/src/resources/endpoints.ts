// Endpoints: a model version behind an HTTP path, and predictions from it.
import { z } from "zod";
import { Cost, Name, Timestamp } from "./common.ts";
import { Signature } from "./models.ts";
import { ServingPolicy, ServingPolicyRequest, Variant } from "./serving.ts";

export const DeployRequest = z.object({
  model: Name,
  /** A version number or an alias; default: the newest version. */
  version: z.union([z.number().int().min(1), Name]).optional(),
  /** Percent of the traffic; the variants that are there share the rest as before. Default: all, in their place. */
  weight: z.number().int().min(1).max(100).optional(),
  /** Settings to change. */
  policy: ServingPolicyRequest.optional(),
});

export const Endpoint = z
  .object({
    name: z.string(),
    status: z.enum(["running", "stopped"]),
    path: z.string(),
    model: z.string(),
    version: z.number().int(),
    /** Where predictions are computed: in the gateway itself, in a worker thread, or in a child process. */
    placement: z.enum(["inline", "worker", "process"]),
    /** Who gets the traffic; `model` and `version` name the first. */
    variants: z.array(Variant),
    /** What a roll-back goes back to; null: nothing. */
    previous: z.array(Variant).nullable(),
    policy: ServingPolicy,
    signature: Signature,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: "Endpoint" });

/** One input row: every input column's name and value; null is missing. */
export const Row = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));

/** `rows` for a model over rows, `inputs` for a model over tensors: each input's name and its nested lists of values. */
export const PredictRequest = z
  .object({
    rows: z.array(Row).min(1, "give at least one row").optional(),
    // Values are checked against the model's signature, which says more than a schema could, and faster.
    inputs: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ rows, inputs }) => (rows === undefined) !== (inputs === undefined), {
    message: "give either `rows` (for a model over rows) or `inputs` (for a model over tensors)",
  })
  .meta({ id: "PredictRequest" });

/**
 * A number for regression; the class and each class's probability for classification; the nearest cluster and the
 * distance to each for clustering; for outliers how unusual the row is, and whether that makes it an outlier: above 0.
 */
export const PredictionValue = z
  .union([
    z.number(),
    z.object({ class: z.string(), probabilities: z.record(z.string(), z.number()) }),
    z.object({ cluster: z.number().int(), distances: z.array(z.number()) }),
    z.object({ score: z.number(), outlier: z.boolean() }),
  ])
  .meta({ id: "PredictionValue" });

const Answered = z.object({
  model: z.object({ name: z.string(), version: z.number() }),
  cost: Cost,
  requestId: z.string(),
});

/** What a model over rows answers: one value per row. */
export const RowsAnswer = z
  .object({ predictions: z.array(PredictionValue), ...Answered.shape })
  .meta({ id: "RowsAnswer" });

/** What a model over tensors answers: each output's name and its nested lists; what is no number is null. */
export const TensorsAnswer = z
  .object({ outputs: z.record(z.string(), z.json()), ...Answered.shape })
  .meta({ id: "TensorsAnswer" });

export const PredictResponse = z.union([RowsAnswer, TensorsAnswer]).meta({ id: "PredictResponse" });

export type Endpoint = z.infer<typeof Endpoint>;
export type Row = z.infer<typeof Row>;
export type PredictionValue = z.infer<typeof PredictionValue>;
export type RowsAnswer = z.infer<typeof RowsAnswer>;
export type TensorsAnswer = z.infer<typeof TensorsAnswer>;
export type PredictResponse = z.infer<typeof PredictResponse>;
