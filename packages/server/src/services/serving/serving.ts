// What this process serves: endpoints in memory with their replicas, made to match the database whenever an endpoint
// changes, here or in another process. The new replicas are ready before the traffic switches, and the old ones finish
// what they have begun, so a change costs no request.
import { ApiError } from "@massif/api";
import type { ModelSource, Replica } from "../../runtime/replica.ts";
import type { GroupFigures } from "../../runtime/serving/replica-group.ts";
import type { ServingPolicy } from "../../runtime/serving/serving-policy.ts";
import type { Placement } from "../../runtime/start-replica.ts";
import { findEndpointById, listRunningEndpoints } from "../../store/endpoints.ts";
import type { Row } from "../../store/schema.ts";
import type { Means } from "../means.ts";
import { type DeployedVariant, readDeployed } from "./deployed.ts";
import { EndpointGroups, type ServedVersion } from "./endpoint-groups.ts";
import type { LiveEndpoint } from "./live-endpoint.ts";
import { TrafficLog } from "./traffic-log.ts";

/** What serving needs beside the usual means. */
export interface ServingMeans {
  /** Of the machine: how many replicas an endpoint has at most unless it says otherwise. */
  readonly cores: number;
  startReplica(source: ModelSource, placement: Placement): Promise<Replica>;
  onError(error: unknown, message: string): void;
  /** A batch of an endpoint was answered. */
  onBatch?(endpoint: string, rows: number): void;
  /** Requests of an endpoint waited so long for its first replica. */
  onColdStart?(endpoint: string, seconds: number): void;
}

interface Entry {
  readonly groups: EndpointGroups;
  readonly traffic: TrafficLog;
  coldStarts: number;
  lastColdStartSeconds: number | null;
  live: LiveEndpoint | undefined;
}

/** How often the fullness of endpoints is noted. */
const LEVEL_MS = 2000;

/** The endpoints that this process answers. */
export class Serving {
  readonly #means: Pick<Means, "store" | "blobs" | "clock" | "log">;
  readonly #serving: ServingMeans;
  /** By endpoint id. */
  readonly #entries = new Map<string, Entry>();
  /** By project and name: what a request names, without asking the database. */
  readonly #byName = new Map<string, LiveEndpoint>();
  /** One change of an endpoint at a time. */
  readonly #changes = new Map<string, Promise<LiveEndpoint | undefined>>();
  #levels: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;

  constructor(means: Pick<Means, "store" | "blobs" | "clock" | "log">, serving: ServingMeans) {
    this.#means = means;
    this.#serving = serving;
  }

  get cores(): number {
    return this.#serving.cores;
  }

