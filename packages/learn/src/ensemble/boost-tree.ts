// Grows one boosted tree: histograms of the smaller child and subtraction for the larger, split by split (leaf-wise, the
// largest gain first) or level by level. Kernels do the work on rows; the shape of the tree is decided here.
import {
  BOOST_CONTEXT,
  LEAF_CHUNK_WORDS,
  LEVEL_JOB,
  type Pointer,
  ROW_CHUNK_WORDS,
  SPLIT_RECORD_BYTES,
} from "@massif/kernels";
import { type BoostMemory, CHUNK_ROWS, MAX_JOBS } from "./boost-memory.ts";
import type { SharedLevels } from "./boost-ranks.ts";
import { cutRows, placeLeafChunks, type RowPiece } from "./boost-rows.ts";
import { bestSplit, nodeSums, type Records, type Split } from "./boost-split.ts";

export interface GrowthLimits {
  readonly growth: "leaf" | "depth";
  readonly maxLeaves: number;
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  readonly l2: number;
  /** 1 for columns that predictions rise with, -1 for those they fall with; absent: none is constrained. */
  readonly monotone?: Int8Array;
}

/** The value of a leaf, within its bounds, before the learning rate. */
export function leafValue({ gradient, hessian, low, high }: LeafSums, l2: number): number {
  const curvature = hessian + l2;
  return curvature > 0 ? Math.min(high, Math.max(low, -gradient / curvature)) : 0;
}

type LeafSums = Pick<BoostNode, "gradient" | "hessian" | "low" | "high">;

/** A node of the tree being grown; its rows are index[begin..end). */
export interface BoostNode {
  readonly begin: number;
  readonly end: number;
  /** As many as end - begin, or those of all ranks. */
  readonly rows: number;
  /** What its rows count: `rows`, or the sum of their weights. */
  readonly weight: number;
  readonly depth: number;
  /** Bounds of the values of leaves below, for monotone constraints. */
  readonly low: number;
  readonly high: number;
  /** Which copy of the rows its index points into, and how many rows the ancestor had for which it was made. */
  copy: number;
  copiedRows: number;
  gradient: number;
  hessian: number;
  /** The best split found, which is carried out when `left` and `right` are there. */
  split?: Split;
  left?: BoostNode;
  right?: BoostNode;
  histogram: Pointer;
}

/** A node is copied when it is a smaller share of the rows around it: measured, where sparse reading costs more. */
const SPARSE = 0.22;
/** Nodes smaller than this are not worth a copy. */
const COPY_ROWS = 512;

/** Grows trees one after the other on the same memory; keeps histograms for the next tree. */
export class BoostTreeGrower {
  readonly #memory: BoostMemory;
  readonly #limits: GrowthLimits;
  readonly #free: Pointer[] = [];
  readonly #chunks: Pointer;
  readonly #shared: SharedLevels | undefined;
  #records: Records | undefined;

  constructor(memory: BoostMemory, limits: GrowthLimits, shared?: SharedLevels) {
    this.#memory = memory;
    this.#limits = limits;
    this.#shared = shared;
    const chunks = Math.ceil(memory.trainRows / CHUNK_ROWS) + MAX_JOBS;
    this.#chunks = memory.memory.alloc(chunks * ROW_CHUNK_WORDS * 4);
  }

  /** Grows a tree on the rows index[0..sample), `rows` of all ranks, and the active features; gives its root. */
  async grow(sample: number, rows = sample): Promise<BoostNode> {
    const copiedRows = this.#memory.trainRows;
    const [weight] = this.#weigh([{ begin: 0, end: sample, copy: 0 }]) ?? [rows];
    const open = { gradient: 0, hessian: 0, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    const place = { begin: 0, end: sample, rows, weight, copy: 0, copiedRows };
    const root: BoostNode = { ...place, ...open, depth: 0, histogram: 0 };
    await this.#search([{ built: root, sibling: undefined, parent: 0 }]);
    let leaves = 1;
    let frontier = root.split === undefined ? [] : [root];
    while (frontier.length > 0 && leaves < this.#limits.maxLeaves) {
      const chosen = this.#choose(frontier, this.#limits.maxLeaves - leaves);
      const kept = new Set(chosen);
      frontier = frontier.filter((node) => !kept.has(node));
      const children = await this.#splitNodes(chosen, leaves + chosen.length < this.#limits.maxLeaves);
      leaves += children.length / 2;
      for (const child of children) if (child.split !== undefined) frontier.push(child);
    }
    for (const node of frontier) this.#release(node);
    this.#release(root);
    return root;
  }

  // Internal

  #choose(frontier: readonly BoostNode[], room: number): BoostNode[] {
    const gain = (node: BoostNode): number => node.split?.gain ?? 0;
    const { growth, maxLeaves, maxDepth } = this.#limits;
    // Where all leaves have room the order does not matter, and many nodes at once cost less.
    if (growth === "leaf" && maxLeaves < 2 ** maxDepth) {
      let best = frontier[0];
      for (const node of frontier) if (gain(node) > gain(best)) best = node;
      return [best];
    }
    if (frontier.length <= room) return frontier.slice(0, MAX_JOBS);
    const order = frontier.map((node, i) => ({ node, i }));
    order.sort((a, b) => gain(b.node) - gain(a.node) || a.i - b.i);
    return order.slice(0, Math.min(room, MAX_JOBS)).map(({ node }) => node);
  }

