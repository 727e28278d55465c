// Endpoints: names under which model versions answer. Every change of an endpoint's traffic is a new deployment, written
// when its replicas are ready; what is in memory follows (serving/serving.ts).
import { ApiError, type Endpoint, type EndpointTraffic, type ServingPolicyRequest } from "@massif/api";
import { insertAudit } from "../store/audit.ts";
import { insertDeployment } from "../store/deployments.ts";
import { ensureEndpoint, findEndpoint, listEndpoints, updateEndpoint } from "../store/endpoints.ts";
import type { JsonObject, Row } from "../store/schema.ts";
import type { Caller } from "./caller.ts";
import { toApiError } from "./failures.ts";
import type { Means } from "./means.ts";
import type { Models } from "./models.ts";
import { type Deployed, type DeployedVariant, readDeployed, readVariants, signatureOf } from "./serving/deployed.ts";
import { endpointResource, variantState } from "./serving/endpoint-resource.ts";
import { checkPolicy, resolvePolicy, storedPolicy } from "./serving/policy-rules.ts";
import { unknownEndpoint } from "./serving/predictions.ts";
import { requireRunning, type Serving } from "./serving/serving.ts";
import { BUCKET_SECONDS } from "./serving/traffic-log.ts";
import { promoted, requireSameSignature, reweighted, withVariant } from "./serving/variants.ts";
import { typescriptSnippet } from "./typescript-snippet.ts";

/** What is put behind an endpoint. */
export interface DeployAsked {
  readonly model: string;
  readonly version?: number | string;
  /** Percent of the traffic; all of it when absent. */
  readonly weight?: number;
  readonly policy?: ServingPolicyRequest;
}

/** Endpoints of a project. */
export class Endpoints {
  readonly #means: Means;
  readonly #serving: Serving;
  readonly #models: Models;
  /** One change of an endpoint at a time. */
  readonly #changes = new Map<string, Promise<unknown>>();

  constructor(means: Means, serving: Serving, models: Models) {
    this.#means = means;
    this.#serving = serving;
    this.#models = models;
  }

