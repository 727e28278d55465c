// MurmurHash3, 32 bits (Appleby 2011, public domain): the hash by which scikit-learn places terms, so that both agree.

const encoder = new TextEncoder();

/** The hash of a text's UTF-8 bytes, from −2^31 to 2^31 − 1. */
export function murmur3(text: string, seed = 0): number {
  const bytes = encoder.encode(text);
  const whole = bytes.length & ~3;
  let hash = seed;
  for (let i = 0; i < whole; i += 4) {
    const word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
    hash ^= scramble(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = bytes.length - 1; i >= whole; i--) rest = (rest << 8) | bytes[i];
  if (whole < bytes.length) hash ^= scramble(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Where a term goes among `count` columns, and the sign it counts with there. */
export function placeOf(term: string, count: number): { place: number; sign: number } {
  const hash = murmur3(term);
  return { place: Math.abs(hash) % count, sign: hash >= 0 ? 1 : -1 };
}

// Internal

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
