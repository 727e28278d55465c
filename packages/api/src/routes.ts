// The one table of routes. The server registers its handlers from it, OpenAPI and the reference are generated from it,
// and the typed client reads its types.
import { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import {
  AuditEntry,
  CatalogueEntry,
  Health,
  Key,
  KeyRequest,
  NewKey,
  type Role,
  SystemInfo,
  Usage,
  UsageQuery,
} from "./resources/access.ts";
import { Name } from "./resources/common.ts";
import { Dataset, DatasetVersion, SqlRequest, SqlResult, UploadQuery } from "./resources/datasets.ts";
import { DeployRequest, Endpoint, PredictRequest, PredictResponse } from "./resources/endpoints.ts";
import { AliasRequest, Model, ModelVersion, RegisterRequest } from "./resources/models.ts";
import { Comparison, ComparisonRequest, Run, RunEvent, RunRequest } from "./resources/runs.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` for parameters. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** The least role that may call it; null: no key needed. */
  readonly role: Role | null;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** `stream`: the body is the raw bytes of a file. */
  readonly upload?: true;
  readonly response: z.ZodType;
  /** Answers this status when all is well. Default 200. */
  readonly status?: 200 | 201 | 202;
  /** How the answer travels. Default JSON; `events` is server-sent events of `response`. */
  readonly answer?: "json" | "events" | "text" | "file";
  /** Errors beyond those every route can give. */
  readonly errors: readonly ErrorCode[];
}

const ByName = z.object({ name: Name });
const ById = z.object({ id: z.string().min(1).max(100) });
const VersionParams = z.object({ name: Name, version: z.coerce.number().int().min(1) });

