// Endpoints and predictions.
import { z } from "zod";
import { DeployRequest, Endpoint, PredictRequest, PredictResponse } from "../resources/endpoints.ts";
import { ByName, define } from "./route.ts";

export const endpointsRoutes = {
  deploy: define({
    method: "PUT",
    path: "/v1/endpoints/:name",
    tag: "endpoints",
    summary: "Put a model version behind an endpoint, new or existing",
    role: "member",
    params: ByName,
    body: DeployRequest,
    response: Endpoint,
    errors: ["NOT_FOUND", "CONFLICT", "BLOB_DAMAGED"],
  }),
  listEndpoints: define({
    method: "GET",
    path: "/v1/endpoints",
    tag: "endpoints",
    summary: "All endpoints",
    role: "viewer",
    response: z.array(Endpoint),
    errors: [],
  }),
  getEndpoint: define({
    method: "GET",
    path: "/v1/endpoints/:name",
    tag: "endpoints",
    summary: "One endpoint with its input schema",
    role: "viewer",
    params: ByName,
    response: Endpoint,
    errors: ["NOT_FOUND"],
  }),
  getEndpointTypes: define({
    method: "GET",
    path: "/v1/endpoints/:name/types",
    tag: "endpoints",
    summary: "TypeScript types and a typed call for an endpoint",
    role: "predict",
    params: ByName,
    response: z.string(),
    answer: "text",
    errors: ["NOT_FOUND"],
  }),
  stopEndpoint: define({
    method: "DELETE",
    path: "/v1/endpoints/:name",
    tag: "endpoints",
    summary: "Stop an endpoint",
    role: "member",
    params: ByName,
    response: Endpoint,
    errors: ["NOT_FOUND"],
  }),
  predict: define({
    method: "POST",
    path: "/v1/endpoints/:name/predict",
    tag: "endpoints",
    summary: "Predict rows",
    role: "predict",
    params: ByName,
    body: PredictRequest,
    response: PredictResponse,
    errors: ["NOT_FOUND", "INVALID_ROWS", "TOO_LARGE", "ENDPOINT_STOPPED", "OVERLOADED"],
  }),
};
