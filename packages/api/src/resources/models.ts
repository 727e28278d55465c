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

/** What a model over rows takes and gives: columns in, one value out; `target` names it: `cluster` for clustering, `score` for outliers. */
export const RowSignature = z
  .object({
    task: Task,
    target: z.string(),
    classes: z.array(z.string()).nullable(),
    inputs: z.array(InputColumn),
    /** Of a model that can also recommend: its columns of users and items. */
    recommends: z.object({ user: z.string(), item: z.string() }).optional(),
  })
  .meta({ id: "RowSignature" });

/** Element types of tensors, as the Open Inference Protocol spells them; BYTES is text. */
export const DATATYPES = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;

/** One tensor that a model takes or gives. */
export const TensorInfo = z
  .object({
    name: z.string(),
    datatype: z.enum(DATATYPES),
    /** Extents, outermost first; -1 is any. */
    shape: z.array(z.number().int().min(-1)),
  })
  .meta({ id: "TensorInfo" });

/** What a model over tensors (a foreign one) takes and gives. */
export const TensorSignature = z
  .object({ task: z.literal("tensors"), inputs: z.array(TensorInfo), outputs: z.array(TensorInfo) })
  .meta({ id: "TensorSignature" });

/** What a model takes and gives; `task` tells which of the two kinds it is. */
export const Signature = z.union([RowSignature, TensorSignature]).meta({ id: "Signature" });

/** How a model's file is written, which also decides what runs it. */
export const ModelFormat = z.enum(["massif", "onnx"]);

export const ModelVersion = z
  .object({
    model: z.string(),
    version: z.number().int(),
    aliases: z.array(z.string()),
    format: ModelFormat,
    /** The run that made it; empty for an imported model. */
    run: z.string(),
    estimator: z.string(),
    hash: z.string(),
    bytes: z.number(),
    signature: Signature,
    metrics: Metrics,
    /** What to know about an imported model, such as an output that is left out. */
    notes: z.array(z.string()),
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

export const ImportModelQuery = z.object({
  name: Name,
  alias: Name.optional(),
  /** The file's own name, for the record. */
  filename: z.string().min(1).max(255).optional(),
});

export const ExportQuery = z.object({
  /** ONNX, a TypeScript module, or the golden tests of that module. */
  format: z.enum(["onnx", "ts", "ts-test"]).default("onnx"),
  /** Of ONNX: type of numbers at the inputs and outputs; inside everything is double. */
  numbers: z.enum(["float", "double"]).default("float"),
  /** Of the tests: what the module's file is called; default: the model's name with `.ts`. */
  module: z
    .string()
    .max(255)
    .regex(/^[^/\\\n\r]+\.[cm]?ts$/, "must be the name of a file that ends in .ts")
    .optional(),
});

export const AliasRequest = z.object({ version: z.number().int().min(1) });

export type RowSignature = z.infer<typeof RowSignature>;
export type TensorInfo = z.infer<typeof TensorInfo>;
export type TensorSignature = z.infer<typeof TensorSignature>;
export type Signature = z.infer<typeof Signature>;
export type ModelFormat = z.infer<typeof ModelFormat>;
export type ModelVersion = z.infer<typeof ModelVersion>;
export type Model = z.infer<typeof Model>;
