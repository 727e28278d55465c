// The loss after each step, thinned when there are many: a picture needs a few hundred points, a run may have millions.
import type { Progress } from "@massif/learn";
import type { HistoryPoint } from "./train-protocol.ts";

const MOST_POINTS = 500;

/** Collects losses; every point kept is one that was reported. */
export class LossHistory {
  #points: HistoryPoint[] = [];
  #every = 1;
  #seen = 0;
  #last: HistoryPoint | undefined;

  add({ step, loss, validationLoss }: Progress): void {
    // What is not finite has no place in JSON, nor on a chart.
    if (loss === undefined || !Number.isFinite(loss)) return;
    const point =
      validationLoss === undefined || !Number.isFinite(validationLoss)
        ? { step, loss }
        : { step, loss, validationLoss };
    this.#last = point;
    if (this.#seen++ % this.#every !== 0) return;
    this.#points.push(point);
    if (this.#points.length <= MOST_POINTS) return;
    this.#points = this.#points.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }

  /** The points kept, the last one always among them. */
  points(): HistoryPoint[] {
    const last = this.#last;
    return last === undefined || this.#points.at(-1) === last ? this.#points : [...this.#points, last];
  }
}
