// Explanations: what each column adds to a prediction.
import { z } from "zod";
import { PredictionValue, Row } from "./endpoints.ts";

export const ExplainRequest = z
  .object({
    /** As for a prediction: every input column's name and value; null is missing. */
    rows: z.array(Row).min(1, "give at least one row"),
  })
  .meta({ id: "ExplainRequest" });

export const Explanation = z
  .object({
    /** What the model predicts for the row. */
    prediction: PredictionValue,
    /** One for each of the answer's `outputs`. */
    outputs: z.array(
      z.object({
        /** What the model says, in `unit`: the output's `expected` and all contributions together. */
        value: z.number(),
        /** What each of the answer's `columns` adds. */
        contributions: z.array(z.number()),
      }),
    ),
  })
  .meta({ id: "Explanation" });

export const ExplainResponse = z
  .object({
    model: z.object({ name: z.string(), version: z.number() }),
    target: z.string(),
    /** Shapley values of `trees`, by their training rows; or of a `linear` model, whose columns are taken as independent. */
    method: z.enum(["trees", "linear"]),
    /** The number, its natural logarithm, the probability of the class, or its score: of two classes, the log-odds of the second. */
    unit: z.enum(["number", "logarithm", "probability", "score"]),
    /** `step` is null for an input column; else the step that made the column of several. */
    columns: z.array(z.object({ name: z.string(), step: z.string().nullable() })),
    /** What is explained, one class each (of two, the second alone) or the number, and what is said of a row unknown. */
    outputs: z.array(z.object({ class: z.string().nullable(), expected: z.number() })),
    /** One per row. */
    explanations: z.array(Explanation),
    requestId: z.string(),
  })
  .meta({ id: "ExplainResponse" });

export type ExplainRequest = z.infer<typeof ExplainRequest>;
export type Explanation = z.infer<typeof Explanation>;
export type ExplainResponse = z.infer<typeof ExplainResponse>;
