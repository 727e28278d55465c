// Storage is paid by the hour: what a project keeps when an hour is over is counted for that hour, once, whichever
// gateway is first. Hours in which no server ran are counted at the next start, for what was kept was kept.
import { listProjects } from "../store/projects.ts";
import { storedBytes } from "../store/storage.ts";
import { insertUsage, lastStorageWindow, type NewUsage } from "../store/usage.ts";
import type { Means } from "./means.ts";
import { costOf } from "./prices.ts";

const HOUR_MS = 3600_000;
/** How often it is looked whether an hour is over. */
const LOOK_MS = 60_000;
/** Hours that are made up for at most: a month. */
const MOST_HOURS = 744;

/** Counts what is stored. */
export class StorageMeter {
  readonly #means: Pick<Means, "store" | "prices" | "priceId" | "clock">;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(means: Pick<Means, "store" | "prices" | "priceId" | "clock">, onError: (error: unknown) => void) {
    this.#means = means;
    this.#onError = onError;
  }

  start(): void {
    const look = () => {
      this.#looking ??= this.count()
        .catch(this.#onError)
        .finally(() => {
          this.#looking = undefined;
        });
    };
    look();
    this.#timer = setInterval(look, LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Counts every hour that is over and was not counted. */
  async count(): Promise<void> {
    const { store, clock } = this.#means;
    const now = Math.floor(clock() / HOUR_MS) * HOUR_MS;
    for (const project of await listProjects(store.db)) {
      const last = (await lastStorageWindow(store.db, project.id))?.getTime();
      const first = last === undefined ? Math.floor(project.created_at.getTime() / HOUR_MS) * HOUR_MS : last + HOUR_MS;
      const from = Math.max(first, now - MOST_HOURS * HOUR_MS);
      if (from >= now) continue;
      const gigabytes = (await storedBytes(store.db, project.id)) / 1e9;
      const hours = Array.from({ length: (now - from) / HOUR_MS }, (_, i) => from + i * HOUR_MS);
      await insertUsage(
        store.db,
        hours.map((hour) => this.#entry(project.id, hour, gigabytes)),
      );
    }
  }

  // Internal

  #entry(projectId: string, hour: number, storedGbHours: number): NewUsage {
    const { prices, priceId } = this.#means;
    const windowStart = new Date(hour);
    const flushId = `storage:${projectId}:${windowStart.toISOString()}`;
    const cost = costOf(prices, "storage", { storedGbHours });
    return { flushId, windowStart, projectId, kind: "storage", storedGbHours, cost, priceId };
  }
}
