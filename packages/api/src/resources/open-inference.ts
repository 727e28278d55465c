// The Open Inference Protocol v2 over REST (open-inference-protocol/specification, inference_rest.md), in its own words.
// Endpoints are its models: one input per column for a model over rows, the model's own inputs for one over tensors.
import { z } from "zod";
import { DATATYPES } from "./models.ts";

const Parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const Shape = z.array(z.number().int().min(0));

export const InferenceServer = z
  .object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: "InferenceServer" });

/** The protocol's text says `live` in both answers, its implementations say `ready` in the second: that one has both. */
export const InferenceLive = z.object({ live: z.boolean() }).meta({ id: "InferenceLive" });
export const InferenceReady = z.object({ live: z.boolean(), ready: z.boolean() }).meta({ id: "InferenceReady" });

export const InferenceModels = z.object({ models: z.array(z.string()) }).meta({ id: "InferenceModels" });

/** -1 is any extent. */
export const InferenceTensor = z
  .object({ name: z.string(), datatype: z.enum(DATATYPES), shape: z.array(z.number().int().min(-1)) })
  .meta({ id: "InferenceTensor" });

export const InferenceModel = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(InferenceTensor),
    outputs: z.array(InferenceTensor),
  })
  .meta({ id: "InferenceModel" });

export const InferenceModelReady = z
  .object({ name: z.string(), ready: z.boolean() })
  .meta({ id: "InferenceModelReady" });

const RequestInput = z.object({
  name: z.string(),
  shape: Shape,
  datatype: z.enum(DATATYPES),
  parameters: Parameters.optional(),
  /** Row-major, flat or nested; text for BYTES, null for a missing value of a column. */
  data: z.array(z.unknown()),
});

export const InferenceRequest = z
  .object({
    id: z.string().optional(),
    parameters: Parameters.optional(),
    inputs: z.array(RequestInput).min(1, "give at least one input"),
    /** Which outputs to answer; all when absent. */
    outputs: z.array(z.object({ name: z.string(), parameters: Parameters.optional() })).optional(),
  })
  .meta({ id: "InferenceRequest" });

const ResponseOutput = z.object({
  name: z.string(),
  shape: Shape,
  datatype: z.enum(DATATYPES),
  parameters: Parameters.optional(),
  /** Row-major and flat; what is no number is null. */
  data: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
});

export const InferenceResponse = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: Parameters.optional(),
    outputs: z.array(ResponseOutput),
  })
  .meta({ id: "InferenceResponse" });

export type InferenceModel = z.infer<typeof InferenceModel>;
export type InferenceTensor = z.infer<typeof InferenceTensor>;
export type InferenceRequest = z.infer<typeof InferenceRequest>;
export type InferenceResponse = z.infer<typeof InferenceResponse>;
