// A handler for every route: takes the request apart, calls a service, gives its answer back. No rules here.
import { ApiError, type Health } from "@massif/api";
import type { Datasets } from "../services/datasets.ts";
import type { Endpoints } from "../services/endpoints.ts";
import type { Keys } from "../services/keys.ts";
import type { Models } from "../services/models.ts";
import type { Queries } from "../services/queries.ts";
import type { RunStreams } from "../services/run-stream.ts";
import type { Runs } from "../services/runs.ts";
import type { System } from "../services/system.ts";
import type { UsageLog } from "../services/usage-log.ts";
import type { Handlers } from "./handlers.ts";

/** The services behind the routes. */
export interface Services {
  readonly datasets: Datasets;
  readonly endpoints: Endpoints;
  readonly keys: Keys;
  readonly models: Models;
  readonly queries: Queries;
  readonly runs: Runs;
  readonly streams: RunStreams;
  readonly system: System;
  readonly usage: UsageLog;
  metricsText(): Promise<string>;
}

/** The handlers over these services. */
export function makeHandlers(services: Services): Handlers {
  return {
    ...systemHandlers(services),
    ...datasetHandlers(services),
    ...runHandlers(services),
    ...modelHandlers(services),
    ...endpointHandlers(services),
    ...keyHandlers(services),
  };
}

// Internal

function systemHandlers({ system, usage, metricsText }: Services) {
  return {
    live: async () => system.live(),
    ready: async () => unlessReady(await system.ready()),
    metrics: () => metricsText(),
    system: async () => system.info(),
    catalogue: async () => system.catalogue(),
    audit: ({ caller, query }) => system.audit(caller, query.limit),
    usage: ({ caller, query }) => usage.read(caller, query),
  } satisfies Partial<Handlers>;
}

function datasetHandlers({ datasets, queries }: Services) {
  return {
    importDataset: ({ caller, query, file }) => datasets.upload(caller, { ...query, file }),
    listDatasets: ({ caller }) => datasets.list(caller),
    getDataset: ({ caller, params }) => datasets.get(caller, params.name),
    getDatasetVersion: ({ caller, params }) => datasets.get(caller, params.name, params.version),
    sql: ({ caller, body, signal }) => queries.run(caller, { ...body, signal }),
  } satisfies Partial<Handlers>;
}

function runHandlers({ runs, streams }: Services) {
  return {
    createRun: ({ caller, body }) => runs.create(caller, body),
    listRuns: ({ caller, query }) => runs.list(caller, query),
    getRun: ({ caller, params }) => runs.get(caller, params.id),
    watchRun: async ({ caller, params, query, signal, lastEventId }) =>
      streams.run(caller, { id: params.id, after: placeOf(lastEventId) ?? query.after, signal }),
    cancelRun: ({ caller, params }) => runs.cancel(caller, params.id),
    createComparison: ({ caller, body }) => runs.compare(caller, body),
    getComparison: ({ caller, params }) => runs.getComparison(caller, params.id),
    watchComparison: async ({ caller, params, signal, lastEventId }) =>
      streams.comparison(caller, { id: params.id, after: lastEventId, signal }),
  } satisfies Partial<Handlers>;
}

function modelHandlers({ models }: Services) {
  return {
    registerModel: ({ caller, body }) => models.register(caller, body),
    listModels: ({ caller }) => models.list(caller),
    getModel: ({ caller, params }) => models.get(caller, params.name),
    downloadModel: ({ caller, params }) => models.file(caller, params.name, params.version),
    setAlias: ({ caller, params, body }) => models.setAlias(caller, { ...params, ...body }),
    deleteAlias: ({ caller, params }) => models.deleteAlias(caller, params),
  } satisfies Partial<Handlers>;
}

function endpointHandlers({ endpoints }: Services) {
  return {
    deploy: ({ caller, params, body }) => endpoints.deploy(caller, params.name, body),
    listEndpoints: ({ caller }) => endpoints.list(caller),
    getEndpoint: ({ caller, params }) => endpoints.get(caller, params.name),
    getEndpointTypes: ({ caller, params, origin }) => endpoints.types(caller, params.name, origin),
    stopEndpoint: ({ caller, params }) => endpoints.stop(caller, params.name),
    predict: async ({ caller, params, body, bytesIn, sent }) => {
      const { response, settle } = await endpoints.predict(caller, params.name, { rows: body.rows, bytesIn });
      sent(settle);
      return response;
    },
  } satisfies Partial<Handlers>;
}

function keyHandlers({ keys }: Services) {
  return {
    createKey: ({ caller, body }) => keys.create(caller, body),
    listKeys: ({ caller }) => keys.list(caller),
    revokeKey: ({ caller, params }) => keys.revoke(caller, params.id),
  } satisfies Partial<Handlers>;
}

function unlessReady(health: Health): Health {
  if (health.status === "ok") return health;
  const reasons = health.checks.filter(({ ok }) => !ok);
  const details = reasons.map(({ name, reason }) => ({ field: name, problem: reason ?? "" }));
  throw new ApiError("OVERLOADED", `not ready: ${reasons.map(({ reason }) => reason).join("; ")}`, {
    details,
    retryAfter: 2,
  });
}

function placeOf(lastEventId: string | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