  /** Loads what is running and follows changes; an endpoint that cannot be loaded says why when it is called. */
  async start(): Promise<void> {
    const { store } = this.#means;
    this.#stopListening = store.changes.onChange(({ kind, id, own }) => {
      if (kind === "endpoint" && !own) this.#heard(id);
      if (kind === "any") for (const known of this.#entries.keys()) this.#heard(known);
    });
    this.#levels = setInterval(() => this.#noteLevels(), LEVEL_MS);
    this.#levels.unref();
    for (const row of await listRunningEndpoints(store.db)) {
      await this.refresh(row.id).catch((error) =>
        this.#serving.onError(error, `the endpoint ${row.name} could not be loaded`),
      );
    }
  }

  /** An endpoint that answers already. */
  find(projectId: string, name: string): LiveEndpoint | undefined {
    return this.#byName.get(keyOf(projectId, name));
  }

  /** All endpoints that answer. */
  get all(): readonly LiveEndpoint[] {
    return [...this.#byName.values()];
  }

  /** How every variant of every endpoint stands, by names. */
  figures(): (GroupFigures & { endpoint: string; model: string })[] {
    return this.all.flatMap(({ name, variants }) =>
      variants.map(({ model, replica }) => ({
        endpoint: name,
        model: `${model.name}@${model.version}`,
        ...replica.figures(),
      })),
    );
  }

  /** The memory that every variant of every endpoint holds now; what is scaled to zero holds none. */
  held(): { projectId: string; endpointId: string; modelVersionId: string; bytes: number }[] {
    return this.all.flatMap(({ id, projectId, variants }) =>
      variants.map(({ modelVersionId, replica }) => {
        return { projectId, endpointId: id, modelVersionId, bytes: replica.memoryBytes };
      }),
    );
  }

  /** An endpoint that answers, by its id. */
  byId(id: string): LiveEndpoint | undefined {
    return this.#entries.get(id)?.live;
  }

  /** How often requests of an endpoint waited for a first replica. */
  coldStarts(id: string): { coldStarts: number; lastColdStartSeconds: number | null } {
    const { coldStarts = 0, lastColdStartSeconds = null } = this.#entries.get(id) ?? {};
    return { coldStarts, lastColdStartSeconds };
  }

  /** Makes memory match the database; undefined when the endpoint is not to answer. Throws what loading threw. */
  refresh(id: string): Promise<LiveEndpoint | undefined> {
    return this.#change(id, () => this.#refresh(id));
  }

  /** Starts a version before it is deployed; throws BLOB_DAMAGED, OVERLOADED. */
  async prepare(endpointId: string, variant: Omit<DeployedVariant, "weight">, policy: ServingPolicy): Promise<void> {
    const { groups } = this.#entry(endpointId);
    await groups.ensure(this.#served(variant), policy, Math.max(1, policy.initialReplicas, policy.minReplicas));
  }

  /** Ends all replicas. */
  async close(): Promise<void> {
    this.#stopListening?.();
    clearInterval(this.#levels);
    this.#byName.clear();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(({ groups }) => groups.close()));
  }

  // Internal

  #heard(id: string): void {
    this.refresh(id).catch((error) =>
      this.#serving.onError(error, "a change by another process could not be followed"),
    );
  }

  #change(id: string, work: () => Promise<LiveEndpoint | undefined>): Promise<LiveEndpoint | undefined> {
    const done = (this.#changes.get(id) ?? Promise.resolve()).then(work, work);
    this.#changes.set(id, done);
    const forget = () => {
      if (this.#changes.get(id) === done) this.#changes.delete(id);
    };
    done.then(forget, forget);
    return done;
  }

  async #refresh(id: string): Promise<LiveEndpoint | undefined> {
    const { db } = this.#means.store;
    const row = await findEndpointById(db, id);
    if (row === undefined || row.status !== "running" || row.deployment_id === null) {
      this.#drop(id);
      return undefined;
    }
    const { deploymentId, variants, previous, policy } = await readDeployed(db, row, this.#serving.cores);
    const entry = this.#entry(id);
    const live = {
      id,
      projectId: row.project_id,
      name: row.name,
      deploymentId,
      policy,
      traffic: entry.traffic,
      variants: await Promise.all(variants.map((variant) => this.#variant(entry, variant, policy))),
    };
    entry.live = live;
    this.#byName.set(keyOf(row.project_id, row.name), live);
    for (const { replica } of live.variants) replica.setPolicy(policy);
    const ids = (all: readonly DeployedVariant[]) => all.map((variant) => variant.row.id);
    entry.groups.keep(ids(variants), ids(previous), policy);
    return live;
  }

  async #variant(
    entry: Entry,
    variant: DeployedVariant,
    policy: ServingPolicy,
  ): Promise<LiveEndpoint["variants"][number]> {
    const { row, model, signature, weight } = variant;
    const replica = await entry.groups.ensure(this.#served(variant), policy, policy.minReplicas);
    return { modelVersionId: row.id, model, signature, weight, replica };
  }

  #served({ row, model, signature }: Omit<DeployedVariant, "weight">): ServedVersion {
    const start = async (placement: Placement) => {
      const path = await this.#means.blobs.path(row.artifact);
      return this.#serving.startReplica({ path, sha256: row.artifact, signature }, placement);
    };
    return { modelVersionId: row.id, model, signature, start };
  }

  #entry(id: string): Entry {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const traffic = new TrafficLog(this.#means.clock);
    const ears = {
      onBatch: (batch: { requests: number; rows: number }) => {
        traffic.batch(batch);
        if (entry.live !== undefined) this.#serving.onBatch?.(entry.live.name, batch.rows);
      },
      onColdStart: (seconds: number) => {
        entry.coldStarts += 1;
        entry.lastColdStartSeconds = seconds;
        if (entry.live !== undefined) this.#serving.onColdStart?.(entry.live.name, seconds);
      },
      onError: this.#serving.onError,
    };
    const groups = new EndpointGroups(ears, this.#means.log);
    const entry: Entry = { groups, traffic, coldStarts: 0, lastColdStartSeconds: null, live: undefined };
    this.#entries.set(id, entry);
    return entry;
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (entry?.live !== undefined) this.#byName.delete(keyOf(entry.live.projectId, entry.live.name));
    entry?.groups
      .stop()
      .catch((error) => this.#serving.onError(error, "the replicas of a stopped endpoint did not end well"));
  }

  #noteLevels(): void {
    for (const { live } of this.#entries.values()) if (live !== undefined) live.traffic.level(levelOf(live));
  }
}

/** Throws ENDPOINT_STOPPED when an endpoint is not to answer. */
export function requireRunning({ name, status }: Row<"endpoints">): void {
  if (status === "stopped") throw new ApiError("ENDPOINT_STOPPED", `the endpoint "${name}" is stopped`);
}

/** How full an endpoint is now, over its variants. */
export function levelOf({ variants }: LiveEndpoint): { replicas: number; queued: number; inFlight: number } {
  const level = { replicas: 0, queued: 0, inFlight: 0 };
  for (const { replica } of variants) {
    const { ready, queued, inFlight } = replica.figures();
    level.replicas += ready;
    level.queued += queued;
    level.inFlight += inFlight;
  }
  return level;
}

// Internal

function keyOf(projectId: string, name: string): string {
  return `${projectId}/${name}`;
}
