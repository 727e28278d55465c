// Endpoints: a model version behind a name. A new version is loaded, tried and measured while the old one answers; then
// the record and the traffic switch, and the old replica finishes what it has begun.
import { ApiError, type Endpoint, type PredictResponse, type Signature } from "@massif/api";
import type { ModelSource, Replica } from "../runtime/replica.ts";
import { insertAudit } from "../store/audit.ts";
import { findDeployment, insertDeployment } from "../store/deployments.ts";
import {
  ensureEndpoint,
  findEndpoint,
  listEndpoints,
  listRunningEndpoints,
  updateEndpoint,
} from "../store/endpoints.ts";
import { findModelVersionById, nameModelVersions } from "../store/model-versions.ts";
import type { Row } from "../store/schema.ts";
import type { Caller } from "./caller.ts";
import { toApiError } from "./failures.ts";
import type { Means } from "./means.ts";
import type { Meter } from "./meter.ts";
import type { Models } from "./models.ts";
import { type PredictAsked, predictAnswer } from "./predict-answer.ts";
import { costOf } from "./prices.ts";
import { typescriptSnippet } from "./typescript-snippet.ts";

/** What serving needs beside the usual means. */
export interface ServingMeans {
  readonly meter: Meter;
  startReplica(source: ModelSource): Promise<Replica>;
  onRows(endpoint: string, count: number): void;
  onError(error: unknown, message: string): void;
}

/** A version that answers. */
interface Live {
  readonly endpointId: string;
  readonly deploymentId: string;
  readonly modelVersionId: string;
  readonly model: { readonly name: string; readonly version: number };
  readonly signature: Signature;
  readonly replica: Replica;
}

/** An answer, and what is to be done when its size is known. */
export interface Predicted {
  readonly cost: { readonly amount: number; readonly currency: string };
  readonly response: PredictResponse;
  /** Counts the request; to be called once, when the answer has gone out or could not. */
  settle(bytesOut: number): void;
}

/** Endpoints of a project. */
export class Endpoints {
  readonly #means: Means;
  readonly #serving: ServingMeans;
  readonly #models: Models;
  /** By endpoint id. */
  readonly #live = new Map<string, Promise<Live>>();
  /** By project and name: what a request names, without asking the database. */
  readonly #byName = new Map<string, Live>();
  /** One change of an endpoint at a time. */
  readonly #changes = new Map<string, Promise<unknown>>();

  constructor(means: Means, serving: ServingMeans, models: Models) {
    this.#means = means;
    this.#serving = serving;
    this.#models = models;
  }

  /** Loads everything that was running; an endpoint that cannot be loaded says why when it is called. */
  async restore(): Promise<void> {
    for (const row of await listRunningEndpoints(this.#means.store.db)) {
      await this.#load(row).catch((error) =>
        this.#serving.onError(error, `the endpoint ${row.name} could not be loaded`),
      );
    }
  }

