// The model registry: versions, aliases and the signature callers see.
import { z } from "zod";
import { Metrics, Name, Task, Timestamp } from "./common.ts";

export const InputColumn = z
  .object({
    name: z.string(),
    kind: z.enum(["number", "category", "date", "text"]),
    categories: z.array(z.string()).optional(),
    example: z.union([z.number(), z.string(), z.null()]).optional(),
  })
  .meta({ id: "InputColumn" });

/** What a model takes and gives. */
export const Signature = z
  .object({ task: Task, target: z.string(), classes: z.array(z.string()).nullable(), inputs: z.array(InputColumn) })
  .meta({ id: "Signature" });

export const ModelVersion = z
  .object({
    model: z.string(),
    version: z.number().int(),
    aliases: z.array(z.string()),
    run: z.string(),
    estimator: z.string(),
    hash: z.string(),
    bytes: z.number(),
    signature: Signature,
    metrics: Metrics,
    createdAt: Timestamp,
  })
  .meta({ id: "ModelVersion" });

export const Model = z
  .object({ name: z.string(), createdAt: Timestamp, versions: z.array(ModelVersion) })
  .meta({ id: "Model" });

export const RegisterRequest = z.object({
  name: Name,
  run: z.string().min(1),
  alias: Name.optional(),
});

export const AliasRequest = z.object({ version: z.number().int().min(1) });

export type Signature = z.infer<typeof Signature>;
export type ModelVersion = z.infer<typeof ModelVersion>;
export type Model = z.infer<typeof Model>;
