// Approximate nearest neighbours by a hierarchical navigable small world (HNSW; Malkov & Yashunin 2018): points link to
// near ones in several directions, some also over wider levels, and a search walks from the widest level down.
import { ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { LinkPool } from "./link-pool.ts";
import type { Metric } from "./metric.ts";
import { placed } from "./metric.ts";
import type { PointSet } from "./point-set.ts";
import { insert, type Neighbours, squareWithin } from "./row-search.ts";

/** Links per point and level, twice as many on the lowest (M of the paper). */
const LINKS = 16;
/** Points looked at for the links of a new one (efConstruction). */
const BUILD_POOL = 100;
/** A level has about 1/16 of the points of the one below: with so many there are far more points than memory holds. */
const MOST_LEVELS = 12;
const NONE = -1;

/** What can be stored: each point's highest level, and its links, level after level, −1 where there is none. */
export interface Graph {
  readonly levels: Uint8Array;
  readonly links: Int32Array;
}

type Rank = (query: Float64Array, values: Float64Array, offset: number, limit: number) => number;

/** A graph over points in the space of a metric. */
export class SmallWorld {
  readonly #space: PointSet;
  readonly #rank: Rank;
  readonly #levels: Uint8Array;
  readonly #links: Int32Array;
  /** While linking, the rank of each link, by which a point's links of a level ascend. */
  #linkRanks = new Float64Array(0);
  /** Where each point's links begin. */
  readonly #starts: Float64Array;
  /** Per point the search that last saw it. */
  readonly #seen: Uint32Array;
  readonly #chosen = new Int32Array(2 * LINKS);
  readonly #chosenRanks = new Float64Array(2 * LINKS);
  readonly #crowd = new Int32Array(2 * LINKS + 1);
  readonly #crowdRanks = new Float64Array(2 * LINKS + 1);
  readonly #isPlain: boolean;
  #search = 0;
  #entry = 0;

  private constructor(points: PointSet, metric: Metric, { levels, links }: Graph) {
    this.#space = metric.isPlain ? points : placed(points, metric);
    this.#isPlain = metric.isPlain;
    const { norm } = metric;
    this.#rank = metric.isPlain ? squareWithin : norm.rank;
    this.#levels = levels;
    this.#links = links;
    this.#starts = startsOf(levels);
    this.#seen = new Uint32Array(points.count);
  }

  /** Links the points, whose levels are drawn by `seed`; calls `tell` now and then with how many are linked. */
  static async build(
    points: PointSet,
    metric: Metric,
    { seed, tell }: { seed: number; tell: (linked: number) => Promise<void> },
  ): Promise<SmallWorld> {
    const random = new Random(seed);
    const levels = new Uint8Array(points.count);
    for (let i = 0; i < levels.length; i++) {
      levels[i] = Math.min(MOST_LEVELS, Math.floor(-Math.log(1 - random.uniform()) / Math.log(LINKS)));
    }
    const links = new Int32Array(lengthOf(levels)).fill(NONE);
    const world = new SmallWorld(points, metric, { levels, links });
    const pool = new LinkPool(BUILD_POOL);
    world.#linkRanks = new Float64Array(links.length);
    for (let i = 1; i < points.count; i++) {
      world.#add(i, pool);
      if (i % 2048 === 0) await tell(i);
    }
    world.#linkRanks = new Float64Array(0);
    return world;
  }

  /** The graph as it was stored. Throws ShapeError, naming `owner`, when it is none over these points. */
  static restore(points: PointSet, metric: Metric, { graph, owner }: { graph: Graph; owner: string }): SmallWorld {
    const { levels, links } = graph;
    if (levels.length !== points.count || levels.some((level) => level > MOST_LEVELS)) {
      throw new ShapeError(`"levels" in the state of ${owner} must have a level of at most ${MOST_LEVELS} per row`);
    }
    if (links.length !== lengthOf(levels)) {
      throw new ShapeError(
        `"links" in the state of ${owner} has ${links.length} elements instead of ${lengthOf(levels)}`,
      );
    }
    const world = new SmallWorld(points, metric, graph);
    if (!world.#isSound()) throw new ShapeError(`"links" in the state of ${owner} lead to rows that are not there`);
    let entry = 0;
    for (let i = 1; i < levels.length; i++) if (levels[i] > levels[entry]) entry = i;
    world.#entry = entry;
    return world;
  }

  get graph(): Graph {
    return { levels: this.#levels, links: this.#links };
  }

  /**
   * A function that finds nearly all of the `k` nearest points to a query in the metric's space, in what it overwrites each
   * time; the more points it may keep in mind, the more of them.
   */
  nearest(k: number, kept: number): (query: Float64Array) => Neighbours {
    const pool = new LinkPool(Math.max(k, kept));
    const found = { numbers: new Int32Array(k), squares: new Float64Array(k) };
    return (query) => {
      let [at, rank] = [this.#entry, this.#rankOf(query, this.#entry)];
      for (let level = this.#levels[at]; level > 0; level--) [at, rank] = this.#descend(query, [at, rank], level);
      this.#fill(pool, query, { from: at, level: 0 });
      if (pool.count < k) return this.#compareAll(query, found, k);
      for (let i = 0; i < k; i++) {
        found.numbers[i] = pool.numbers[i];
        found.squares[i] = pool.ranks[i];
      }
      return found;
    };
  }

  // Internal

  /** The rank, or as soon as that is seen to be beyond `limit` any that is. */
  #rankOf(query: Float64Array, point: number, limit = Number.POSITIVE_INFINITY): number {
    return this.#rank(query, this.#space.values, point * this.#space.features, limit);
  }

  #between(a: number, b: number): number {
    const { values, features } = this.#space;
    if (!this.#isPlain) return this.#rank(this.#placeOf(a), values, b * features, Number.POSITIVE_INFINITY);
    let [x, y, sum] = [a * features, b * features, 0];
    for (const end = x + features; x < end; x++, y++) sum += (values[x] - values[y]) ** 2;
    return sum;
  }

  #placeOf(point: number): Float64Array {
    const { values, features } = this.#space;
    return values.subarray(point * features, (point + 1) * features);
  }

  #startOf(point: number, level: number): number {
    return this.#starts[point] + (level === 0 ? 0 : LINKS * (level + 1));
  }

  /** Links a further point: on each of its levels to near ones, which link back. */
  #add(point: number, pool: LinkPool): void {
    const query = this.#placeOf(point);
    const own = this.#levels[point];
    let at = this.#entry;
    let rank = this.#rankOf(query, at);
    const top = this.#levels[at];
    for (let level = top; level > own; level--) [at, rank] = this.#descend(query, [at, rank], level);
    for (let level = Math.min(top, own); level >= 0; level--) {
      this.#fill(pool, query, { from: at, level });
      at = pool.numbers[0];
      this.#link(point, level, pool);
    }
    if (own > top) this.#entry = point;
  }

  /** The nearest point that can be come to by ever nearer links of a level. */
  #descend(query: Float64Array, [start, startRank]: [number, number], level: number): [number, number] {
    let [at, rank] = [start, startRank];
    for (let isNearer = true; isNearer; ) {
      isNearer = false;
      const begin = this.#startOf(at, level);
      for (let i = begin; i < begin + LINKS && this.#links[i] !== NONE; i++) {
        const other = this.#rankOf(query, this.#links[i]);
        if (other < rank) [at, rank, isNearer] = [this.#links[i], other, true];
      }
    }
    return [at, rank];
  }

  /** Fills the pool with points near to the query that links of a level lead to. */
  #fill(pool: LinkPool, query: Float64Array, { from, level }: { from: number; level: number }): void {
    this.#search++;
    const [seen, links] = [this.#seen, this.#links];
    const width = level === 0 ? 2 * LINKS : LINKS;
    pool.clear();
    pool.offer(from, this.#rankOf(query, from));
    seen[from] = this.#search;
    for (let point = pool.next(); point !== NONE; point = pool.next()) {
      const begin = this.#startOf(point, level);
      for (let i = begin; i < begin + width && links[i] !== NONE; i++) {
        const other = links[i];
        if (seen[other] === this.#search) continue;
        seen[other] = this.#search;
        const { limit } = pool;
        const rank = this.#rankOf(query, other, limit);
        if (rank <= limit) pool.offer(other, rank);
      }
    }
  }

  #link(point: number, level: number, pool: LinkPool): void {
    const start = this.#startOf(point, level);
    const chosen = this.#spread(pool.numbers, { count: pool.count, most: LINKS }, pool.ranks);
    for (let i = 0; i < chosen; i++) {
      const to = this.#chosen[i];
      this.#links[start + i] = to;
      this.#linkRanks[start + i] = this.#chosenRanks[i];
    }
    for (let i = start; i < start + chosen; i++) this.#linkBack(this.#links[i], [point, this.#linkRanks[i]], level);
  }

  /** Adds a link, and where there are too many keeps those that lead to different sides. */
  #linkBack(from: number, [to, rank]: readonly [number, number], level: number): void {
    const width = level === 0 ? 2 * LINKS : LINKS;
    const start = this.#startOf(from, level);
    let end = start;
    while (end < start + width && this.#links[end] !== NONE) end++;
    if (end < start + width) {
      this.#insert(start, end, [to, rank]);
      return;
    }
    // One more than there is room for, in their order.
    const [numbers, ranks] = [this.#crowd, this.#crowdRanks];
    let at = width;
    for (; at > 0 && this.#linkRanks[start + at - 1] > rank; at--) {
      numbers[at] = this.#links[start + at - 1];
      ranks[at] = this.#linkRanks[start + at - 1];
    }
    numbers[at] = to;
    ranks[at] = rank;
    for (let i = 0; i < at; i++) {
      numbers[i] = this.#links[start + i];
      ranks[i] = this.#linkRanks[start + i];
    }
    const chosen = this.#spread(numbers, { count: width + 1, most: width }, ranks);
    for (let i = 0; i < width; i++) {
      this.#links[start + i] = i < chosen ? this.#chosen[i] : NONE;
      this.#linkRanks[start + i] = i < chosen ? this.#chosenRanks[i] : 0;
    }
  }

  #insert(start: number, end: number, [to, rank]: readonly [number, number]): void {
    let at = end;
    for (; at > start && this.#linkRanks[at - 1] > rank; at--) {
      this.#links[at] = this.#links[at - 1];
      this.#linkRanks[at] = this.#linkRanks[at - 1];
    }
    this.#links[at] = to;
    this.#linkRanks[at] = rank;
  }

  /**
   * Of points by rising distance, those that are nearer to the point itself than to one chosen before (algorithm 4): how
   * many, their numbers and ranks in `#chosen` and `#chosenRanks`.
   */
  #spread(numbers: Int32Array, { count, most }: { count: number; most: number }, ranks: Float64Array): number {
    let kept = 0;
    for (let i = 0; i < count && kept < most; i++) {
      let isHidden = false;
      for (let j = 0; j < kept && !isHidden; j++) isHidden = this.#between(numbers[i], this.#chosen[j]) < ranks[i];
      if (isHidden) continue;
      this.#chosen[kept] = numbers[i];
      this.#chosenRanks[kept++] = ranks[i];
    }
    return kept;
  }

  /** Exact, where links led to too few points. */
  #compareAll(query: Float64Array, found: Neighbours, k: number): Neighbours {
    found.squares.fill(Number.POSITIVE_INFINITY);
    found.numbers.fill(0x7fffffff);
    for (let i = 0; i < this.#space.count; i++) {
      const rank = this.#rankOf(query, i);
      if (!(rank > found.squares[k - 1])) insert(found, k, rank, i);
    }
    return found;
  }

  /** Whether every link leads to a point that is on its level. */
  #isSound(): boolean {
    for (let point = 0; point < this.#levels.length; point++) {
      for (let level = 0; level <= this.#levels[point]; level++) {
        const begin = this.#startOf(point, level);
        const end = begin + (level === 0 ? 2 * LINKS : LINKS);
        for (let i = begin; i < end; i++) {
          const to = this.#links[i];
          if (to !== NONE && !(to >= 0 && to < this.#levels.length && this.#levels[to] >= level)) return false;
        }
      }
    }
    return true;
  }
}

// Internal

function widthOf(level: number): number {
  return LINKS * (level + 2);
}

function lengthOf(levels: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < levels.length; i++) sum += widthOf(levels[i]);
  return sum;
}

function startsOf(levels: Uint8Array): Float64Array {
  const starts = new Float64Array(levels.length);
  for (let i = 1; i < levels.length; i++) starts[i] = starts[i - 1] + widthOf(levels[i - 1]);
  return starts;
}
