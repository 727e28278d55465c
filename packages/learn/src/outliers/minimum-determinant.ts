// FAST-MCD (Rousseeuw & Van Driessen 1999): the part of the rows whose covariance has the least determinant, looked for
// from many random starts, each improved by taking the rows nearest to the last ellipsoid.
import type { Random } from "../base/random.ts";
import { type Ellipsoid, ellipsoidOf } from "./ellipsoid.ts";

/** Random starts in all, and how many of the best are followed to their end. */
const STARTS = 500;
const BEST = 10;
/** Improvements before the best are chosen. */
const FIRST_STEPS = 2;
/** More rows are looked at in parts of so many first, and at most so many of them. */
const PART = 300;
const PARTS = 5;
const MAX_STEPS = 100;

/** Rows, row-major. */
export interface Cloud {
  readonly values: Float64Array;
  readonly rows: number;
  readonly size: number;
}

/** The ellipsoid of the `support` rows found, and what is told after each part of the work. */
export async function leastDeterminant(
  cloud: Cloud,
  { support, random, tell }: { support: number; random: Random; tell: (step: number, total: number) => Promise<void> },
): Promise<Ellipsoid> {
  const { rows } = cloud;
  const parts = rows < 2 * PART ? 1 : Math.min(PARTS, Math.floor(rows / PART));
  const total = parts + 2;
  const share = support / rows;
  const order = random.permutation(rows);
  let pool: Ellipsoid[] = [];
  for (let part = 0; part < parts; part++) {
    const own = parts === 1 ? order : order.slice(part * PART, (part + 1) * PART);
    const search = new Search(cloud, own, Math.ceil(share * own.length));
    const starts = Array.from({ length: Math.ceil(STARTS / parts) }, () => search.start(random));
    pool.push(...best(starts.map((start) => search.improved(start, FIRST_STEPS))));
    await tell(part + 1, total);
  }
  if (parts > 1) {
    const merged = order.slice(0, parts * PART);
    const search = new Search(cloud, merged, Math.ceil(share * merged.length));
    pool = best(pool.map((start) => search.improved(start, FIRST_STEPS)));
  }
  await tell(parts + 1, total);
  const all = new Search(cloud, order.sort(), support);
  const [found] = best(pool.map((start) => all.improved(start, MAX_STEPS)));
  await tell(total, total);
  return found;
}

// Internal

function best(found: readonly Ellipsoid[]): Ellipsoid[] {
  const ranked = found.map((ellipsoid) => ({ ellipsoid, size: ellipsoid.logDeterminant }));
  return ranked
    .sort((a, b) => a.size - b.size)
    .slice(0, BEST)
    .map(({ ellipsoid }) => ellipsoid);
}

/** Looks among some of the rows for `support` of them. */
class Search {
  readonly #cloud: Cloud;
  readonly #among: Uint32Array;
  readonly #support: number;
  readonly #squares: Float64Array;
  readonly #ranked: Float64Array;
  readonly #chosen: Uint32Array;

  constructor(cloud: Cloud, among: Uint32Array, support: number) {
    this.#cloud = cloud;
    this.#among = among;
    this.#support = support;
    this.#squares = new Float64Array(among.length);
    this.#ranked = new Float64Array(among.length);
    this.#chosen = new Uint32Array(support);
  }

  /** The ellipsoid of just enough random rows to have a volume. */
  start(random: Random): Ellipsoid {
    const { values, size } = this.#cloud;
    const count = Math.min(size + 1, this.#among.length);
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(this.#among[random.below(this.#among.length)]);
    return ellipsoidOf(values, size, Uint32Array.from(drawn));
  }

  /** The ellipsoid of the rows nearest to this one, and so on for at most `steps` or until that stays as it is. */
  improved(start: Ellipsoid, steps: number): Ellipsoid {
    let [current, size] = [start, Number.POSITIVE_INFINITY];
    for (let step = 0; step < steps; step++) {
      const next = this.#nearest(current);
      const nextSize = next.logDeterminant;
      // Never larger but for rounding: equal means that the same rows were chosen.
      if (nextSize >= size) break;
      [current, size] = [next, nextSize];
    }
    return current;
  }

  #nearest(ellipsoid: Ellipsoid): Ellipsoid {
    const { values, size } = this.#cloud;
    const [among, squares, chosen] = [this.#among, this.#squares, this.#chosen];
    for (let i = 0; i < among.length; i++) squares[i] = ellipsoid.squareTo(values, among[i] * size);
    this.#ranked.set(squares);
    const limit = this.#ranked.sort()[this.#support - 1];
    let count = 0;
    for (let i = 0; i < among.length; i++) if (squares[i] < limit) chosen[count++] = among[i];
    for (let i = 0; count < chosen.length; i++) if (squares[i] === limit) chosen[count++] = among[i];
    return ellipsoidOf(values, size, chosen);
  }
}
