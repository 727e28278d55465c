// Seeded randomness with the same stream on every machine: xoshiro128** (Blackman & Vigna 2018,
// https://prng.di.unimi.it), seeded by SplitMix32. This package imports none of ours, so it has its own. Not for secrets.

/** A seeded stream of random numbers; equal seeds (whole numbers up to 2^53) and lanes give equal streams. */
export class Random {
  readonly #s = new Uint32Array(4);

  /** `lane` tells apart streams of one seed: trial number times two, plus one for the trial's own seed. */
  constructor(seed: number, lane = 0) {
    const words = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, lane >>> 0, Math.floor(lane / 2 ** 32) >>> 0];
    let z = 0;
    for (let i = 0; i < 4; i++) z = mix((z + 0x9e3779b9 + words[i]) >>> 0);
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      this.#s[i] = mix(z);
    }
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

  /** A whole number in [0, bound), bound in 1..2^32, without bias: drawn again when it reaches the bound. */
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
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }
}

// Internal

// Finaliser of MurmurHash3 (public domain): a bijection of 32 bits that mixes them all.
function mix(word: number): number {
  let t = word ^ (word >>> 16);
  t = Math.imul(t, 0x85ebca6b);
  t ^= t >>> 13;
  t = Math.imul(t, 0xc2b2ae35);
  return (t ^ (t >>> 16)) >>> 0;
}
