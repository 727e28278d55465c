// Metering of predictions: counted in memory, written once a second in one statement whose rows carry the flush's id.
// A kill loses at most the second since the last flush; a flush that is written again counts once.
import { randomUUID } from "node:crypto";
import { insertUsage, type NewUsage } from "../store/usage.ts";
import type { Means } from "./means.ts";

/** Whose requests are counted together. */
export interface MeterKey {
  readonly projectId: string;
  readonly keyId: string;
  readonly endpointId: string;
  readonly modelVersionId: string;
}

/** What one request used. */
export interface MeterFigures {
  readonly errors: number;
  readonly rows: number;
  /**
   * CPU time of the computation: the time the synchronous compute took on its thread, by the monotonic clock. Reading
   * and writing JSON is not in it.
   */
  readonly cpuSeconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly cost: number;
}

/** What the meter works with; `budgets` are told at once what was used, and when it is written. */
export type MeterMeans = Pick<Means, "store" | "clock"> & Partial<Pick<Means, "priceId" | "budgets">>;

const FLUSH_MS = 1000;

type Counter = MeterKey & { -readonly [F in keyof MeterFigures]: number } & { requests: number };

/** Counts requests and writes them down. */
export class Meter {
  readonly #means: MeterMeans;
  readonly #onError: (error: unknown) => void;
  #counters = new Map<string, Counter>();
  #windowStart: Date;
  /** What could not be written yet, with the ids it was tried with. */
  #unwritten: NewUsage[] = [];
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(means: MeterMeans, onError: (error: unknown) => void) {
    this.#means = means;
    this.#onError = onError;
    this.#windowStart = new Date(means.clock());
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /** Counts one request. */
  add(key: MeterKey, figures: MeterFigures): void {
    const id = `${key.keyId}\0${key.endpointId}\0${key.modelVersionId}`;
    let counter = this.#counters.get(id);
    if (counter === undefined) {
      counter = { ...key, requests: 0, errors: 0, rows: 0, cpuSeconds: 0, bytesIn: 0, bytesOut: 0, cost: 0 };
      this.#counters.set(id, counter);
    }
    counter.requests += 1;
    counter.errors += figures.errors;
    counter.rows += figures.rows;
    counter.cpuSeconds += figures.cpuSeconds;
    counter.bytesIn += figures.bytesIn;
    counter.bytesOut += figures.bytesOut;
    counter.cost += figures.cost;
    this.#means.budgets?.spend(key, figures.cost);
  }

  /** Writes what was counted; what cannot be written is kept for the next time. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** Writes the rest. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    // What waited since a failed flush, and then what was counted meanwhile.
    await this.flush();
    await this.flush();
  }

  // Internal

  async #write(): Promise<void> {
    // While a window waits to be written, the next one stays open: however long the database is away, there is one
    // counter per caller, endpoint and version.
    if (this.#unwritten.length === 0) this.#close();
    if (this.#unwritten.length === 0) return;
    const entries = this.#unwritten;
    try {
      await insertUsage(this.#means.store.db, entries);
      this.#unwritten = this.#unwritten.slice(entries.length);
      for (const { projectId, keyId, cost } of entries)
        this.#means.budgets?.wrote({ projectId, keyId: keyId ?? "" }, cost ?? 0);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Ends the window: its counters get the ids under which they are written, however often that is tried. */
  #close(): void {
    const flush = randomUUID();
    const windowStart = this.#windowStart;
    const { priceId } = this.#means;
    const closed = [...this.#counters.values()].map(
      (counter, i): NewUsage => ({ ...counter, kind: "predict", flushId: `${flush}:${i}`, windowStart, priceId }),
    );
    this.#unwritten = [...this.#unwritten, ...closed];
    this.#counters = new Map();
    this.#windowStart = new Date(this.#means.clock());
  }
}
