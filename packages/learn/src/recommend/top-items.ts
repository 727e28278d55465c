// The best few of many by score, in one pass.

/** A place and its score. */
export interface Scored {
  readonly place: number;
  readonly score: number;
}

/** Which items are looked at. */
export interface TopOptions {
  readonly k: number;
  score(place: number): number;
  /** Places that are left out. */
  readonly without: Iterable<number>;
  /** 1 for each place that may be given. */
  readonly among: Uint8Array;
}

/** The `k` best of `count` places, best first; of equals the first. */
export function topItems(count: number, { k, score, without, among }: TopOptions): Scored[] {
  const out = new Set(without);
  const best: Scored[] = [];
  if (k < 1) return best;
  for (let place = 0; place < count; place++) {
    if (among[place] === 0 || out.has(place)) continue;
    const value = score(place);
    if (best.length === k && value <= best[k - 1].score) continue;
    let at = best.length;
    while (at > 0 && best[at - 1].score < value) at--;
    best.splice(at, 0, { place, score: value });
    if (best.length > k) best.pop();
  }
  return best;
}
