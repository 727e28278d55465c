// Every combination of a few values per parameter, once each, in an order shuffled by the study's seed: a grid walked
// in order would leave whole corners untried when the budget ends early.
import { SpaceError } from "../errors.ts";
import { Random } from "../random.ts";
import { withoutDrift } from "../space/axis.ts";
import type { Choice, Params } from "../space/parameter.ts";
import type { Dimension, Space } from "../space/space.ts";
import type { Sampler, SamplerContext } from "./sampler.ts";

/** More points than anybody tries, and few enough to be kept in memory. */
const MAX_POINTS = 100_000;

// The stream of the shuffle must be none of a trial's: trials use lanes from 0 up.
const SHUFFLE_LANE = 2 ** 53 - 1;

/** Tries all points of a grid; `levels` values of each numeric parameter, ends included, on its scale. */
export class GridSampler implements Sampler {
  readonly #levels: number;
  // Derived from space and seed alone; kept because each suggestion reads it.
  #kept: { space: Space; seed: number; points: readonly Params[] } | null = null;

  constructor(levels: number) {
    this.#levels = levels;
  }

  suggest({ space, trials, seed }: SamplerContext): Params | null {
    if (this.#kept?.space !== space || this.#kept.seed !== seed)
      this.#kept = { space, seed, points: shuffled(gridPoints(space, this.#levels), seed) };
    const tried = new Set(trials.map(({ params }) => keyOf(space, params)));
    return this.#kept.points.find((point) => !tried.has(keyOf(space, point))) ?? null;
  }
}

/** All points of the grid, the last parameter changing fastest; throws SpaceError where there are too many. */
export function gridPoints(space: Space, levels: number): Params[] {
  let points: Record<string, Choice>[] = [{}];
  for (const dimension of space.dimensions) {
    const values = gridValues(dimension, levels);
    const grown: Record<string, Choice>[] = [];
    for (const point of points) {
      if (!space.isActive(dimension, point)) grown.push(point);
      else for (const value of values) grown.push({ ...point, [dimension.name]: value });
      if (grown.length > MAX_POINTS)
        throw new SpaceError(
          "sampler.levels",
          `the grid has more than ${MAX_POINTS} points; take fewer \`levels\` than ${levels}, fewer parameters, or another sampler`,
        );
    }
    points = grown;
  }
  return points;
}

// Internal

function gridValues(dimension: Dimension, levels: number): readonly Choice[] {
  if (!("axis" in dimension)) return dimension.choices;
  const { axis, parameter } = dimension;
  const { min, max } = parameter as { min: number; max: number };
  const count = Math.min(levels, axis.size, MAX_POINTS + 1);
  const [low, high] = [axis.encode(min), axis.encode(axis.decode(axis.encode(max)))];
  const values = new Set<number>();
  for (let i = 0; i < count; i++) {
    const value = axis.decode(count === 1 ? low : low + ((high - low) * i) / (count - 1));
    values.add(Math.min(Math.max(withoutDrift(value), min), max));
  }
  return [...values];
}

function shuffled(points: readonly Params[], seed: number): Params[] {
  return Array.from(new Random(seed, SHUFFLE_LANE).permutation(points.length), (i) => points[i]);
}

function keyOf(space: Space, params: Params): string {
  return JSON.stringify(space.dimensions.map(({ name }) => (Object.hasOwn(params, name) ? params[name] : [])));
}
