// Retraining policies of models.
import { z } from "zod";
import { Policy, PolicyRequest } from "../resources/policies.ts";
import { ByName, define } from "./route.ts";

export const policiesRoutes = {
  setPolicy: define({
    method: "PUT",
    path: "/v1/models/:name/policy",
    tag: "policies",
    summary: "Train a model anew as its data grows, and move its alias when the new version is better",
    role: "member",
    params: ByName,
    body: PolicyRequest,
    response: Policy,
    errors: ["NOT_FOUND", "INVALID_POLICY"],
  }),
  listPolicies: define({
    method: "GET",
    path: "/v1/policies",
    tag: "policies",
    summary: "All retraining policies with their last retrainings",
    role: "viewer",
    response: z.array(Policy),
    errors: [],
  }),
  getPolicy: define({
    method: "GET",
    path: "/v1/models/:name/policy",
    tag: "policies",
    summary: "The retraining policy of a model, with what came of it",
    role: "viewer",
    params: ByName,
    response: Policy,
    errors: ["NOT_FOUND"],
  }),
  deletePolicy: define({
    method: "DELETE",
    path: "/v1/models/:name/policy",
    tag: "policies",
    summary: "Stop retraining a model",
    role: "member",
    params: ByName,
    response: Policy,
    errors: ["NOT_FOUND"],
  }),
};
