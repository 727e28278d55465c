// The kernels of a Parzen estimator along one parameter: one per observation and, last, the prior over the whole
// range. Widths follow Optuna 5's documented rules (source: Bergstra et al. 2011, "Algorithms for Hyper-Parameter
// Optimization", §4.2): each kernel reaches to the farther of its neighbours.
import type { Random } from "../random.ts";
import type { Choice } from "../space/parameter.ts";
import type { CategoricalDimension, Dimension, NumericDimension } from "../space/space.ts";
import { LOG_SQRT_TWO_PI, logNormalMass } from "./normal.ts";

/** Kernels along one parameter; `place` is a coordinate on its axis, or the index of a choice. */
export interface KernelColumn {
  /** A place drawn from kernel `k`. */
  sample(k: number, random: Random): number;
  /** Adds to `out[k]` the logarithm of kernel k's density (of its mass, where places are discrete) at `place`. */
  addLogDensity(place: number, out: Float64Array): void;
}

/** The kernels around observed values of a parameter, in that order, and the prior's. */
export function kernelsOf(dimension: Dimension, observed: readonly Choice[], priorWeight: number): KernelColumn {
  if (!("axis" in dimension)) return new CategoricalKernels(dimension, observed, priorWeight);
  return dimension.axis.discrete
    ? new DiscreteKernels(dimension, observed)
    : new ContinuousKernels(dimension, observed);
}

/** The place of a value: what `addLogDensity` takes. */
export function placeOf(dimension: Dimension, value: Choice): number {
  return "axis" in dimension ? dimension.axis.encode(value as number) : dimension.places.get(value)!;
}

/** The value at a place. */
export function valueAt(dimension: Dimension, place: number): Choice {
  return "axis" in dimension ? dimension.axis.decode(place) : dimension.choices[place];
}

/** Centres and widths along [low, high], the prior's last. */
export function normalKernels(centres: ArrayLike<number>, low: number, high: number) {
  const n = centres.length;
  const range = high - low;
  const mu = new Float64Array(n + 1);
  for (let k = 0; k < n; k++) mu[k] = centres[k];
  mu[n] = 0.5 * (low + high);
  const sigma = neighbourWidths(mu.subarray(0, n), low, high);
  const narrowest = range / Math.min(100, n + 2);
  for (let k = 0; k < n; k++) sigma[k] = Math.min(Math.max(sigma[k], narrowest), range);
  sigma[n] = range;
  return { mu, sigma };
}

// Internal

