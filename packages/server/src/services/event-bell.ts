// Tells readers of an event stream that there is something to read. It carries nothing: what there is, and in which
// order, is the database's, so a reader that was late or slow misses nothing.

/** Wakes whoever waits on a topic. */
export class EventBell {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Wakes all that wait on `topic`. */
  ring(topic: string): void {
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
