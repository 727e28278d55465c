// Memory that the replicas of endpoints hold, added up over time. Each hour of each endpoint's model version in this
// process has one row of usage, written again each second with the whole hour's sum so far: written twice it counts
// once, and a kill loses at most the second since it was last written.
import { randomUUID } from "node:crypto";
import { type RunningUsage, writeRunningUsage } from "../store/running-usage.ts";
import type { Means } from "./means.ts";
import { costOf } from "./prices.ts";

/** Whose replicas hold how much. */
export interface HeldMemory {
  readonly projectId: string;
  readonly endpointId: string;
  readonly modelVersionId: string;
  readonly bytes: number;
}

interface Sum extends Omit<HeldMemory, "bytes"> {
  readonly hour: number;
  seconds: number;
  memoryMbSeconds: number;
}

type MeterMeans = Pick<Means, "store" | "prices" | "priceId" | "clock">;

const HOUR_MS = 3600_000;
const WRITE_MS = 1000;

/** Adds up and writes down what replicas hold. */
export class ReplicaMeter {
  readonly #means: MeterMeans;
  readonly #held: () => readonly HeldMemory[];
  readonly #onError: (error: unknown) => void;
  /** Names the rows of this process. */
  readonly #process = randomUUID();
  #sums = new Map<string, Sum>();
  #last: number;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(means: MeterMeans, held: () => readonly HeldMemory[], onError: (error: unknown) => void) {
    this.#means = means;
    this.#held = held;
    this.#onError = onError;
    this.#last = means.clock();
  }

  start(): void {
    this.#timer = setInterval(() => void this.write(), WRITE_MS);
    this.#timer.unref();
  }

  /** Adds what was held since the last time and writes it; what cannot be written is written the next time. */
  write(): Promise<void> {
    this.#sample();
    this.#writing ??= this.#write()
      .catch(this.#onError)
      .finally(() => {
        this.#writing = undefined;
      });
    return this.#writing;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    await this.write();
  }

  // Internal

  #sample(): void {
    const now = this.#means.clock();
    const seconds = Math.max(0, now - this.#last) / 1000;
    this.#last = now;
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    for (const { bytes, ...whose } of this.#held()) {
      if (bytes === 0) continue;
      const id = `${whose.endpointId}:${whose.modelVersionId}:${hour}`;
      const sum = this.#sums.get(id) ?? { ...whose, hour, seconds: 0, memoryMbSeconds: 0 };
      sum.seconds += seconds;
      sum.memoryMbSeconds += (bytes / 1e6) * seconds;
      this.#sums.set(id, sum);
    }
  }

  async #write(): Promise<void> {
    const rows = [...this.#sums].map(([id, sum]) => this.#row(id, sum));
    if (rows.length === 0) return;
    await writeRunningUsage(this.#means.store.db, rows);
    // An hour that is over is written; one under way goes on while its replicas do.
    const now = Math.floor(this.#means.clock() / HOUR_MS) * HOUR_MS;
    const alive = new Set(this.#held().map((held) => `${held.endpointId}:${held.modelVersionId}:${now}`));
    for (const id of this.#sums.keys()) if (!alive.has(id)) this.#settled(id, rows);
  }

  /** Forgets a sum whose last word is in the database. */
  #settled(id: string, rows: readonly RunningUsage[]): void {
    const sum = this.#sums.get(id);
    const written = rows.find(({ flushId }) => flushId === this.#flushId(id));
    if (sum !== undefined && written?.seconds === sum.seconds) this.#sums.delete(id);
  }

  #flushId(id: string): string {
    return `serve:${this.#process}:${id}`;
  }

  #row(id: string, { projectId, endpointId, modelVersionId, hour, seconds, memoryMbSeconds }: Sum): RunningUsage {
    const { prices, priceId } = this.#means;
    const cost = costOf(prices, "serve", { memoryMbSeconds });
    const whose = { projectId, endpointId, modelVersionId };
    const windowStart = new Date(hour);
    return {
      ...whose,
      flushId: this.#flushId(id),
      windowStart,
      kind: "serve",
      seconds,
      memoryMbSeconds,
      cost,
      priceId,
    };
  }
}
