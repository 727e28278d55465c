// Seeded randomness with the same stream on every machine: xoshiro128** (Blackman & Vigna 2018,
// https://prng.di.unimi.it), seeded by SplitMix32. Not for secrets.

/** Where a stream stands: four words. */
export type RandomState = ArrayLike<number>;

/** A seeded stream of random numbers; equal seeds (whole numbers up to 2^53) give equal streams. */
export class Random {
  readonly #s = new Uint32Array(4);

  constructor(seed: number) {
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = ((z + 0x9e3779b9) ^ (i === 2 ? high : 0)) >>> 0;
      let t = z ^ (z >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      this.#s[i] = t ^ (t >>> 15);
    }
  }

  /** Where the stream stands: setting what was read makes it go on from there. */
  get state(): RandomState {
    return this.#s.slice();
  }

  set state(words: RandomState) {
    this.#s.set(words);
  }

  /** A whole number in [0, 2^32). */
  uint32(): number {
    const s = this.#s;
    const x = Math.imul(s[1], 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /**
   * A whole number in [0, bound), bound in 1..2^32, without bias: the needed high bits of a draw, drawn again when they
   * reach the bound (fewer than two draws on average; cheaper in JavaScript than a 64-bit product).
   */
  below(bound: number): number {
    if (bound <= 1) return 0;
    const shift = Math.clz32(bound - 1);
    let x = this.uint32() >>> shift;
    while (x >= bound) x = this.uint32() >>> shift;
    return x;
  }

  /** A standard normal number (Box & Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** 0..n-1 in random order (Fisher & Yates). */
  permutation(n: number): Uint32Array {
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    return this.shuffle(order);
  }

  /** Shuffles in place and gives the array back. */
  shuffle<A extends Uint32Array | Int32Array>(order: A): A {
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }
}
