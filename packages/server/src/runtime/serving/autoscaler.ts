// The loop around `decide`: measures, decides and scales one pool, each tick and at once when a request finds no
// replica.
import { type Decision, decide, initialState, type ScalerState } from "./decide.ts";
import type { LoadMeter } from "./load-meter.ts";
import type { ReplicaPool } from "./replica-pool.ts";
import type { ScalePolicy } from "./scale-policy.ts";

/** What the loop works on. */
export interface AutoscalerMeans {
  readonly pool: ReplicaPool;
  readonly meter: LoadMeter;
  /** In seconds. */
  readonly clock: () => number;
}

/** Scales a pool by its load. */
export class Autoscaler {
  readonly #means: AutoscalerMeans;
  #policy: ScalePolicy;
  #state: ScalerState;
  #last: Decision | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(means: AutoscalerMeans, policy: ScalePolicy) {
    this.#means = means;
    this.#policy = policy;
    this.#state = initialState(0);
  }

  /** The latest decision. */
  get last(): Decision | undefined {
    return this.#last;
  }

  /** Begins with `initial` replicas, which the caller has made. */
  start(initial: number): void {
    this.#state = initialState(initial);
    this.#begin();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Goes on with other settings. */
  setPolicy(policy: ScalePolicy): void {
    this.#policy = policy;
    this.#begin();
    this.tick();
  }

  /** Decides and scales now. */
  tick(): void {
    const { pool, meter, clock } = this.#means;
    const { stableWindowSeconds, panicWindowSeconds } = this.#policy;
    const metrics = {
      now: clock(),
      stable: meter.average(stableWindowSeconds),
      panic: meter.average(panicWindowSeconds),
      inFlight: meter.inFlight,
      ready: pool.ready,
    };
    this.#last = decide(metrics, this.#policy, this.#state);
    this.#state = this.#last.state;
    pool.scaleTo(this.#last.desired);
  }

  // Internal

  #begin(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.tick(), this.#policy.tickSeconds * 1000);
    this.#timer.unref();
  }
}
