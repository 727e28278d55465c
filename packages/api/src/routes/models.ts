// The model registry.
import { z } from "zod";
import { Name } from "../resources/common.ts";
import { AliasRequest, Model, ModelVersion, RegisterRequest } from "../resources/models.ts";
import { ByName, define, VersionParams } from "./route.ts";

export const modelsRoutes = {
  registerModel: define({
    method: "POST",
    path: "/v1/models",
    tag: "models",
    summary: "Register a run's model as the next version",
    role: "member",
    body: RegisterRequest,
    response: ModelVersion,
    status: 201,
    errors: ["NOT_FOUND", "CONFLICT"],
  }),
  listModels: define({
    method: "GET",
    path: "/v1/models",
    tag: "models",
    summary: "All models with their versions",
    role: "viewer",
    response: z.array(Model),
    errors: [],
  }),
  getModel: define({
    method: "GET",
    path: "/v1/models/:name",
    tag: "models",
    summary: "One model with its versions",
    role: "viewer",
    params: ByName,
    response: Model,
    errors: ["NOT_FOUND"],
  }),
  downloadModel: define({
    method: "GET",
    path: "/v1/models/:name/versions/:version/file",
    tag: "models",
    summary: "The model file (safetensors)",
    role: "viewer",
    params: VersionParams,
    response: z.unknown(),
    answer: "file",
    errors: ["NOT_FOUND", "BLOB_DAMAGED"],
  }),
  setAlias: define({
    method: "PUT",
    path: "/v1/models/:name/aliases/:alias",
    tag: "models",
    summary: "Point an alias at a version",
    role: "member",
    params: ByName.extend({ alias: Name }),
    body: AliasRequest,
    response: Model,
    errors: ["NOT_FOUND"],
  }),
  deleteAlias: define({
    method: "DELETE",
    path: "/v1/models/:name/aliases/:alias",
    tag: "models",
    summary: "Remove an alias",
    role: "member",
    params: ByName.extend({ alias: Name }),
    response: Model,
    errors: ["NOT_FOUND"],
  }),
};
