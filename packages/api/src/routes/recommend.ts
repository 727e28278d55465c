// Recommendations from an endpoint.
import { RecommendRequest, RecommendResponse } from "../resources/recommend.ts";
import { ByName, define } from "./route.ts";

export const recommendRoutes = {
  recommend: define({
    method: "POST",
    path: "/v1/endpoints/:name/recommend",
    tag: "endpoints",
    summary: "The best items for a user",
    role: "predict",
    spends: true,
    params: ByName,
    body: RecommendRequest,
    response: RecommendResponse,
    errors: ["NOT_FOUND", "ENDPOINT_STOPPED", "OVERLOADED", "BUDGET_EXCEEDED", "RATE_LIMITED"],
  }),
};