export const ROUTES = {
  live: define({
    method: "GET",
    path: "/healthz",
    tag: "health",
    summary: "Is the process alive",
    role: null,
    response: Health,
    errors: [],
  }),
  ready: define({
    method: "GET",
    path: "/readyz",
    tag: "health",
    summary: "Can it serve, with the reason if not",
    role: null,
    response: Health,
    errors: ["OVERLOADED"],
  }),
  metrics: define({
    method: "GET",
    path: "/metrics",
    tag: "health",
    summary: "Prometheus metrics",
    role: null,
    response: z.string(),
    answer: "text",
    errors: [],
  }),

  system: define({
    method: "GET",
    path: "/v1/system",
    tag: "system",
    summary: "Version, database and resources of the server",
    role: "viewer",
    response: SystemInfo,
    errors: [],
  }),
  catalogue: define({
    method: "GET",
    path: "/v1/catalogue",
    tag: "system",
    summary: "Estimators and transformers with their parameters",
    role: "viewer",
    response: z.array(CatalogueEntry),
    errors: [],
  }),
  audit: define({
    method: "GET",
    path: "/v1/audit",
    tag: "system",
    summary: "Latest changes, newest first",
    role: "admin",
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    response: z.array(AuditEntry),
    errors: [],
  }),

  importDataset: define({
    method: "POST",
    path: "/v1/datasets",
    tag: "datasets",
    summary: "Import a file as a data set, or as its next version",
    role: "member",
    query: UploadQuery,
    upload: true,
    response: DatasetVersion,
    status: 202,
    errors: ["TOO_LARGE", "DISK_FULL", "CONFLICT"],
  }),
  listDatasets: define({
    method: "GET",
    path: "/v1/datasets",
    tag: "datasets",
    summary: "All data sets",
    role: "viewer",
    response: z.array(Dataset),
    errors: [],
  }),
  getDataset: define({
    method: "GET",
    path: "/v1/datasets/:name",
    tag: "datasets",
    summary: "The latest version of a data set, with columns and profile",
    role: "viewer",
    params: ByName,
    response: DatasetVersion,
    errors: ["NOT_FOUND"],
  }),
  getDatasetVersion: define({
    method: "GET",
    path: "/v1/datasets/:name/versions/:version",
    tag: "datasets",
    summary: "One version of a data set",
    role: "viewer",
    params: VersionParams,
    response: DatasetVersion,
    errors: ["NOT_FOUND"],
  }),
  sql: define({
    method: "POST",
    path: "/v1/sql",
    tag: "datasets",
    summary: "One read-only query over data sets",
    role: "viewer",
    body: SqlRequest,
    response: SqlResult,
    errors: ["INVALID_SQL", "TIMEOUT"],
  }),

  createRun: define({
    method: "POST",
    path: "/v1/runs",
    tag: "runs",
    summary: "Train one pipeline",
    role: "member",
    body: RunRequest,
    response: Run,
    status: 202,
    errors: ["NOT_FOUND", "CONFLICT", "INVALID_TARGET", "INVALID_PIPELINE"],
  }),
  listRuns: define({
    method: "GET",
    path: "/v1/runs",
    tag: "runs",
    summary: "Runs, newest first",
    role: "viewer",
    query: z.object({
      dataset: Name.optional(),
      comparison: z.string().optional(),
      status: Run.shape.status.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: z.array(Run.omit({ history: true })),
    errors: [],
  }),
  getRun: define({
    method: "GET",
    path: "/v1/runs/:id",
    tag: "runs",
    summary: "One run",
    role: "viewer",
    params: ById,
    response: Run,
    errors: ["NOT_FOUND"],
  }),
  watchRun: define({
    method: "GET",
    path: "/v1/runs/:id/events",
    tag: "runs",
    summary: "Events of a run, past and coming, until it ends",
    role: "viewer",
    params: ById,
    query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
    response: RunEvent,
    answer: "events",
    errors: ["NOT_FOUND"],
  }),
  cancelRun: define({
    method: "POST",
    path: "/v1/runs/:id/cancel",
    tag: "runs",
    summary: "Stop a run",
    role: "member",
    params: ById,
    response: Run,
    errors: ["NOT_FOUND", "CONFLICT"],
  }),

  createComparison: define({
    method: "POST",
    path: "/v1/comparisons",
    tag: "runs",
    summary: "Train several pipelines on one split and rank them",
    role: "member",
    body: ComparisonRequest,
    response: Comparison,
    status: 202,
    errors: ["NOT_FOUND", "CONFLICT", "INVALID_TARGET", "INVALID_PIPELINE"],
  }),
  getComparison: define({
    method: "GET",
    path: "/v1/comparisons/:id",
    tag: "runs",
    summary: "A comparison with its leaderboard",
    role: "viewer",
    params: ById,
    response: Comparison,
    errors: ["NOT_FOUND"],
  }),
  watchComparison: define({
    method: "GET",
    path: "/v1/comparisons/:id/events",
    tag: "runs",
    summary: "Events of all its runs, past and coming, until all end",
    role: "viewer",
    params: ById,
    response: RunEvent,
    answer: "events",
    errors: ["NOT_FOUND"],
  }),

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

  createKey: define({
    method: "POST",
    path: "/v1/keys",
    tag: "access",
    summary: "Make an API key; its secret is shown this once",
    role: "admin",
    body: KeyRequest,
    response: NewKey,
    status: 201,
    errors: [],
  }),
  listKeys: define({
    method: "GET",
    path: "/v1/keys",
    tag: "access",
    summary: "All keys",
    role: "admin",
    response: z.array(Key),
    errors: [],
  }),
  revokeKey: define({
    method: "DELETE",
    path: "/v1/keys/:id",
    tag: "access",
    summary: "Revoke a key at once",
    role: "admin",
    params: ById,
    response: Key,
    errors: ["NOT_FOUND", "CONFLICT"],
  }),
  usage: define({
    method: "GET",
    path: "/v1/usage",
    tag: "access",
    summary: "What was used and what it costs",
    role: "viewer",
    query: UsageQuery,
    response: Usage,
    errors: [],
  }),
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

/** Errors every route with a key can give. */
export const COMMON_ERRORS: readonly ErrorCode[] = ["INVALID_REQUEST", "UNAUTHENTICATED", "FORBIDDEN", "INTERNAL"];

// Internal

// Keeps each entry's literal types, so that the client infers params, query, body and response.
function define<const R extends Route>(route: R): R {
  return route;
}