  /** Carries out the splits; with `more`, looks for the splits of the children. Gives the children. */
  async #splitNodes(nodes: readonly BoostNode[], more: boolean): Promise<BoostNode[]> {
    // Children that are not searched are not worth a copy; what is built next is, if it is sparse.
    this.#copyRows(nodes.filter(({ depth }) => more && depth + 1 < this.#limits.maxDepth));
    const counts = this.#moveRows(nodes);
    const totals = this.#shared === undefined ? counts : await this.#shared.total(counts);
    const pieces = nodes.map(({ begin, copy }, i) => ({ begin, end: begin + counts[i], copy }));
    const weights = this.#weigh(pieces) ?? totals;
    const jobs: LevelJob[] = [];
    const children: BoostNode[] = [];
    for (const [i, node] of nodes.entries()) {
      const { split, rows, weight } = node;
      const middle = node.begin + counts[i];
      const lefts = totals[i];
      // Counts estimated from hessians can be wrong: such a split is not carried out.
      if (split === undefined || lefts === 0 || lefts === rows) {
        this.#release(node);
        continue;
      }
      const [low, high] = this.#childBounds(node, split);
      const toLeft = { begin: node.begin, end: middle, rows: lefts, weight: weights[i] };
      const toRight = { begin: middle, end: node.end, rows: rows - lefts, weight: weight - weights[i] };
      const left = childOf(node, toLeft, { sums: split.left, bounds: low });
      const right = childOf(node, toRight, { sums: split.right, bounds: high });
      node.left = left;
      node.right = right;
      children.push(left, right);
      const smaller = left.rows <= right.rows ? left : right;
      const larger = smaller === left ? right : left;
      // The one with fewer rows may be the heavier one.
      if (more && (this.#maySplit(left) || this.#maySplit(right)))
        jobs.push({ built: smaller, sibling: larger, parent: node.histogram });
      else this.#release(node);
      node.histogram = 0;
    }
    this.#copyRows(jobs.map(({ built }) => built));
    if (jobs.length > 0) await this.#search(jobs);
    return children;
  }

  #maySplit({ depth, weight }: BoostNode): boolean {
    return depth < this.#limits.maxDepth && weight >= 2 * this.#limits.minSamplesLeaf;
  }

