// The groups of replicas of one endpoint, one per model version and placement. They outlive deployments: a version that
// keeps a share of the traffic keeps its replicas, and what the deployment before had stays for a while.

import type { Signature } from "@massif/api";
import type { Logger } from "pino";
import type { Replica } from "../../runtime/replica.ts";
import { ReplicaGroup } from "../../runtime/serving/replica-group.ts";
import type { ServingPolicy } from "../../runtime/serving/serving-policy.ts";
import type { Placement } from "../../runtime/start-replica.ts";

/** A model version as it is to be served. */
export interface ServedVersion {
  readonly modelVersionId: string;
  readonly model: { readonly name: string; readonly version: number };
  readonly signature: Signature;
  /** Starts one replica of it. */
  start(placement: Placement): Promise<Replica>;
}

/** What groups tell. */
export interface GroupEars {
  onBatch(batch: { readonly requests: number; readonly rows: number }): void;
  onColdStart(seconds: number): void;
  onError(error: unknown, message: string): void;
}

/** The replicas of one endpoint. */
export class EndpointGroups {
  readonly #groups = new Map<string, ReplicaGroup>();
  readonly #starting = new Map<string, Promise<ReplicaGroup>>();
  readonly #ears: GroupEars;
  readonly #log: Logger;
  #later: NodeJS.Timeout | undefined;
  /** Whose time to stay runs already. */
  #warm = "";

  constructor(ears: GroupEars, log: Logger) {
    this.#ears = ears;
    this.#log = log;
  }

  /** The group of a version, made with `count` replicas when there is none; throws what starting the first threw. */
  async ensure(version: ServedVersion, policy: ServingPolicy, count: number): Promise<ReplicaGroup> {
    const key = keyOf(version.modelVersionId, policy.placement);
    const known = this.#groups.get(key) ?? this.#starting.get(key);
    if (known !== undefined) return known;
    const starting = this.#begin(this.#make(version, policy), count);
    this.#starting.set(key, starting);
    try {
      const group = await starting;
      this.#groups.set(key, group);
      return group;
    } finally {
      this.#starting.delete(key);
    }
  }

  /** Ends every group but those of `current`; those of `previous` end after `seconds`. */
  keep(current: readonly string[], previous: readonly string[], policy: ServingPolicy): void {
    const now = new Set(current.map((id) => keyOf(id, policy.placement)));
    const warm = new Set(policy.keepPreviousSeconds > 0 ? previous.map((id) => keyOf(id, policy.placement)) : []);
    this.#endAllBut((key) => now.has(key) || warm.has(key));
    const told = [...now, "", ...warm].join("\n");
    if (told === this.#warm) return;
    this.#warm = told;
    clearTimeout(this.#later);
    if (warm.size === 0) return;
    this.#later = setTimeout(() => this.#endAllBut((key) => now.has(key)), policy.keepPreviousSeconds * 1000);
    this.#later.unref();
  }

  /** All groups, also those that only wait for a roll-back. */
  get all(): readonly ReplicaGroup[] {
    return [...this.#groups.values()];
  }

  /** Lets requests be answered, then ends all. */
  async stop(): Promise<void> {
    clearTimeout(this.#later);
    const groups = this.all;
    this.#groups.clear();
    await Promise.all(groups.map((group) => group.stop()));
  }

  /** Refuses what waits, and ends all. */
  async close(): Promise<void> {
    clearTimeout(this.#later);
    await Promise.all(this.all.map((group) => group.close()));
  }

  // Internal

  #make({ signature, start }: ServedVersion, policy: ServingPolicy): ReplicaGroup {
    // Measured once; what it found is where all further replicas go, and they are there sooner.
    let placement = policy.placement;
    const { onBatch, onColdStart } = this.#ears;
    return new ReplicaGroup({
      start: async () => {
        const replica = await start(placement);
        placement = replica.placement;
        return replica;
      },
      policy,
      tensors: signature.task === "tensors" ? signature : undefined,
      log: this.#log,
      onBatch,
      onColdStart,
    });
  }

  async #begin(group: ReplicaGroup, count: number): Promise<ReplicaGroup> {
    try {
      await group.start(count);
      return group;
    } catch (error) {
      await group.close();
      throw error;
    }
  }

  #endAllBut(stays: (key: string) => boolean): void {
    for (const [key, group] of this.#groups) {
      if (stays(key)) continue;
      this.#groups.delete(key);
      group.stop().catch((error) => this.#ears.onError(error, "a replaced replica did not end well"));
    }
  }
}

// Internal

function keyOf(modelVersionId: string, placement: Placement): string {
  return `${modelVersionId} ${placement}`;
}
