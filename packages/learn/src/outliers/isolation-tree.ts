// A tree of random cuts over a few rows, as flat arrays in preorder: the left child of a node is the next one.
import type { Random } from "../base/random.ts";

/** Isolation trees, one after the other. */
export interface IsolationTrees {
  /** First node of each tree, and the number of nodes. */
  readonly starts: Uint32Array;
  /** Column of each node's cut; -1 is a leaf. */
  readonly features: Int32Array;
  /** Each cut (up to it is left), or the path length of a leaf. */
  readonly values: Float64Array;
  /** Each cut's right child; 0 for a leaf. */
  readonly rights: Uint32Array;
}

const EULER = 0.5772156649015329;

/** Mean path length of a search that fails in a binary tree of `count` rows: c(n) of Liu, Ting & Zhou. */
export function meanPath(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (Math.log(count - 1) + EULER) - (2 * (count - 1)) / count;
}

/** Grows trees node by node. */
export class IsolationTreeBuilder {
  readonly #starts: number[] = [];
  readonly #features: number[] = [];
  readonly #values: number[] = [];
  readonly #rights: number[] = [];

  /** Adds a tree over these rows, whose order it changes, cut by the columns numbered `usable`. */
  add(rows: Uint32Array, parts: { columns: readonly Float64Array[]; usable: Uint32Array; random: Random }): void {
    this.#starts.push(this.#features.length);
    const limit = Math.ceil(Math.log2(Math.max(rows.length, 2)));
    this.#grow(rows, { ...parts, limit }, 0);
  }

  finish(): IsolationTrees {
    return {
      starts: Uint32Array.from([...this.#starts, this.#features.length]),
      features: Int32Array.from(this.#features),
      values: Float64Array.from(this.#values),
      rights: Uint32Array.from(this.#rights),
    };
  }

  // Internal

  /** At most log2 of the rows deep, so recursion is safe. */
  #grow(rows: Uint32Array, parts: Growing, depth: number): void {
    const node = this.#features.length;
    const cut = depth < parts.limit && rows.length > 1 ? randomCut(rows, parts) : undefined;
    this.#rights.push(0);
    if (cut === undefined) {
      this.#features.push(-1);
      this.#values.push(depth + meanPath(rows.length));
      return;
    }
    this.#features.push(cut.feature);
    this.#values.push(cut.value);
    const middle = partition(rows, parts.columns[cut.feature], cut.value);
    this.#grow(rows.subarray(0, middle), parts, depth + 1);
    this.#rights[node] = this.#features.length;
    this.#grow(rows.subarray(middle), parts, depth + 1);
  }
}

/** Mean path length of a row over all trees; `slots` say where in `frame` each column is. */
export function pathLength(
  { starts, features, values, rights }: IsolationTrees,
  frame: Float64Array,
  slots: Uint32Array,
): number {
  let sum = 0;
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    let node = starts[tree];
    while (features[node] >= 0) {
      const value = frame[slots[features[node]]];
      if (Number.isNaN(value)) return Number.NaN;
      node = value <= values[node] ? node + 1 : rights[node];
    }
    sum += values[node];
  }
  return sum / (starts.length - 1);
}

/** What is wrong with trees of a file over so many columns, so that a walk could leave them; undefined: nothing. */
export function faultOf({ starts, features, values, rights }: IsolationTrees, columns: number): string | undefined {
  const nodes = features.length;
  if (starts.length < 2 || starts[0] !== 0 || starts[starts.length - 1] !== nodes)
    return "its trees do not fill its nodes";
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const end = starts[tree + 1];
    if (end <= starts[tree]) return `tree ${tree} has no nodes`;
    for (let node = starts[tree]; node < end; node++) {
      if (features[node] === -1 && !Number.isNaN(values[node])) continue;
      // Children come after their parent, so that every walk ends.
      const inside = node + 1 < end && rights[node] > node && rights[node] < end;
      if (!(inside && features[node] >= 0 && features[node] < columns)) return `node ${node} leads nowhere`;
    }
  }
  return undefined;
}

// Internal

interface Growing {
  readonly columns: readonly Float64Array[];
  readonly usable: Uint32Array;
  readonly random: Random;
  readonly limit: number;
}

/** A column that is not constant here, each alike, and a value between its ends; undefined when all are constant. */
function randomCut(rows: Uint32Array, { columns, usable, random }: Growing) {
  const order = usable.slice();
  for (let left = order.length; left > 0; left--) {
    const at = random.below(left);
    const feature = order[at];
    order[at] = order[left - 1];
    const column = columns[feature];
    let low = column[rows[0]];
    let high = low;
    for (const row of rows) {
      if (column[row] < low) low = column[row];
      else if (column[row] > high) high = column[row];
    }
    if (low === high) continue;
    // By shares of both ends, because their difference may overflow.
    const share = random.uniform();
    const value = low * (1 - share) + high * share;
    return { feature, value: value >= low && value < high ? value : low };
  }
  return undefined;
}

/** Moves rows up to the value to the front; gives their number. */
function partition(rows: Uint32Array, column: Float64Array, value: number): number {
  let middle = 0;
  for (let i = 0; i < rows.length; i++) {
    if (column[rows[i]] > value) continue;
    [rows[middle], rows[i]] = [rows[i], rows[middle]];
    middle += 1;
  }
  return middle;
}
