// The nearest points that a walk of a graph has met, ascending, and which of them it has yet to go on from.

export class LinkPool {
  readonly numbers: Int32Array;
  readonly ranks: Float64Array;
  readonly #isDone: Uint8Array;
  #count = 0;
  /** All before it are done. */
  #first = 0;

  /** Keeps at most `size` points. */
  constructor(size: number) {
    this.numbers = new Int32Array(size);
    this.ranks = new Float64Array(size);
    this.#isDone = new Uint8Array(size);
  }

  get count(): number {
    return this.#count;
  }

  /** What lies beyond it would not be taken up. */
  get limit(): number {
    return this.#count === this.ranks.length ? this.ranks[this.#count - 1] : Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.#count = 0;
    this.#first = 0;
  }

  /** Takes a point up, by rank and then by number, unless there are enough nearer ones. */
  offer(number: number, rank: number): void {
    const { numbers, ranks } = this;
    if (this.#count === ranks.length) {
      const last = this.#count - 1;
      if (rank > ranks[last] || (rank === ranks[last] && number > numbers[last])) return;
    } else this.#count++;
    let at = this.#count - 1;
    for (; at > 0 && (ranks[at - 1] > rank || (ranks[at - 1] === rank && numbers[at - 1] > number)); at--) {
      ranks[at] = ranks[at - 1];
      numbers[at] = numbers[at - 1];
      this.#isDone[at] = this.#isDone[at - 1];
    }
    ranks[at] = rank;
    numbers[at] = number;
    this.#isDone[at] = 0;
    if (at < this.#first) this.#first = at;
  }

  /** The nearest point not gone on from, which from now on is; −1 when there is none. */
  next(): number {
    while (this.#first < this.#count && this.#isDone[this.#first] === 1) this.#first++;
    if (this.#first === this.#count) return -1;
    this.#isDone[this.#first] = 1;
    return this.numbers[this.#first];
  }
}
