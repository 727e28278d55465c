// At most so many requests of a key in any minute, counted exactly: the times of a key's latest requests are kept in a
// ring. Each gateway counts what it sees.
import { ApiError } from "@massif/api";

const MINUTE_MS = 60_000;
/** Keys that are remembered; one that has not asked for a minute may be forgotten. */
const MOST_KEYS = 10_000;

/** Where a key stands after a request. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
}

/** Counts the requests of keys. */
export class RateLimiter {
  readonly #clock: () => number;
  readonly #rings = new Map<string, Ring>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts a request of a key that may make `perMinute`; throws RATE_LIMITED, and then does not count it. */
  take(keyId: string, perMinute: number): Allowance {
    const now = this.#clock();
    const ring = this.#ring(keyId, perMinute, now);
    const wait = ring.wait(now);
    if (wait > 0) {
      throw new ApiError("RATE_LIMITED", `this key may make ${perMinute} requests in a minute, and has made them`, {
        retryAfter: Math.max(1, Math.ceil(wait / 1000)),
      });
    }
    ring.push(now);
    return { limit: perMinute, remaining: ring.free(now) };
  }

  // Internal

  #ring(keyId: string, perMinute: number, now: number): Ring {
    const known = this.#rings.get(keyId);
    if (known !== undefined && known.size === perMinute) return known;
    if (this.#rings.size >= MOST_KEYS) this.#forgetIdle(now);
    const ring = new Ring(perMinute, known?.times() ?? []);
    this.#rings.set(keyId, ring);
    return ring;
  }

  #forgetIdle(now: number): void {
    for (const [id, ring] of this.#rings) if (ring.free(now) === ring.size) this.#rings.delete(id);
  }
}

// Internal

/** The times of the latest `size` requests, oldest first from `#next`. */
class Ring {
  readonly size: number;
  readonly #times: Float64Array;
  #next = 0;

  constructor(size: number, times: readonly number[]) {
    this.size = size;
    this.#times = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    for (const time of times.slice(-size)) this.push(time);
  }

  push(time: number): void {
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % this.size;
  }

  /** Milliseconds until one more request is allowed. */
  wait(now: number): number {
    return this.#times[this.#next] + MINUTE_MS - now;
  }

  /** How many more are allowed now. */
  free(now: number): number {
    let low = 0;
    let high = this.size;
    // Times ascend from `#next`: the first that is within the minute ends the free ones.
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[(this.#next + middle) % this.size] + MINUTE_MS > now) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  times(): number[] {
    return Array.from({ length: this.size }, (_, i) => this.#times[(this.#next + i) % this.size]);
  }
}
