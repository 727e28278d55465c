// Recommendations: the best items for a user, from a model that learned how users like items.
import { z } from "zod";
import { Cost } from "./common.ts";

const Id = z.union([z.string(), z.number()]);

export const RecommendRequest = z
  .object({
    /** As the model's column of users has it. */
    user: Id,
    /** How many items at most. */
    k: z.number().int().min(1).max(1000).default(10),
    /** Leave out what the user has in the training rows. */
    excludeSeen: z.boolean().default(true),
  })
  .meta({ id: "RecommendRequest" });

export const RecommendResponse = z
  .object({
    user: Id,
    /** Whether training knew the user; for others the items are those for users at large. */
    known: z.boolean(),
    /** Best first; `score` is in the target's units or, for implicit feedback, from 0 to about 1. */
    items: z.array(z.object({ item: Id, score: z.number() })),
    model: z.object({ name: z.string(), version: z.number() }),
    cost: Cost,
    requestId: z.string(),
  })
  .meta({ id: "RecommendResponse" });

export type RecommendRequest = z.infer<typeof RecommendRequest>;
export type RecommendResponse = z.infer<typeof RecommendResponse>;
