// Requests in flight over time, as the autoscaler wants them: weighted by time, in buckets of one second (Knative's
// queue-proxy reports the same figure each second), averaged over the last whole seconds. It decides nothing.

/** Counts requests in flight and remembers their mean of each past second. */
export class LoadMeter {
  /** Request-seconds up to the end of each past second, newest last. */
  readonly #marks: number[] = [0];
  readonly #clock: () => number;
  readonly #keep: number;
  #inFlight = 0;
  #sum = 0;
  #at: number;
  #nextMark: number;

  /** `clock` is in seconds and never steps back; `keep` is the longest window, in seconds. */
  constructor(clock: () => number, keep: number) {
    this.#clock = clock;
    this.#keep = keep;
    this.#at = clock();
    this.#nextMark = this.#at + 1;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** One more request. */
  begin(): void {
    this.#advance();
    this.#inFlight++;
  }

  /** One request less. */
  end(): void {
    this.#advance();
    this.#inFlight--;
  }

  /** Mean requests in flight over the last `seconds` whole seconds, or as many as there are; null before the first. */
  average(seconds: number): number | null {
    this.#advance();
    const last = this.#marks.length - 1;
    const span = Math.min(Math.max(1, Math.round(seconds)), last);
    return span === 0 ? null : (this.#marks[last] - this.#marks[last - span]) / span;
  }

  // Internal

  #advance(): void {
    const now = this.#clock();
    while (this.#nextMark <= now) {
      this.#sum += this.#inFlight * (this.#nextMark - this.#at);
      this.#at = this.#nextMark;
      this.#nextMark += 1;
      this.#marks.push(this.#sum);
    }
    if (this.#marks.length > this.#keep * 2 + 2) this.#trim();
    this.#sum += this.#inFlight * (now - this.#at);
    this.#at = now;
  }

  /** Forgets the oldest half, and starts the sum anew so that it keeps its digits for years. */
  #trim(): void {
    this.#marks.splice(0, this.#marks.length - this.#keep - 1);
    const [base] = this.#marks;
    for (let i = 0; i < this.#marks.length; i++) this.#marks[i] -= base;
    this.#sum -= base;
  }
}
