// Cores as a budget: a task takes one or more before it starts and gives them back at its end. First come, first
// served. What waits alone gets all free cores, what waits in a crowd gets one each.

/** Waits for cores; `release` gives them back, once. */
export interface Grant {
  readonly threads: number;
  release(): void;
}

interface Wish {
  readonly most: number;
  readonly least: number;
}

/** Hands out `total` cores, at most `each` of them to one task. */
export class CpuSlots {
  readonly #each: number;
  #free: number;
  readonly #total: number;
  readonly #waiting: (Wish & { give(grant: Grant): void })[] = [];

  constructor(total: number, each: number = total) {
    this.#free = total;
    this.#total = total;
    this.#each = each;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves, with `least` to `most` cores, when it is this caller's turn; rejects with the signal's reason before. */
  acquire(signal?: AbortSignal, { most = Number.POSITIVE_INFINITY, least = 1 }: Partial<Wish> = {}): Promise<Grant> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const give = (grant: Grant) => {
        signal?.removeEventListener("abort", leave);
        resolve(grant);
      };
      const leave = () => {
        const place = this.#waiting.findIndex((one) => one.give === give);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push({ most, least: Math.min(least, this.#total), give });
      // A turn later, so that tasks which arrive together share the cores instead of the first taking all.
      setImmediate(() => this.#hand());
    });
  }

  // Internal

  #hand(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const { most, least } = this.#waiting[0];
      // Whoever needs several holds back those behind, or smaller tasks would keep it waiting for ever.
      if (this.#free < least) return;
      const fair = Math.max(least, Math.floor(this.#free / this.#waiting.length));
      const threads = Math.min(fair, this.#each, most);
      this.#free -= threads;
      let held = true;
      const release = () => {
        if (!held) return;
        held = false;
        this.#free += threads;
        this.#hand();
      };
      this.#waiting.shift()?.give({ threads, release });
    }
  }
}