  /** Puts a model version behind a name; throws NOT_FOUND, CONFLICT, BLOB_DAMAGED. */
  deploy(
    caller: Caller,
    name: string,
    { model: modelName, version }: { model: string; version?: number | string },
  ): Promise<Endpoint> {
    return this.#change(keyOf(caller, name), async () => {
      const { model, row } = await this.#models.findVersion(caller, modelName, version);
      const replica = await this.#start(row);
      try {
        const live = await this.#record(caller, name, { model, row, replica });
        this.#switch(keyOf(caller, name), live);
      } catch (error) {
        await replica.stop();
        throw error;
      }
      return this.get(caller, name);
    });
  }

  /** Stops an endpoint; throws NOT_FOUND. */
  stop(caller: Caller, name: string): Promise<Endpoint> {
    return this.#change(keyOf(caller, name), async () => {
      const { store, clock } = this.#means;
      const { projectId, keyId, requestId } = caller;
      const row = await this.#find(caller, name);
      const stopped = await store.transaction(async (tx) => {
        await insertAudit(tx, {
          projectId,
          keyId,
          requestId,
          action: "endpoints.stop",
          resource: row.id,
          detail: { endpoint: name },
        });
        return updateEndpoint(tx, { id: row.id, status: "stopped", at: new Date(clock()) });
      });
      const live = this.#live.get(row.id);
      this.#live.delete(row.id);
      this.#byName.delete(keyOf(caller, name));
      this.#retire(live);
      return this.#resource(stopped ?? row);
    });
  }

  /** All endpoints. */
  async list({ projectId }: Caller): Promise<Endpoint[]> {
    const rows = await listEndpoints(this.#means.store.db, projectId);
    const deployed = rows.filter((row) => row.deployment_id !== null);
    return Promise.all(deployed.map((row) => this.#resource(row)));
  }

  /** One endpoint; throws NOT_FOUND. */
  async get(caller: Pick<Caller, "projectId">, name: string): Promise<Endpoint> {
    return this.#resource(await this.#find(caller, name));
  }

  /** A typed TypeScript call of an endpoint at `origin`; throws NOT_FOUND. */
  async types(caller: Caller, name: string, origin: string): Promise<string> {
    return typescriptSnippet(await this.get(caller, name), origin);
  }

  /** Predicts rows or tensors; throws NOT_FOUND, INVALID_ROWS, TOO_LARGE, ENDPOINT_STOPPED, OVERLOADED. */
  async predict(
    caller: Caller,
    name: string,
    { bytesIn, ...asked }: PredictAsked & { bytesIn: number },
  ): Promise<Predicted> {
    const live = this.#byName.get(keyOf(caller, name)) ?? (await this.#wake(caller, name));
    const answer = await predictAnswer(live, asked, this.#means.limits);
    const { prices } = this.#means;
    const counted = { requests: 1, rows: answer.ok ? answer.rows : 0, cpuSeconds: answer.cpuSeconds };
    const amount = costOf(prices, "predict", counted);
    const settle = (bytesOut: number) => {
      const { endpointId, modelVersionId } = live;
      const key = { projectId: caller.projectId, keyId: caller.keyId, endpointId, modelVersionId };
      this.#serving.meter.add(key, { ...counted, errors: answer.ok ? 0 : 1, bytesIn, bytesOut, cost: amount });
    };
    if (!answer.ok) {
      settle(0);
      throw new ApiError("INVALID_ROWS", answer.message, { details: answer.problems });
    }
    this.#serving.onRows(name, answer.rows);
    const cost = { amount, currency: prices.currency };
    const response = { ...answer.body, model: live.model, cost, requestId: caller.requestId } as PredictResponse;
    return { cost, response, settle };
  }

  /** Ends all replicas. */
  async close(): Promise<void> {
    const live = [...this.#live.values()];
    this.#live.clear();
    this.#byName.clear();
    await Promise.allSettled(live.map(async (one) => (await one).replica.stop()));
  }

  // Internal

  async #change<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#changes.get(key);
    const done = (before ?? Promise.resolve()).then(work, work);
    this.#changes.set(key, done);
    try {
      return await done;
    } finally {
      if (this.#changes.get(key) === done) this.#changes.delete(key);
    }
  }

  async #start(row: Row<"model_versions">): Promise<Replica> {
    const signature = signatureOf(row);
    try {
      const path = await this.#means.blobs.path(row.artifact);
      return await this.#serving.startReplica({ path, sha256: row.artifact, signature });
    } catch (error) {
      throw toApiError(error) ?? error;
    }
  }

  async #record(caller: Caller, name: string, { model, row, replica }: Loaded): Promise<Live> {
    const { store, clock } = this.#means;
    const { projectId, keyId, requestId } = caller;
    return store.transaction(async (tx) => {
      const endpoint = await ensureEndpoint(tx, { projectId, name });
      const deployment = await insertDeployment(tx, {
        endpointId: endpoint.id,
        modelVersionId: row.id,
        createdBy: keyId,
      });
      await updateEndpoint(tx, {
        id: endpoint.id,
        status: "running",
        deploymentId: deployment.id,
        at: new Date(clock()),
      });
      const detail = { endpoint: name, model: model.name, version: row.version };
      await insertAudit(tx, { projectId, keyId, requestId, action: "endpoints.deploy", resource: endpoint.id, detail });
      return live({ endpointId: endpoint.id, deploymentId: deployment.id, row, model: model.name, replica });
    });
  }

  #switch(key: string, next: Live): void {
    const before = this.#live.get(next.endpointId);
    this.#live.set(next.endpointId, Promise.resolve(next));
    this.#byName.set(key, next);
    this.#retire(before);
  }

  /** The old replica ends when its last answer is out; nobody waits for that. */
  #retire(before: Promise<Live> | undefined): void {
    before
      ?.then(({ replica }) => replica.stop())
      .catch((error) => this.#serving.onError(error, "a replaced replica did not end well"));
  }

  /** The first call of an endpoint that another process deployed, or that could not be loaded at start. */
  async #wake(caller: Caller, name: string): Promise<Live> {
    const row = await this.#find(caller, name);
    if (row.status === "stopped") throw new ApiError("ENDPOINT_STOPPED", `the endpoint "${name}" is stopped`);
    return this.#load(row);
  }

  #load(row: Row<"endpoints">): Promise<Live> {
    const known = this.#live.get(row.id);
    if (known !== undefined) return known;
    const loading = this.#loadNow(row);
    this.#live.set(row.id, loading);
    const isCurrent = () => this.#live.get(row.id) === loading;
    loading.then(
      (loaded) => {
        // A deployment or a stop that came meanwhile has put another one in its place, and ends this one.
        if (isCurrent()) this.#byName.set(keyOf({ projectId: row.project_id }, row.name), loaded);
      },
      () => {
        if (isCurrent()) this.#live.delete(row.id);
      },
    );
    return loading;
  }

  async #loadNow(endpoint: Row<"endpoints">): Promise<Live> {
    const { deploymentId, row } = await this.#deployed(endpoint);
    const names = await nameModelVersions(this.#means.store.db, [row.id]);
    const replica = await this.#start(row);
    return live({ endpointId: endpoint.id, deploymentId, row, model: names.get(row.id)?.model ?? "", replica });
  }

  async #deployed(endpoint: Row<"endpoints">): Promise<{ deploymentId: string; row: Row<"model_versions"> }> {
    const { db } = this.#means.store;
    const deployment = await findDeployment(db, endpoint.deployment_id ?? "");
    const row = deployment && (await findModelVersionById(db, deployment.model_version_id));
    if (deployment === undefined || row === undefined)
      throw new ApiError("NOT_FOUND", `nothing is deployed at "${endpoint.name}"`);
    return { deploymentId: deployment.id, row };
  }

  async #find({ projectId }: Pick<Caller, "projectId">, name: string): Promise<Row<"endpoints">> {
    const { db } = this.#means.store;
    const row = await findEndpoint(db, { projectId, ref: name });
    if (row !== undefined && row.deployment_id !== null) return row;
    const known = (await listEndpoints(db, projectId)).map((endpoint) => endpoint.name).slice(0, 10);
    const hint = known.length === 0 ? "none is deployed yet" : `there are: ${known.join(", ")}`;
    throw new ApiError("NOT_FOUND", `there is no endpoint "${name}"; ${hint}`);
  }

  async #resource(endpoint: Row<"endpoints">): Promise<Endpoint> {
    const { row } = await this.#deployed(endpoint);
    const names = await nameModelVersions(this.#means.store.db, [row.id]);
    const loaded = await this.#live.get(endpoint.id)?.catch(() => undefined);
    return {
      name: endpoint.name,
      status: endpoint.status,
      path: `/v1/endpoints/${endpoint.name}/predict`,
      model: names.get(row.id)?.model ?? "",
      version: row.version,
      placement: loaded?.replica.placement ?? "worker",
      signature: signatureOf(row),
      createdAt: endpoint.created_at.toISOString(),
      updatedAt: endpoint.updated_at.toISOString(),
    };
  }
}

// Internal

interface Loaded {
  readonly model: Row<"models">;
  readonly row: Row<"model_versions">;
  readonly replica: Replica;
}

function live(parts: {
  endpointId: string;
  deploymentId: string;
  row: Row<"model_versions">;
  model: string;
  replica: Replica;
}): Live {
  const { endpointId, deploymentId, row, model, replica } = parts;
  const signature = signatureOf(row);
  return {
    endpointId,
    deploymentId,
    modelVersionId: row.id,
    model: { name: model, version: row.version },
    signature,
    replica,
  };
}

function keyOf({ projectId }: Pick<Caller, "projectId">, name: string): string {
  return `${projectId}/${name}`;
}

function signatureOf(row: Row<"model_versions">): Signature {
  return row.signature as unknown as Signature;
}
