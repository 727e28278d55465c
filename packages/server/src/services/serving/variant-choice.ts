// Which variant of an endpoint answers a request: by weight, each request for itself. Randomness is passed in, so that a
// seed makes the same choices again.

/** One of `variants` by their weights; `random` gives numbers from 0 up to 1. The weights must not all be 0. */
export function chooseVariant<V extends { readonly weight: number }>(variants: readonly V[], random: () => number): V {
  // The usual endpoint has one variant, and needs no chance.
  if (variants.length === 1) return variants[0];
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  let rest = random() * total;
  for (const variant of variants) {
    rest -= variant.weight;
    if (rest < 0) return variant;
  }
  // Rounding may leave a trace at the very end; it belongs to the last that has a share.
  return variants.findLast(({ weight }) => weight > 0) as V;
}

/** The weights when a new variant takes `weight` percent: the others keep their proportions, in whole percents. */
export function makeRoom(weights: readonly number[], weight: number): number[] {
  const total = weights.reduce((sum, one) => sum + one, 0);
  const room = 100 - weight;
  const exact = weights.map((one) => (total === 0 ? 0 : (one * room) / total));
  const whole = exact.map(Math.floor);
  // Largest remainders first, so that the sum is exact.
  const order = exact.map((share, i) => ({ i, rest: share - whole[i] })).sort((a, b) => b.rest - a.rest || a.i - b.i);
  let missing = room - whole.reduce((sum, one) => sum + one, 0);
  for (const { i } of order) {
    if (missing <= 0) break;
    whole[i] += 1;
    missing -= 1;
  }
  return whole;
}
