// Tells readers of an event stream that there is something to read. It carries nothing: what there is, and in which
// order, is the database's, so a reader that was late or slow misses nothing.
import { AsyncResource } from "node:async_hooks";

/** Rings of one topic within this time are told as one; short enough to look live. */
const TELL_MS = 50;

/** Wakes whoever waits on a topic. */
export class EventBell {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #tell: ((topic: string) => unknown) | undefined;
  readonly #untold = new Set<string>();
  readonly #tellAll: () => void;

  /** `tell` carries a ring on to other processes, at most every few milliseconds for one topic. */
  constructor(tell?: (topic: string) => unknown) {
    this.#tell = tell;
    // Bound to where the bell was made: who rings may be inside a transaction, which telling must not become part of.
    this.#tellAll = AsyncResource.bind(() => {
      const topics = [...this.#untold];
      this.#untold.clear();
      for (const topic of topics) this.#tell?.(topic);
    });
  }

  /** Wakes all that wait on `topic`, here and elsewhere. */
  ring(topic: string): void {
    this.hear(topic);
    if (this.#tell === undefined) return;
    if (this.#untold.size === 0) setTimeout(this.#tellAll, TELL_MS);
    this.#untold.add(topic);
  }

  /** Wakes all that wait on `topic` in this process. */
  hear(topic: string): void {
    const waiting = this.#waiting.get(topic);
    this.#waiting.delete(topic);
    for (const wake of waiting ?? []) wake();
  }

  /**
   * A wait that begins now, so that a ring between a look and the wait is not missed. `rung` resolves at the next ring,
   * after `ms`, or when the signal aborts; `cancel` ends a wait that is not needed.
   */
  listen(topic: string): { rung(ms: number, signal: AbortSignal): Promise<"rung" | "silence">; cancel(): void } {
    let heard = false;
    let wake: () => void = () => undefined;
    const hear = () => {
      heard = true;
      wake();
    };
    const waiting = this.#waiting.get(topic) ?? new Set();
    this.#waiting.set(topic, waiting.add(hear));
    const cancel = () => {
      waiting.delete(hear);
      if (waiting.size === 0 && this.#waiting.get(topic) === waiting) this.#waiting.delete(topic);
    };
    const rung = async (ms: number, signal: AbortSignal) => {
      if (!heard && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener("abort", wake, { once: true });
        });
        signal.removeEventListener("abort", wake);
      }
      cancel();
      return heard ? ("rung" as const) : ("silence" as const);
    };
    return { rung, cancel };
  }
}
