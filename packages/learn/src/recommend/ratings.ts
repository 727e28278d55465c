// What users gave to items, sorted by user and by item: two compressed sparse matrices of the same entries.

/** Entries by row: row r has those from offsets[r] to offsets[r + 1]. */
export interface Sparse {
  readonly offsets: Uint32Array;
  readonly others: Uint32Array;
  readonly values: Float64Array;
}

/** Entries to sort; places of -1 are missing and left out. */
export interface Entries {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly values: Float64Array;
}

/** The entries by user, in the order they came in. */
export function byUser({ users, items, values }: Entries, count: number): Sparse {
  return sorted(users, items, { values, count });
}

/** The entries by item, in the order they came in. */
export function byItem({ users, items, values }: Entries, count: number): Sparse {
  return sorted(items, users, { values, count });
}

/** The entries of each row with those of one other added up, others ascending. */
export function addedUp({ offsets, others, values }: Sparse): Sparse {
  const sums = { offsets: new Uint32Array(offsets.length), others: [] as number[], values: [] as number[] };
  for (let row = 0; row + 1 < offsets.length; row++) {
    const of = new Map<number, number>();
    for (let e = offsets[row]; e < offsets[row + 1]; e++) of.set(others[e], (of.get(others[e]) ?? 0) + values[e]);
    for (const [other, value] of [...of].sort(([a], [b]) => a - b)) {
      sums.others.push(other);
      sums.values.push(value);
    }
    sums.offsets[row + 1] = sums.others.length;
  }
  return { offsets: sums.offsets, others: Uint32Array.from(sums.others), values: Float64Array.from(sums.values) };
}

/** The same entries seen from the other side. */
export function transposed({ offsets, others, values }: Sparse, count: number): Sparse {
  const rows = new Int32Array(others.length);
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1]);
  return sorted(Int32Array.from(others), rows, { values, count });
}

// Internal

/** A counting sort, which keeps the order of equals. */
function sorted(
  rows: Int32Array,
  columns: Int32Array,
  { values, count }: { values: Float64Array; count: number },
): Sparse {
  const offsets = new Uint32Array(count + 1);
  const used = (e: number) => rows[e] >= 0 && columns[e] >= 0;
  for (let e = 0; e < rows.length; e++) if (used(e)) offsets[rows[e] + 1]++;
  for (let row = 0; row < count; row++) offsets[row + 1] += offsets[row];
  const next = offsets.slice(0, count);
  const others = new Uint32Array(offsets[count]);
  const kept = new Float64Array(offsets[count]);
  for (let e = 0; e < rows.length; e++) {
    if (!used(e)) continue;
    const at = next[rows[e]]++;
    others[at] = columns[e];
    kept[at] = values[e];
  }
  return { offsets, others, values: kept };
}
