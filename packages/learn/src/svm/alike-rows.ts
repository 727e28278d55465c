// Rows that are alike in all columns and in the target are one row that counts more. A kernel machine's time grows with
// the square of the rows; a row that stands in two folds would calibrate itself; and a row of weight 2 is two rows.

/** Distinct rows, and how much each counts. */
export interface AlikeRows {
  /** The first of each kind, in order. */
  readonly rows: Int32Array;
  /** The kinds' weights together; those of weight 0 are left out. */
  readonly weights: Float64Array;
}

/** A few columns tell most rows apart; where rows have to be compared so often, all columns are hashed. */
const FIRST_COLUMNS = 4;
const COMPARISONS = 4;

/** Finds the rows that are alike in `columns`, the target's numbers or codes among them; without weights each counts 1. */
export function alikeRows(columns: readonly ArrayLike<number>[], weights?: Float64Array): AlikeRows {
  const most = COMPARISONS * columns[0].length;
  const found =
    columns.length > FIRST_COLUMNS ? groupRows(columns, { hashed: FIRST_COLUMNS, most, weights }) : undefined;
  const all = { hashed: columns.length, most: Number.POSITIVE_INFINITY, weights };
  return found ?? (groupRows(columns, all) as AlikeRows);
}

/** The values of `rows`, which rise, in each column; the columns themselves where that is all of them. */
export function takeColumns(columns: readonly Float64Array[], rows: Int32Array): readonly Float64Array[] {
  if (columns[0].length === rows.length) return columns;
  return columns.map((values) => Float64Array.from(rows, (row) => values[row]));
}

// Internal

interface Grouping {
  /** How many of the columns are hashed. */
  readonly hashed: number;
  /** Comparisons of rows after which it gives up. */
  readonly most: number;
  readonly weights: Float64Array | undefined;
}

function groupRows(columns: readonly ArrayLike<number>[], { hashed, most, weights }: Grouping): AlikeRows | undefined {
  const count = columns[0].length;
  const chains = new Int32Array(2 ** Math.ceil(Math.log2(2 * count + 1)));
  const rows = new Int32Array(count);
  const sums = new Float64Array(count);
  const next = new Int32Array(count);
  const hashes = hashRows(columns.slice(0, hashed), count);
  let [groups, left] = [0, most];
  for (let row = 0; row < count; row++) {
    const weight = weights?.[row] ?? 1;
    if (weight === 0) continue;
    const slot = hashes[row] & (chains.length - 1);
    let found = chains[slot] - 1;
    while (found >= 0 && !(hashes[rows[found]] === hashes[row] && areAlike(columns, rows[found], row))) {
      found = next[found];
      if (--left < 0) return undefined;
    }
    if (found >= 0) {
      sums[found] += weight;
      continue;
    }
    next[groups] = chains[slot] - 1;
    sums[groups] = weight;
    rows[groups++] = row;
    chains[slot] = groups;
  }
  return { rows: rows.slice(0, groups), weights: sums.slice(0, groups) };
}

function areAlike(columns: readonly ArrayLike<number>[], a: number, b: number): boolean {
  for (let j = 0; j < columns.length; j++) if (columns[j][a] !== columns[j][b]) return false;
  return true;
}

/** FNV's steps over the halves of each number, mixed; -0 and 0 are alike. */
function hashRows(columns: readonly ArrayLike<number>[], count: number): Int32Array {
  const hashes = new Int32Array(count).fill(-2128831035);
  const number = new Float64Array(1);
  const halves = new Int32Array(number.buffer);
  for (const values of columns) {
    for (let i = 0; i < count; i++) {
      number[0] = values[i] + 0;
      const mixed = Math.imul(hashes[i] ^ halves[0], 16777619) ^ halves[1];
      hashes[i] = Math.imul(mixed ^ (mixed >>> 15), -2048144789);
    }
  }
  for (let i = 0; i < count; i++) hashes[i] ^= hashes[i] >>> 13;
  return hashes;
}
