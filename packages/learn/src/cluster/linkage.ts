// Hierarchical clustering by chains of nearest neighbours (Benzécri 1982; Murtagh 1983), which needs n² steps; distances
// between merged clusters by the recurrence of Lance & Williams (1967).

/** How the distance of two clusters follows from those of their rows. */
export type Linkage = "ward" | "complete" | "average" | "single";

/** Two clusters that became one, by the smallest row of each, and at what distance. */
export interface Merge {
  readonly a: number;
  readonly b: number;
  readonly distance: number;
}

/** All merges of the rows (row-major points), nearest first. */
export function linkRows(rows: Float64Array, count: number, linkage: Linkage): Merge[] {
  const distances = pairwise(rows, count, linkage === "ward");
  const sizes = new Float64Array(count).fill(1);
  const alive = new Uint8Array(count).fill(1);
  const at = (i: number, j: number) => (i > j ? (i * (i - 1)) / 2 + j : (j * (j - 1)) / 2 + i);
  const merges: Merge[] = [];
  const chain: number[] = [];
  let first = 0;
  while (merges.length < count - 1) {
    if (chain.length === 0) {
      while (alive[first] === 0) first++;
      chain.push(first);
    }
    const own = chain[chain.length - 1];
    // Of equally near ones the one before in the chain, so that chains end.
    let near = chain.length > 1 ? chain[chain.length - 2] : -1;
    let least = near < 0 ? Number.POSITIVE_INFINITY : distances[at(own, near)];
    for (let j = 0; j < count; j++) {
      if (alive[j] === 0 || j === own) continue;
      const distance = distances[at(own, j)];
      if (distance < least) [near, least] = [j, distance];
    }
    if (chain.length > 1 && near === chain[chain.length - 2]) {
      chain.length -= 2;
      const [a, b] = own < near ? [own, near] : [near, own];
      for (let j = 0; j < count; j++) {
        if (alive[j] === 0 || j === a || j === b) continue;
        const pair = [distances[at(a, j)], distances[at(b, j)], least] as const;
        distances[at(a, j)] = merged(linkage, pair, [sizes[a], sizes[b], sizes[j]]);
      }
      sizes[a] += sizes[b];
      alive[b] = 0;
      merges.push({ a, b, distance: linkage === "ward" ? Math.sqrt(least) : least });
    } else {
      chain.push(near);
    }
  }
  // Chains find merges out of order; the sort is stable, and no merge is nearer than those it builds on.
  return merges.sort((x, y) => x.distance - y.distance);
}

/** The cluster of each row when merging ends at `clusters`, numbered by their first rows. */
export function cutMerges(merges: readonly Merge[], count: number, clusters: number): Int32Array {
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root];
    while (parent[i] !== root) [i, parent[i]] = [parent[i], root];
    return root;
  };
  for (const { a, b } of merges.slice(0, count - clusters)) {
    const [x, y] = [find(a), find(b)];
    parent[Math.max(x, y)] = Math.min(x, y);
  }
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, i) => {
    const root = find(i);
    if (!numbers.has(root)) numbers.set(root, numbers.size);
    return numbers.get(root) as number;
  });
}

// Internal

/** Distances of all pairs, the lower triangle by rows; for Ward's linkage their squares. */
function pairwise(rows: Float64Array, count: number, squared: boolean): Float64Array {
  const features = rows.length / count;
  const distances = new Float64Array((count * (count - 1)) / 2);
  for (let i = 1, at = 0; i < count; i++) {
    for (let j = 0; j < i; j++, at++) {
      let sum = 0;
      for (let f = 0; f < features; f++) {
        const difference = rows[i * features + f] - rows[j * features + f];
        sum += difference * difference;
      }
      distances[at] = squared ? sum : Math.sqrt(sum);
    }
  }
  return distances;
}

function merged(
  linkage: Linkage,
  [a, b, between]: readonly [number, number, number],
  [m, n, other]: readonly [number, number, number],
): number {
  if (linkage === "single") return Math.min(a, b);
  if (linkage === "complete") return Math.max(a, b);
  if (linkage === "average") return (m * a + n * b) / (m + n);
  return ((m + other) * a + (n + other) * b - other * between) / (m + n + other);
}
