// Coordinate descent over a few columns as if there were no others, from where all of them stand.
import type { Allocations } from "@massif/kernels";
import { dualityGap } from "./duality-gap.ts";
import type { SquaredRows, Sweeping, WorkingResidual } from "./squared-rows.ts";

interface Until {
  readonly sweeps: number;
  /** A duality gap that is small enough. */
  readonly enough: number;
  /** Coefficients whose largest move is this share of the largest coefficient are at rest. */
  readonly rest: number;
}

/** Sweeps between two looks at the gap, unless the coefficients have come to rest before. */
const SWEEPS = 10;

export class WorkingSet {
  readonly #sweeping: Sweeping;
  readonly #residual: WorkingResidual;
  readonly #all: Uint32Array<ArrayBuffer>;
  /** Products with the target, and where coefficients and correlations stood at first. */
  readonly #pulls: Float64Array;
  readonly #start: Float64Array;
  readonly #before: Float64Array;

  constructor(rows: SquaredRows, memory: Allocations, sweeping: Sweeping) {
    const { chosen, figures, coefficients } = sweeping;
    const { pulls } = rows.moments;
    this.#sweeping = sweeping;
    this.#residual = rows.working(memory, sweeping);
    this.#all = Uint32Array.from(chosen.keys());
    this.#pulls = Float64Array.from(chosen, (j) => pulls[j]);
    this.#start = Float64Array.from(chosen, (j) => coefficients[j]);
    this.#before = Float64Array.from(chosen, (j) => figures.correlations[j]);
  }

  /** Sweeps over the columns until the coefficients are good enough; gives back how often. */
  descend({ sweeps, enough, rest }: Until): number {
    let done = 0;
    while (done < sweeps) {
      const end = Math.min(sweeps, done + SWEEPS);
      const first = this.#residual.sweep(this.#all);
      done++;
      // After one sweep over all, sweeps over those that have a weight: most have none at a sparse minimum.
      const { coefficients } = this.#residual;
      const some = this.#all.filter((k) => coefficients[k] !== 0);
      for (let moved = first; done < end && moved > rest; done++) moved = this.#residual.sweep(some);
      if (first <= rest || this.#gap() <= enough) break;
    }
    return done;
  }

  /** Writes where the chosen columns stand to the coefficients of all columns. */
  write(out: Float64Array): void {
    const { chosen } = this.#sweeping;
    const { coefficients } = this.#residual;
    for (let k = 0; k < chosen.length; k++) out[chosen[k]] = coefficients[k];
  }

  // Internal

  /** The gap if there were no other columns: with D the change of w, R'R is less by D'(X'R before + X'R now). */
  #gap(): number {
    const { figures, l1, l2 } = this.#sweeping;
    const { coefficients, correlations } = this.#residual;
    let { square, withTarget } = figures;
    for (let k = 0; k < correlations.length; k++) {
      const delta = coefficients[k] - this.#start[k];
      square -= delta * (this.#before[k] + correlations[k]);
      withTarget -= delta * this.#pulls[k];
    }
    const now = { correlations, square: Math.max(0, square), withTarget };
    return dualityGap(now, coefficients, { active: this.#all, l1, l2 }).gap;
  }
}
