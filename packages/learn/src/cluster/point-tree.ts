// A k-d tree of points by halves, for searches within a radius and for the nearest point; all in float64, so that what
// lies just on the border is decided as the plain sum of squares decides it.

/** Points per leaf. */
const LEAF = 16;

export class PointTree {
  readonly #points: Float64Array;
  readonly #features: number;
  /** Points in the order of the tree. */
  readonly #order: Uint32Array;
  /** Per node, by the place of its middle, the column that it splits and where. */
  readonly #splits = new Map<number, { readonly column: number; readonly value: number }>();

  /** `points` are row-major. */
  constructor(points: Float64Array, features: number) {
    this.#points = points;
    this.#features = features;
    this.#order = Uint32Array.from({ length: points.length / features }, (_, i) => i);
    this.#build(0, this.#order.length);
  }

  /** Tells `found` every point within `radius` of `query`, in an order that depends on the points alone. */
  within(query: Float64Array, radius: number, found: (point: number) => void): void {
    const limit = radius * radius;
    const visit = (begin: number, end: number): void => {
      if (end - begin <= LEAF) {
        for (let i = begin; i < end; i++) if (this.square(query, this.#order[i]) <= limit) found(this.#order[i]);
        return;
      }
      const { middle, gap } = this.#side(query, begin, end);
      if (gap <= radius) visit(begin, middle);
      if (-gap <= radius) visit(middle, end);
    };
    visit(0, this.#order.length);
  }

  /** The least squared distance from `query` to a point, or `limit` when none is nearer. */
  nearestSquare(query: Float64Array, limit: number): number {
    let least = limit;
    const visit = (begin: number, end: number): void => {
      if (end - begin <= LEAF) {
        for (let i = begin; i < end; i++) least = Math.min(least, this.square(query, this.#order[i]));
        return;
      }
      const { middle, gap } = this.#side(query, begin, end);
      if (gap <= 0) visit(begin, middle);
      else visit(middle, end);
      if (gap * gap > least) return;
      if (gap <= 0) visit(middle, end);
      else visit(begin, middle);
    };
    visit(0, this.#order.length);
    return least;
  }

  /** Squared distance from `query` to a point. */
  square(query: Float64Array, point: number): number {
    let sum = 0;
    for (let j = 0, at = point * this.#features; j < this.#features; j++, at++) {
      const difference = query[j] - this.#points[at];
      sum += difference * difference;
    }
    return sum;
  }

  // Internal

  #side(query: Float64Array, begin: number, end: number) {
    const middle = (begin + end) >> 1;
    const split = this.#splits.get(middle);
    if (split === undefined) throw new RangeError("no node of the tree has this middle");
    return { middle, gap: query[split.column] - split.value };
  }

  #build(begin: number, end: number): void {
    if (end - begin <= LEAF) return;
    const column = this.#widest(begin, end);
    const value = (point: number) => this.#points[point * this.#features + column];
    this.#order.subarray(begin, end).sort((a, b) => value(a) - value(b) || a - b);
    const middle = (begin + end) >> 1;
    this.#splits.set(middle, { column, value: value(this.#order[middle]) });
    this.#build(begin, middle);
    this.#build(middle, end);
  }

  #widest(begin: number, end: number): number {
    let [column, width] = [0, -1];
    for (let j = 0; j < this.#features; j++) {
      let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let i = begin; i < end; i++) {
        const value = this.#points[this.#order[i] * this.#features + j];
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      if (greatest - least > width) [column, width] = [j, greatest - least];
    }
    return column;
  }
}
