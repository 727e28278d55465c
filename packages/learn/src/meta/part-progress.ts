// The progress of a fit that is made of fits: whole percents, of which each part has its share.
import type { FitContext } from "../base/component.ts";

/** Contexts of the parts of one fit, in turn. */
export class PartProgress {
  readonly #context: FitContext;
  readonly #parts: number;
  #started = 0;
  #last = 0;

  constructor(context: FitContext, parts: number) {
    this.#context = context;
    this.#parts = parts;
  }

  /**
   * The context of the next part, with the weights of its rows. Its report passes on what grows, so that a host can stop
   * a long part; checkpoints and watched rows are the whole's, and the whole has none.
   */
  next(weights: Float64Array | undefined): FitContext {
    const first = this.#started++;
    const { runtime, seed } = this.#context;
    return {
      runtime,
      seed,
      weights,
      // The last percent of a part is told when it is done.
      report: ({ step, total }) => this.#tell(first + Math.min(1, step / Math.max(total, 1)) * 0.99),
    };
  }

  /** Tells that all parts begun are done. */
  done(): Promise<void> {
    return this.#tell(this.#started);
  }

  async #tell(parts: number): Promise<void> {
    const step = Math.floor((100 * parts) / this.#parts);
    if (step <= this.#last) return;
    this.#last = step;
    await this.#context.report({ step, total: 100, unit: "percent" });
  }
}
