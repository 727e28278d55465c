// Slow references of decision trees: the score of a side, the best of all possible splits, and a walk over packed nodes by
// their definition. They are the oracle of the property tests and are never run by an estimator.

export type Criterion = "squared" | "gini" | "entropy" | "poisson" | "absolute";

/** A weighted row: its codes per feature, its target or class. */
export interface CodedRow {
  readonly codes: readonly number[];
  readonly target: number;
  readonly weight: number;
}

/** How pure a set of rows is: minus the sum of weighted impurities, by the textbook formula. */
export function purityReference(rows: readonly CodedRow[], criterion: Criterion): number {
  const weight = rows.reduce((sum, row) => sum + row.weight, 0);
  if (criterion === "squared") {
    const mean = rows.reduce((sum, row) => sum + row.weight * row.target, 0) / weight;
    return -rows.reduce((sum, row) => sum + row.weight * (row.target - mean) ** 2, 0);
  }
  if (criterion === "absolute") return -Math.min(...rows.map(({ target }) => distances(rows, target)));
  if (criterion === "poisson") return -halfDeviance(rows);
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.target, (counts.get(row.target) ?? 0) + row.weight);
  const shares = Array.from(counts.values(), (count) => count / weight);
  if (criterion === "gini") return -weight * (1 - shares.reduce((sum, share) => sum + share * share, 0));
  return weight * shares.reduce((sum, share) => sum + share * Math.log(share), 0);
}

/** What is gained by splitting `rows` with these going left; -Infinity when a side has fewer rows than minSamplesLeaf. */
export function splitGainReference(
  rows: readonly CodedRow[],
  goesLeft: (row: CodedRow) => boolean,
  { criterion, minSamplesLeaf }: { criterion: Criterion; minSamplesLeaf: number },
): number {
  const left = rows.filter(goesLeft);
  const right = rows.filter((row) => !goesLeft(row));
  if (left.length === 0 || right.length === 0) return -Infinity;
  if (left.length < minSamplesLeaf || right.length < minSamplesLeaf) return -Infinity;
  // A side without events has no Poisson mean.
  if (criterion === "poisson" && [left, right].some((side) => side.every(({ target }) => target === 0)))
    return -Infinity;
  const purity = (side: readonly CodedRow[]): number => purityReference(side, criterion);
  return purity(left) + purity(right) - purity(rows);
}

/** Number of the leaf in which a row ends, read from two words per node as assembly/tree-node.ts lays them out. */
export function walkReference(nodes: Uint32Array, codes: readonly number[]): { leaf: number; path: number[] } {
  const path: number[] = [];
  let node = 0;
  for (;;) {
    path.push(node);
    const word = nodes[node * 2 + 1];
    if (word & 4) return { leaf: nodes[node * 2], path };
    node = goesLeftReference(nodes, node, codes) ? node + 1 + bitsetNodes(word) : nodes[node * 2];
  }
}

/** Whether a row with these codes goes left at inner node `node`. */
export function goesLeftReference(nodes: Uint32Array, node: number, codes: readonly number[]): boolean {
  const word = nodes[node * 2 + 1];
  const code = codes[word >>> 16];
  if (word & 2) return ((nodes[node * 2 + 2 + (code >>> 5)] >>> (code & 31)) & 1) === 1;
  return code === 0 ? (word & 1) === 1 : code <= ((word >>> 8) & 255);
}

// Internal

function distances(rows: readonly CodedRow[], centre: number): number {
  return rows.reduce((sum, { weight, target }) => sum + weight * Math.abs(target - centre), 0);
}

/** Σ weight (y ln(y / mean) - y + mean), where 0 ln 0 is 0. */
function halfDeviance(rows: readonly CodedRow[]): number {
  const weight = rows.reduce((sum, row) => sum + row.weight, 0);
  const mean = rows.reduce((sum, row) => sum + row.weight * row.target, 0) / weight;
  const log = (y: number): number => (y > 0 ? y * Math.log(y / mean) : 0);
  return rows.reduce((sum, { weight: w, target: y }) => sum + w * (log(y) - y + mean), 0);
}

function bitsetNodes(word: number): number {
  return word & 2 ? (word >>> 8) & 255 : 0;
}
