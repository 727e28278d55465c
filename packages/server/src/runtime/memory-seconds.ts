// Memory held over time: resident bytes times seconds, added up from samples of the guard's thread and read by the main
// thread. Between two samples the newer one counts.

/** Bytes of the shared buffer that a sum needs. */
export const MEMORY_SECONDS_BYTES = 16;

/** Adds up resident memory over time, across threads. */
export class MemorySeconds {
  readonly #shared: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.#shared = new Float64Array(shared);
  }

  /** Notes that `bytes` were held since the last sample; `at` is in seconds since the process began. */
  sample(bytes: number, at: number): void {
    const [sum, last] = this.#shared;
    this.#shared[0] = sum + (bytes / 1e6) * (at - last);
    this.#shared[1] = at;
  }

  /** Megabytes (10^6) times seconds until `at`, when `bytes` are held now. */
  until(bytes: number, at: number): number {
    const [sum, last] = this.#shared;
    return sum + (bytes / 1e6) * Math.max(0, at - last);
  }
}
