// The replicas of one model version: starts and stops them until there are as many as wanted, and lends them out one
// batch at a time. A replica that cannot be started is tried again, each time a little later. How many there should be
// is decided elsewhere (decide.ts).
import type { Logger } from "pino";
import { type Replica, ReplicaUnavailable } from "../replica.ts";

/** What a pool is given. */
export interface PoolOptions {
  start(): Promise<Replica>;
  readonly log: Logger;
  /** A replica became free, or ready again. */
  onFree(): void;
  /** A replica could not be started; `final` when trying again would end the same way. */
  onFailed(error: unknown, final: boolean): void;
}

interface Slot {
  readonly replica: Replica;
  busy: boolean;
  leaving: boolean;
}

const BACK_OFF_MS = { first: 200, most: 30_000 } as const;

/** Keeps so many replicas. */
export class ReplicaPool {
  readonly #options: PoolOptions;
  readonly #slots = new Set<Slot>();
  readonly #ending = new Set<Promise<void>>();
  #target = 0;
  #starting = 0;
  #failures = 0;
  #problem: unknown;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** How many there should be. */
  get target(): number {
    return this.#target;
  }

  get starting(): number {
    return this.#starting;
  }

  /** How many can answer. */
  get ready(): number {
    let count = 0;
    for (const slot of this.#slots) if (isReady(slot)) count++;
    return count;
  }

  /** Memory that all of them hold. */
  get memoryBytes(): number {
    let bytes = 0;
    for (const { replica } of this.#slots) bytes += replica.memoryBytes;
    return bytes;
  }

  /** Why no replica can be started, when the model itself is the reason and it is not yet time to try again. */
  get problem(): unknown {
    return this.#retry === undefined ? undefined : this.#problem;
  }

  /** Where they run, as far as one has been started. */
  get placement(): Replica["placement"] | undefined {
    return this.#first()?.placement;
  }

  /** The one that runs in this thread: it takes any number of requests and is never lent out. */
  get inline(): Replica | undefined {
    const replica = this.#first();
    return replica?.placement === "inline" ? replica : undefined;
  }

  /** Starts or stops replicas until there are `count`; one in this thread is enough for any number. */
  scaleTo(count: number): void {
    this.#target = count;
    if (this.#closed) return;
    const most = this.inline === undefined ? count : Math.min(1, count);
    while (this.#staying() + this.#starting < most && this.#retry === undefined) void this.#startOne();
    for (const slot of this.#leastUseful()) {
      if (this.#staying() + this.#starting <= most) break;
      this.#leave(slot);
    }
  }

  /** Adds a replica that was started already. */
  add(replica: Replica): void {
    const slot: Slot = { replica, busy: false, leaving: false };
    this.#slots.add(slot);
    replica.onAvailability?.((available) => {
      if (available && !slot.busy) this.#options.onFree();
    });
    if (this.#closed) this.#leave(slot);
    else this.#options.onFree();
  }

  /** A free replica, which is busy until it is given back. */
  take(): Replica | undefined {
    for (const slot of this.#slots) {
      if (slot.busy || !isReady(slot)) continue;
      slot.busy = true;
      return slot.replica;
    }
    return undefined;
  }

  giveBack(replica: Replica): void {
    for (const slot of this.#slots) {
      if (slot.replica !== replica) continue;
      slot.busy = false;
      if (slot.leaving) this.#end(slot);
      else if (isReady(slot)) this.#options.onFree();
    }
  }

  /** Whether `take` would give one. */
  get hasFree(): boolean {
    for (const slot of this.#slots) if (!slot.busy && isReady(slot)) return true;
    return false;
  }

  /** Stops all; resolves when the last has ended. */
  async stop(): Promise<void> {
    this.#closed = true;
    this.#target = 0;
    clearTimeout(this.#retry);
    for (const slot of this.#slots) this.#leave(slot);
    while (this.#ending.size > 0) await Promise.allSettled(this.#ending);
  }

  // Internal

  #first(): Replica | undefined {
    for (const slot of this.#slots) if (!slot.leaving) return slot.replica;
    return undefined;
  }

  #staying(): number {
    let count = 0;
    for (const slot of this.#slots) if (!slot.leaving) count++;
    return count;
  }

  /** Those that cannot answer first, then the idle ones. */
  #leastUseful(): Slot[] {
    const worth = (slot: Slot) => (isReady(slot) ? (slot.busy ? 2 : 1) : 0);
    return [...this.#slots].filter((slot) => !slot.leaving).sort((a, b) => worth(a) - worth(b));
  }

  #leave(slot: Slot): void {
    slot.leaving = true;
    if (!slot.busy) this.#end(slot);
  }

  #end(slot: Slot): void {
    this.#slots.delete(slot);
    const ending = slot.replica.stop().catch((err) => this.#options.log.error({ err }, "a replica did not end well"));
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  async #startOne(): Promise<void> {
    this.#starting++;
    try {
      const replica = await this.#options.start();
      this.#starting--;
      this.#failures = 0;
      this.#problem = undefined;
      // Fewer may be wanted by now; a model that turned out to run in this thread needs no second replica.
      const enough = this.inline !== undefined || this.#staying() + this.#starting >= this.#target;
      if (enough || this.#closed) await replica.stop();
      else this.add(replica);
    } catch (error) {
      this.#starting--;
      this.#startAgain(error);
    }
  }

  #startAgain(error: unknown): void {
    const final = !(error instanceof ReplicaUnavailable);
    if (final) this.#problem = error;
    this.#options.log.error({ err: error }, "a replica could not be started");
    if (!this.#closed && this.#retry === undefined) {
      const wait = Math.min(BACK_OFF_MS.first * 2 ** this.#failures++, BACK_OFF_MS.most);
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.scaleTo(this.#target);
      }, wait);
      this.#retry.unref();
    }
    this.#options.onFailed(error, final);
  }
}

// Internal

function isReady({ replica, leaving }: Slot): boolean {
  return !leaving && replica.available !== false;
}