  /** Bounds of the left and the right child: those of the node, and half way between them where the split's column is one. */
  #childBounds({ low, high }: BoostNode, { feature, left, right }: Split): readonly [Bounds, Bounds] {
    const { monotone, l2 } = this.#limits;
    const direction = monotone?.[feature] ?? 0;
    const own = { low, high };
    if (direction === 0) return [own, own];
    const middle = (leafValue({ ...left, ...own }, l2) + leafValue({ ...right, ...own }, l2)) / 2;
    const below = { low, high: middle };
    const above = { low: middle, high };
    return direction > 0 ? [below, above] : [above, below];
  }

  /** What the rows of each piece count; undefined when each row counts once. */
  #weigh(pieces: readonly RowPiece[]): number[] | undefined {
    const { runtime, context, weights } = this.#memory;
    if (weights === 0) return undefined;
    const chunks = pieces.flatMap((piece, of) => cutRows(piece).map((chunk) => ({ ...chunk, value: 0, of })));
    const sums: number[] = new Array(pieces.length).fill(0);
    runtime.scope((memory) => {
      const at = placeLeafChunks(runtime, memory, chunks);
      runtime.parallel("boostWeighRows", [context, at, weights], chunks.length, 4);
      const values = runtime.f64(at, (chunks.length * LEAF_CHUNK_WORDS) / 2);
      for (const [i, { of }] of chunks.entries()) sums[of] += values[(i * LEAF_CHUNK_WORDS) / 2];
    });
    return sums;
  }

  async #search(jobs: readonly LevelJob[]): Promise<void> {
    const { runtime, context, features, groups, jobs: at } = this.#memory;
    // Allocated first: memory that grows would leave the views behind short.
    for (const job of jobs) job.built.histogram = this.#take();
    for (const [j, { built, sibling, parent }] of jobs.entries()) {
      const { begin, end, histogram, copy, weight, low, high } = built;
      LEVEL_JOB.write(runtime, at + j * LEVEL_JOB.bytes, {
        ...{ begin, end, histogram, parent, copy, count: weight, low, high },
        siblingCount: sibling?.weight ?? 0,
        siblingLow: sibling?.low ?? 0,
        siblingHigh: sibling?.high ?? 0,
      });
    }
    BOOST_CONTEXT.write(runtime, context, { jobCount: jobs.length });
    if (this.#shared === undefined) runtime.parallel("boostLevel", [context], groups, 1);
    else await this.#shared.search(jobs.map(({ built }) => built.histogram));
    const records = this.#recordViews();
    for (const [j, { built, sibling, parent }] of jobs.entries()) {
      this.#settle(built, records, 2 * j * features);
      if (sibling === undefined) continue;
      sibling.histogram = parent;
      this.#settle(sibling, records, (2 * j + 1) * features);
    }
  }

  /** Views of what the search writes, made anew only where the memory has grown: one per split shows in profiles. */
  #recordViews(): Records {
    const { runtime, features, records, active } = this.#memory;
    if (this.#records?.numbers.buffer === runtime.memory.buffer) return this.#records;
    const bytes = MAX_JOBS * 2 * features * SPLIT_RECORD_BYTES;
    this.#records = {
      numbers: runtime.f64(records, bytes / 8),
      words: runtime.u32(records, bytes / 4),
      active: runtime.u8(active, features),
    };
    return this.#records;
  }

  /** Reads a node's sums and best split; a node that will not be split gives its histogram back. */
  #settle(node: BoostNode, records: Records, first: number): void {
    if (node.depth === 0) Object.assign(node, nodeSums(records, first));
    if (this.#maySplit(node)) node.split = bestSplit(records, first);
    if (node.split === undefined) this.#release(node);
  }

  /** Puts the rows of nodes that have become sparse next to each other. Their order stays, and so do all sums. */
  #copyRows(nodes: readonly BoostNode[]): void {
    const { runtime, context, copies } = this.#memory;
    const chunks: number[] = [];
    for (const node of nodes) {
      const count = node.end - node.begin;
      if (node.copy >= copies || count < COPY_ROWS || count > SPARSE * node.copiedRows) continue;
      for (let begin = node.begin; begin < node.end; begin += CHUNK_ROWS) {
        chunks.push(0, 0, begin, Math.min(node.end, begin + CHUNK_ROWS), 0, 0, 0, node.copy);
      }
      node.copy++;
      node.copiedRows = count;
    }
    if (chunks.length === 0) return;
    runtime.u32(this.#chunks, chunks.length).set(chunks);
    runtime.parallel("boostCopyRows", [context, this.#chunks], chunks.length / ROW_CHUNK_WORDS, 1);
  }

  /** Moves the rows of each node so that those going left come first; gives how many these are. */
  #moveRows(nodes: readonly BoostNode[]): number[] {
    const { runtime, context, splits } = this.#memory;
    const chunks: number[] = [];
    for (const [i, node] of nodes.entries()) {
      const record = splits + i * SPLIT_RECORD_BYTES;
      runtime.u32(record, SPLIT_RECORD_BYTES / 4).set((node.split as Split).record);
      for (let begin = node.begin; begin < node.end; begin += CHUNK_ROWS) {
        const end = Math.min(node.end, begin + CHUNK_ROWS);
        chunks.push(record, (node.split as Split).feature, begin, end, 0, 0, 0, node.copy);
      }
    }
    const count = chunks.length / ROW_CHUNK_WORDS;
    const words = runtime.u32(this.#chunks, chunks.length);
    words.set(chunks);
    runtime.parallel("boostSplitRows", [context, this.#chunks], count, 1);
    const lefts = this.#placeChunks(nodes, words);
    runtime.parallel("boostMoveRows", [context, this.#chunks], count, 1);
    return lefts;
  }

  #placeChunks(nodes: readonly BoostNode[], words: Uint32Array): number[] {
    let at = 0;
    return nodes.map((node) => {
      const first = at;
      let toLeft = node.begin;
      for (; at < words.length && words[at + 2] < node.end && words[at + 2] >= node.begin; at += ROW_CHUNK_WORDS) {
        words[at + 5] = toLeft;
        toLeft += words[at + 4];
      }
      let toRight = toLeft;
      for (let chunk = first; chunk < at; chunk += ROW_CHUNK_WORDS) {
        words[chunk + 6] = toRight;
        toRight += words[chunk + 3] - words[chunk + 2] - words[chunk + 4];
      }
      return toLeft - node.begin;
    });
  }

  #take(): Pointer {
    return this.#free.pop() ?? this.#memory.memory.alloc(this.#memory.histogramBytes);
  }

  #release(node: BoostNode): void {
    if (node.histogram !== 0) this.#free.push(node.histogram);
    node.histogram = 0;
  }
}

// Internal

/** A node whose histogram is built from rows, and its sibling, which takes over the parent's after subtraction. */
interface LevelJob {
  readonly built: BoostNode;
  readonly sibling: BoostNode | undefined;
  readonly parent: Pointer;
}

type Bounds = Pick<BoostNode, "low" | "high">;

/** A child of a node, field by field: spreading three objects into each of many children shows in profiles. */
function childOf(
  { depth, copy, copiedRows }: BoostNode,
  { begin, end, rows, weight }: Pick<BoostNode, "begin" | "end" | "rows" | "weight">,
  { sums, bounds }: { sums: Split["left"]; bounds: Bounds },
): BoostNode {
  return {
    begin,
    end,
    rows,
    weight,
    depth: depth + 1,
    low: bounds.low,
    high: bounds.high,
    copy,
    copiedRows,
    gradient: sums.gradient,
    hessian: sums.hessian,
    split: undefined,
    left: undefined,
    right: undefined,
    histogram: 0,
  };
}
