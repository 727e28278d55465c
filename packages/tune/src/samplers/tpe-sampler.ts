// Tree-structured Parzen estimator (Bergstra et al. 2011), multivariate, with constant liar: the defaults of Optuna 5.
// Parameters that always exist are drawn together; those under a condition one by one, from the trials that had them
// (Optuna's group=false), because the number of groups can grow with the number of combinations.
import type { Random } from "../random.ts";
import type { Choice, Params } from "../space/parameter.ts";
import { type Dimension, drawUniform } from "../space/space.ts";
import type { Trial } from "../trial.ts";
import { valueAt } from "./kernels.ts";
import { ParzenEstimator } from "./parzen.ts";
import type { Sampler, SamplerContext } from "./sampler.ts";
import { type Split, splitTrials } from "./split-trials.ts";

/** The settings of the sampler. */
export interface TpeOptions {
  /** Trials that must be complete or pruned before any is learnt from; uniform until then. */
  readonly startup: number;
  /** Points drawn from the density of good trials, of which the most promising is taken. */
  readonly candidates: number;
  /** How many trials the prior over the whole range counts for. */
  readonly priorWeight: number;
  /** Whether running trials are taken for bad ones. */
  readonly constantLiar: boolean;
}

/** Draws where good trials are dense and the others are not. */
export class TpeSampler implements Sampler {
  readonly #options: TpeOptions;

  constructor(options: TpeOptions) {
    this.#options = options;
  }

  suggest({ space, trials, direction, random }: SamplerContext): Params {
    const { startup, constantLiar } = this.#options;
    if (!enoughFinished(trials, startup)) return space.complete({}, (dimension) => drawUniform(dimension, random));
    const split = splitTrials(trials, direction, constantLiar);
    const always = space.dimensions.filter(({ single, parameter }) => !single && parameter.when === undefined);
    const together = this.#draw(always, split, random);
    return space.complete(together, (dimension) =>
      dimension.single ? drawUniform(dimension, random) : this.#draw([dimension], split, random)[dimension.name],
    );
  }

  // The candidate with the greatest ratio of the two densities, which is the one of greatest expected improvement
  // (Bergstra et al. 2011, eq. 3).
  #draw(dimensions: readonly Dimension[], { below, above }: Split, random: Random): Record<string, Choice> {
    if (dimensions.length === 0) return {};
    const { candidates, priorWeight } = this.#options;
    const good = new ParzenEstimator(dimensions, pointsWith(dimensions, below), priorWeight);
    const other = new ParzenEstimator(dimensions, pointsWith(dimensions, above), priorWeight);
    let best = good.sample(random);
    let bestScore = good.logDensity(best) - other.logDensity(best);
    for (let i = 1; i < candidates; i++) {
      const places = good.sample(random);
      const score = good.logDensity(places) - other.logDensity(places);
      if (score > bestScore) [best, bestScore] = [places, score];
    }
    return Object.fromEntries(dimensions.map((dimension, d) => [dimension.name, valueAt(dimension, best[d])]));
  }
}

// Internal

function enoughFinished(trials: readonly Trial[], startup: number): boolean {
  let finished = 0;
  for (const { state } of trials) if (state === "complete" || state === "pruned") finished++;
  return finished >= startup;
}

function pointsWith(dimensions: readonly Dimension[], trials: readonly Trial[]): Params[] {
  const points: Params[] = [];
  for (const { params } of trials) {
    if (dimensions.every(({ name }) => Object.hasOwn(params, name))) points.push(params);
  }
  return points;
}
