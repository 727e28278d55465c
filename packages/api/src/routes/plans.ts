// Plans: how a training would be done, before it is.
import { Plan } from "../resources/plans.ts";
import { RunRequest } from "../resources/runs.ts";
import { define } from "./route.ts";

export const plansRoutes = {
  createPlan: define({
    method: "POST",
    path: "/v1/plans",
    tag: "plans",
    summary: "How a run would be trained: in memory, by threads, out of core or by ranks, with time, memory and price",
    role: "member",
    body: RunRequest,
    response: Plan,
    errors: ["NOT_FOUND", "CONFLICT", "INVALID_TARGET", "INVALID_WEIGHTS", "INVALID_PIPELINE"],
  }),
};