  /** Puts a model version behind a name; throws NOT_FOUND, CONFLICT, INVALID_REQUEST, BLOB_DAMAGED. */
  deploy(caller: Caller, name: string, { model: modelName, version, weight, policy }: DeployAsked): Promise<Endpoint> {
    return this.#change(caller, name, async () => {
      const { model, row } = await this.#models.findVersion(caller, modelName, version);
      const { projectId } = caller;
      const { db } = this.#means.store;
      const endpoint = await ensureEndpoint(db, { projectId, name });
      const next = { row, model: { name: model.name, version: row.version }, signature: signatureOf(row) };
      const now = endpoint.status === "running" ? await readVariants(db, endpoint.deployment_id) : [];
      const variants = withVariant(now, next, weight);
      const settings =
        policy === undefined ? storedPolicy(endpoint.policy) : { ...storedPolicy(endpoint.policy), ...policy };
      const resolved = resolvePolicy(settings, { cores: this.#serving.cores, task: next.signature.task });
      checkPolicy(resolved);
      requireSameSignature(variants);
      if (next.signature.task === "tensors" && (resolved.placement === "inline" || resolved.placement === "worker")) {
        throw new ApiError(
          "INVALID_REQUEST",
          `\`placement\` of a model over tensors must be process or auto, got "${resolved.placement}"`,
        );
      }
      return this.#switch(caller, endpoint, {
        variants,
        prepare: () => this.#serving.prepare(endpoint.id, next, resolved),
        policy: settings,
        action: "endpoints.deploy",
        detail: { model: model.name, version: row.version, ...(weight === undefined ? {} : { weight }) },
      });
    });
  }

  /** Shares the traffic among the variants that are there; throws NOT_FOUND, INVALID_REQUEST. */
  setWeights(caller: Caller, name: string, weights: Readonly<Record<string, number>>): Promise<Endpoint> {
    return this.#change(caller, name, async () => {
      const endpoint = await this.#findRunning(caller, name);
      const variants = reweighted(await readVariants(this.#means.store.db, endpoint.deployment_id), weights);
      return this.#switch(caller, endpoint, {
        variants,
        action: "endpoints.weights",
        detail: { weights: { ...weights } },
      });
    });
  }

  /** Gives one variant everything, the newest when none is named; throws NOT_FOUND, CONFLICT. */
  promote(caller: Caller, name: string, which: { model?: string; version?: number }): Promise<Endpoint> {
    return this.#change(caller, name, async () => {
      const endpoint = await this.#findRunning(caller, name);
      const variants = promoted(await readVariants(this.#means.store.db, endpoint.deployment_id), which);
      const { model } = variants[0];
      return this.#switch(caller, endpoint, {
        variants,
        action: "endpoints.promote",
        detail: { model: model.name, version: model.version },
      });
    });
  }

  /** Goes back to the deployment before; once more goes forward again. Throws NOT_FOUND, CONFLICT, BLOB_DAMAGED. */
  rollback(caller: Caller, name: string): Promise<Endpoint> {
    return this.#change(caller, name, async () => {
      const { store } = this.#means;
      const endpoint = await this.#findRunning(caller, name);
      const variants = await readVariants(store.db, endpoint.previous_id);
      if (variants.length === 0) {
        throw new ApiError("CONFLICT", `the endpoint "${name}" has no deployment to go back to: this is its first`);
      }
      const { policy } = await readDeployed(store.db, endpoint, this.#serving.cores);
      const prepare = async () => {
        for (const variant of variants) await this.#serving.prepare(endpoint.id, variant, policy);
      };
      const detail = { models: variants.map(({ model, weight }) => `${model.name}@${model.version} ${weight} %`) };
      return this.#switch(caller, endpoint, { variants, prepare, action: "endpoints.rollback", detail });
    });
  }

  /** Changes settings; throws NOT_FOUND, INVALID_REQUEST. */
  setPolicy(caller: Caller, name: string, policy: ServingPolicyRequest): Promise<Endpoint> {
    return this.#change(caller, name, async () => {
      const endpoint = await this.#find(caller, name);
      const { db } = this.#means.store;
      const { variants } = await readDeployed(db, endpoint, this.#serving.cores);
      const settings = { ...storedPolicy(endpoint.policy), ...policy };
      checkPolicy(resolvePolicy(settings, { cores: this.#serving.cores, task: variants[0].signature.task }));
      return this.#write(caller, endpoint, {
        policy: settings,
        action: "endpoints.policy",
        detail: { policy: asJson(policy) },
      });
    });
  }

  /** Stops an endpoint; throws NOT_FOUND. */
  stop(caller: Caller, name: string): Promise<Endpoint> {
    return this.#change(caller, name, async () => {
      const endpoint = await this.#find(caller, name);
      return this.#write(caller, endpoint, { status: "stopped", action: "endpoints.stop", detail: {} });
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

  /** Its traffic at this server and how it stands; throws NOT_FOUND. */
  async traffic(caller: Caller, name: string, seconds: number): Promise<EndpointTraffic> {
    const endpoint = await this.#find(caller, name);
    const live = this.#serving.byId(endpoint.id);
    return {
      endpoint: endpoint.name,
      bucketSeconds: BUCKET_SECONDS,
      points: live?.traffic.points(seconds) ?? [],
      now: { variants: (live?.variants ?? []).map(variantState), ...this.#serving.coldStarts(endpoint.id) },
    };
  }

  // Internal

  async #change<T>(caller: Caller, name: string, work: () => Promise<T>): Promise<T> {
    const key = `${caller.projectId}/${name}`;
    const before = this.#changes.get(key);
    const done = (before ?? Promise.resolve()).then(work, work);
    this.#changes.set(key, done);
    try {
      return await done;
    } finally {
      if (this.#changes.get(key) === done) this.#changes.delete(key);
    }
  }

  /** Makes a deployment of `variants` the present one, when its replicas are ready. */
  async #switch(caller: Caller, endpoint: Row<"endpoints">, { prepare, ...change }: Switch): Promise<Endpoint> {
    try {
      await prepare?.();
      return await this.#write(caller, endpoint, { ...change, status: "running" });
    } catch (error) {
      // What was prepared in vain ends.
      await this.#serving.refresh(endpoint.id).catch(() => undefined);
      throw toApiError(error) ?? error;
    }
  }

  /** Writes a change with its audit entry, tells the other processes, and follows it here. */
  async #write(caller: Caller, endpoint: Row<"endpoints">, change: Written): Promise<Endpoint> {
    const { store, clock } = this.#means;
    const { projectId, keyId, requestId } = caller;
    const { variants, policy, status, action, detail } = change;
    const written = await store.transaction(async (tx) => {
      const deployment = variants && (await insertDeployment(tx, newDeployment(endpoint.id, variants, keyId)));
      const updated = await updateEndpoint(tx, {
        id: endpoint.id,
        status,
        ...(deployment === undefined ? {} : { deploymentId: deployment.id, previousId: endpoint.deployment_id }),
        ...(policy === undefined ? {} : { policy: policy === null ? null : asJson(policy) }),
        at: new Date(clock()),
      });
      const audited = { projectId, keyId, requestId, action, resource: endpoint.id };
      await insertAudit(tx, { ...audited, detail: { endpoint: endpoint.name, ...detail } });
      await store.changes.announce(tx, { kind: "endpoint", id: endpoint.id });
      return updated ?? endpoint;
    });
    await this.#serving.refresh(endpoint.id);
    return this.#resource(written);
  }

  async #find({ projectId }: Pick<Caller, "projectId">, name: string): Promise<Row<"endpoints">> {
    const { db } = this.#means.store;
    const row = await findEndpoint(db, { projectId, ref: name });
    if (row !== undefined && row.deployment_id !== null) return row;
    throw await unknownEndpoint({ db, projectId }, name);
  }

  async #findRunning(caller: Caller, name: string): Promise<Row<"endpoints">> {
    const row = await this.#find(caller, name);
    requireRunning(row);
    return row;
  }

  async #resource(endpoint: Row<"endpoints">): Promise<Endpoint> {
    const deployed: Deployed = await readDeployed(this.#means.store.db, endpoint, this.#serving.cores);
    return endpointResource(endpoint, deployed, this.#serving.byId(endpoint.id));
  }
}

// Internal

interface Written {
  readonly variants?: readonly DeployedVariant[];
  readonly policy?: ServingPolicyRequest | null;
  readonly status?: Row<"endpoints">["status"];
  readonly action: string;
  readonly detail: JsonObject;
}

interface Switch extends Written {
  readonly variants: readonly DeployedVariant[];
  /** Starts what is not there yet. */
  prepare?(): Promise<void>;
}

function newDeployment(
  endpointId: string,
  variants: readonly DeployedVariant[],
  createdBy: string,
): Parameters<typeof insertDeployment>[1] {
  const shares = variants.map(({ row, weight }) => ({ modelVersionId: row.id, weight }));
  return { endpointId, modelVersionId: shares[0].modelVersionId, variants: shares, createdBy };
}

function asJson(policy: ServingPolicyRequest): JsonObject {
  return JSON.parse(JSON.stringify(policy)) as JsonObject;
}