// One more place than centres, for the prior. Between the ends of the range stand the sorted centres; the outermost of
// two or more look only inwards, for the ends are no observations. Of equal centres, which are all alike, the oldest
// takes the first place.
function neighbourWidths(mu: Float64Array, low: number, high: number): Float64Array {
  const n = mu.length;
  const sorted = mu.slice().sort();
  const taken = new Uint32Array(n);
  const sigma = new Float64Array(n + 1);
  for (let k = 0; k < n; k++) {
    const first = lowerBound(sorted, mu[k]);
    const rank = first + taken[first]++;
    const below = mu[k] - (rank > 0 ? sorted[rank - 1] : low);
    const above = (rank < n - 1 ? sorted[rank + 1] : high) - mu[k];
    if (n === 1 || (rank > 0 && rank < n - 1)) sigma[k] = Math.max(below, above);
    else sigma[k] = rank === 0 ? above : below;
  }
  return sigma;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

// Centres lie inside the range and no kernel is wider than it, so at least a third of all draws is kept.
function truncatedNormal(mu: number, sigma: number, { low, high }: { low: number; high: number }, random: Random) {
  for (;;) {
    const x = mu + sigma * random.normal();
    if (x >= low && x <= high) return x;
  }
}

class ContinuousKernels implements KernelColumn {
  readonly #axis: NumericDimension["axis"];
  readonly #mu: Float64Array;
  readonly #sigma: Float64Array;
  // Of each kernel: what its log density has besides the square, and 1 / sigma.
  readonly #offset: Float64Array;
  readonly #scale: Float64Array;

  constructor({ axis }: NumericDimension, observed: readonly Choice[]) {
    const { mu, sigma } = normalKernels(coordinates(axis, observed), axis.low, axis.high);
    this.#axis = axis;
    this.#mu = mu;
    this.#sigma = sigma;
    this.#scale = sigma.map((s) => 1 / s);
    this.#offset = sigma.map(
      (s, k) => -Math.log(s) - LOG_SQRT_TWO_PI - logNormalMass((axis.low - mu[k]) / s, (axis.high - mu[k]) / s),
    );
  }

  sample(k: number, random: Random): number {
    return truncatedNormal(this.#mu[k], this.#sigma[k], this.#axis, random);
  }

  addLogDensity(place: number, out: Float64Array): void {
    const mu = this.#mu;
    const scale = this.#scale;
    const offset = this.#offset;
    for (let k = 0; k < out.length; k++) {
      const z = (place - mu[k]) * scale[k];
      out[k] += offset[k] - 0.5 * z * z;
    }
  }
}

// The mass of a kernel in the cell of a value. Observations of a discrete parameter repeat, so that masses are worked
// out once per different kernel.
class DiscreteKernels implements KernelColumn {
  readonly #axis: NumericDimension["axis"];
  readonly #mu: Float64Array;
  readonly #sigma: Float64Array;
  /** Of each kernel, which of the different ones it is. */
  readonly #kind: Uint32Array;
  /** Of each different kernel, one that is like it, and the logarithm of its mass within the range. */
  readonly #first: number[] = [];
  readonly #logRange: number[] = [];
  readonly #logMass: Float64Array;

  constructor({ axis }: NumericDimension, observed: readonly Choice[]) {
    const { mu, sigma } = normalKernels(coordinates(axis, observed), axis.low, axis.high);
    this.#axis = axis;
    this.#mu = mu;
    this.#sigma = sigma;
    this.#kind = this.#findKinds();
    this.#logMass = new Float64Array(this.#first.length);
  }

  sample(k: number, random: Random): number {
    const axis = this.#axis;
    return axis.encode(axis.decode(truncatedNormal(this.#mu[k], this.#sigma[k], axis, random)));
  }

  addLogDensity(place: number, out: Float64Array): void {
    const [from, to] = this.#axis.cell(this.#axis.decode(place));
    const logMass = this.#logMass;
    for (let kind = 0; kind < logMass.length; kind++) {
      const k = this.#first[kind];
      const s = this.#sigma[k];
      logMass[kind] = logNormalMass((from - this.#mu[k]) / s, (to - this.#mu[k]) / s) - this.#logRange[kind];
    }
    for (let k = 0; k < out.length; k++) out[k] += logMass[this.#kind[k]];
  }

  #findKinds(): Uint32Array {
    const known = new Map<number, Map<number, number>>();
    return Uint32Array.from(this.#mu, (mu, k) => {
      const sigma = this.#sigma[k];
      const ofCentre = known.get(mu) ?? new Map<number, number>();
      known.set(mu, ofCentre);
      let kind = ofCentre.get(sigma);
      if (kind === undefined) {
        kind = this.#first.length;
        ofCentre.set(sigma, kind);
        this.#first.push(k);
        this.#logRange.push(logNormalMass((this.#axis.low - mu) / sigma, (this.#axis.high - mu) / sigma));
      }
      return kind;
    });
  }
}

// A kernel has one share for its own choice and w / K for each choice, w being the prior's weight and K the number of
// kernels; the prior's kernel has the latter alone.
class CategoricalKernels implements KernelColumn {
  readonly #places: Uint32Array;
  readonly #choices: number;
  /** The probability of a kernel's own choice, and of each other. */
  readonly #own: number;
  readonly #other: number;

  constructor({ choices, places }: CategoricalDimension, observed: readonly Choice[], priorWeight: number) {
    const base = priorWeight / (observed.length + 1);
    this.#choices = choices.length;
    this.#places = Uint32Array.from(observed, (value) => places.get(value)!);
    const total = 1 + base * choices.length;
    this.#own = (1 + base) / total;
    this.#other = base / total;
  }

  sample(k: number, random: Random): number {
    const own = this.#places[k];
    if (k === this.#places.length) return random.below(this.#choices);
    // Its own choice gets what it has beyond the others; the rest is spread over all alike.
    return random.uniform() < this.#own - this.#other ? own : random.below(this.#choices);
  }

  addLogDensity(place: number, out: Float64Array): void {
    const own = Math.log(this.#own);
    const other = Math.log(this.#other);
    const n = this.#places.length;
    for (let k = 0; k < n; k++) out[k] += this.#places[k] === place ? own : other;
    out[n] -= Math.log(this.#choices);
  }
}

function coordinates(axis: NumericDimension["axis"], observed: readonly Choice[]): Float64Array {
  const centres = new Float64Array(observed.length);
  for (let k = 0; k < centres.length; k++) centres[k] = axis.encode(observed[k] as number);
  return centres;
}
