// The boosting loop (Friedman 2001; Chen & Guestrin 2016): gradients of the loss, a tree on them, scores grown by its
// leaves. Scores are all that one round hands to the next, so growing on from stored trees needs only these.
import type { Checkpoint } from "../base/checkpoint.ts";
import type { FitContext, Progress } from "../base/component.ts";
import { Random } from "../base/random.ts";
import { type TreeSet, TreeSetBuilder } from "../tree/tree-set.ts";
import { type BoostPosition, readPosition, type SavedTree, writePosition } from "./boost-checkpoint.ts";
import { flatten } from "./boost-emit.ts";
import type { Loss, RowRange } from "./boost-loss.ts";
import type { BoostMemory } from "./boost-memory.ts";
import { leafQuantiles } from "./boost-quantile.ts";
import { type BoostRanks, SharedLevels } from "./boost-ranks.ts";
import { cutRows, placeLeafChunks } from "./boost-rows.ts";
import { type BoostNode, BoostTreeGrower, type GrowthLimits, leafValue } from "./boost-tree.ts";

export interface BoosterOptions extends GrowthLimits {
  readonly rounds: number;
  readonly learningRate: number;
  readonly subsample: number;
  readonly columnSample: number;
  /** Rounds without a better validation loss before stopping; null: no early stopping. */
  readonly patience: number | null;
  /** Where several processes hold the rows. */
  readonly ranks?: BoostRanks;
}

/** From so many rows on, the training loss (a logarithm per row) is computed in every tenth round only. */
const MANY_ROWS = 131_072;
/** Rows per unit when rows walk a tree; the kernel's work space counts on it. */
const WALK_GRAIN = 1024;
const START: Pick<BoostPosition, "round" | "best"> = { round: 0, best: { round: 0, loss: Number.POSITIVE_INFINITY } };

/** Grows the rounds of one fit on memory that is already placed. */
export class Booster {
  readonly #memory: BoostMemory;
  readonly #loss: Loss;
  readonly #options: BoosterOptions;
  readonly #grower: BoostTreeGrower;
  readonly #builder = new TreeSetBuilder(1);
  readonly #random: Random;
  /** The training rows in order, from which every tree's index starts. */
  readonly #rowNumbers: Uint32Array;

  constructor(memory: BoostMemory, loss: Loss, options: BoosterOptions, seed: number) {
    this.#memory = memory;
    this.#loss = loss;
    this.#options = options;
    const { ranks } = options;
    const shared = ranks === undefined ? undefined : new SharedLevels(memory, ranks, loss.largestGradient);
    this.#grower = new BoostTreeGrower(memory, options, shared);
    this.#random = new Random(seed);
    this.#rowNumbers = new Uint32Array(memory.rows).map((_, i) => i);
  }

  /** Runs all rounds, or fewer when the validation loss no longer falls; awaits `report` after each. */
  async run(report: FitContext["report"], checkpoint?: Checkpoint): Promise<TreeSet> {
    const { rounds, patience, ranks } = this.#options;
    const { rows, trainRows } = this.#memory;
    const outputs = this.#loss.outputs;
    const trained = { first: 0, count: trainRows };
    const held = { first: trainRows, count: rows - trainRows };
    const all = { train: ranks?.trainRows ?? trainRows, held: ranks?.heldRows ?? held.count };
    const every = all.train > MANY_ROWS ? 10 : 1;
    const saved = await checkpoint?.load();
    let { best, round } = saved === undefined ? START : this.#restore(readPosition(saved));
    this.#loss.begin(trained, false);
    while (round < rounds) {
      round++;
      this.#sampleRows();
      for (let k = 0; k < outputs; k++) await this.#growTree(k);
      const progress: { -readonly [K in keyof Progress]: Progress[K] } = { step: round, total: rounds, unit: "tree" };
      if (all.held > 0) {
        const loss = await this.#meanLoss(held, all.held, true);
        progress.validationLoss = loss;
        if (loss < best.loss) best = { round, loss };
      }
      const withLoss = round % every === 0 || round === rounds;
      const loss = await this.#meanLoss(trained, all.train, withLoss);
      if (!Number.isNaN(loss)) progress.loss = loss;
      await report(progress);
      if (patience !== null && round - best.round >= patience) break;
      const done = round;
      await checkpoint?.save(() =>
        writePosition({ round: done, best, random: this.#random.state, trees: this.#trees }),
      );
    }
    return this.#builder.build(patience === null ? this.#builder.trees : Math.max(1, best.round) * outputs);
  }

  // Internal

  #sample = 0;
  /** Rows of all ranks that the next trees learn from. */
  #sampleOfAll = 0;
  /** What was grown, for the checkpoint: steps before they are scaled, so that scores can be made again bit by bit. */
  readonly #trees: SavedTree[] = [];

  /** Begins a round by these rows' scores; their mean loss, that of all ranks' rows where these are some of them. */
  async #meanLoss(range: RowRange, all: number, withLoss: boolean): Promise<number> {
    const mean = range.count === 0 ? 0 : this.#loss.begin(range, withLoss);
    const { ranks } = this.#options;
    if (ranks === undefined || ranks.communicator.size === 1) return mean;
    const sum = Float64Array.of(Number.isNaN(mean) ? 0 : mean * range.count);
    await ranks.communicator.allReduce(sum);
    return withLoss ? sum[0] / all : Number.NaN;
  }

  /** Puts the scores and the random numbers where they were. */
  #restore({ round, best, random, trees }: BoostPosition): Pick<BoostPosition, "round" | "best"> {
    this.#sample = 0;
    for (const [i, tree] of trees.entries()) this.#keepTree(tree, i % this.#loss.outputs);
    this.#random.state = random;
    return { round, best };
  }

  #keepTree(tree: SavedTree, output: number): void {
    const { nodes, steps } = tree;
    this.#addByWalking(nodes, steps, output);
    this.#trees.push(tree);
    this.#builder.append({ ...tree, values: steps.map((step) => step * this.#loss.scale) });
  }

  /** Puts the rows of the next trees in front and those left out behind them. */
  #sampleRows(): void {
    const { runtime, index, trainRows } = this.#memory;
    const { subsample, ranks } = this.#options;
    const rows = runtime.u32(index, trainRows);
    const all = ranks?.trainRows ?? trainRows;
    this.#sample = trainRows;
    this.#sampleOfAll = all;
    if (subsample === 1) return;
    // Selection sampling (Knuth, volume 2, 3.4.2 S): exactly so many rows, in order; ranks draw for all and keep theirs.
    const wanted = Math.max(1, Math.round(all * subsample));
    let taken = 0;
    let own = 0;
    let ownTaken = 0;
    for (let i = 0; i < all; i++) {
      const takes = this.#random.uniform() * (all - i) < wanted - taken;
      if (takes) taken++;
      if (ranks !== undefined && ranks.places[own] !== i) continue;
      if (takes) this.#rowNumbers[ownTaken++] = own;
      else rows[own - ownTaken] = own;
      own++;
    }
    this.#rowNumbers.set(rows.subarray(0, trainRows - ownTaken), ownTaken);
    this.#sample = ownTaken;
    this.#sampleOfAll = wanted;
  }

  #sampleColumns(): void {
    const { runtime, active, features } = this.#memory;
    const view = runtime.u8(active, features);
    const wanted = Math.max(1, Math.round(features * this.#options.columnSample));
    view.fill(wanted === features ? 1 : 0);
    if (wanted === features) return;
    for (const f of this.#random.permutation(features).subarray(0, wanted)) view[f] = 1;
  }

  async #growTree(output: number): Promise<void> {
    const { runtime, index, binning, trainRows } = this.#memory;
    this.#sampleColumns();
    this.#loss.gradients(output);
    runtime.u32(index, trainRows).set(this.#rowNumbers.subarray(0, trainRows));
    const root = await this.#grower.grow(this.#sample, this.#sampleOfAll);
    const codeCounts = binning.features.map((_, f) => binning.codeCount(f));
    const { nodes, leaves, gains } = flatten(root, codeCounts);
    const steps = await this.#steps(leaves, output);
    this.#addLeaves(leaves, steps, output);
    this.#keepTree({ nodes, steps, covers: Float32Array.from(leaves, ({ hessian }) => hessian), gains }, output);
  }

  /** What each leaf adds to the scores of its rows. */
  async #steps(leaves: readonly BoostNode[], output: number): Promise<Float64Array> {
    const { learningRate, l2, ranks } = this.#options;
    const { leafQuantile, maxStep = Number.POSITIVE_INFINITY } = this.#loss;
    if (leafQuantile === undefined) {
      return Float64Array.from(leaves, (leaf) => {
        return Math.max(-maxStep, Math.min(maxStep, leafValue(leaf, l2))) * learningRate;
      });
    }
    const task = { ...leafQuantile, scores: this.#loss.scores(output) };
    const values = await leafQuantiles(this.#memory, leaves, task, ranks?.communicator);
    return values.map((value) => value * learningRate);
  }

  #addLeaves(leaves: readonly BoostNode[], steps: Float64Array, output: number): void {
    const { runtime, context } = this.#memory;
    const chunks = leaves.flatMap((leaf, i) => cutRows(leaf).map((piece) => ({ ...piece, value: steps[i] })));
    runtime.scope((memory) => {
      const pointer = placeLeafChunks(runtime, memory, chunks);
      runtime.parallel("boostAddLeaves", [context, pointer, this.#loss.scores(output)], chunks.length, 4);
    });
  }

  /** The rows that the tree has not seen: those left out of the sample, and those that validate. */
  #addByWalking(nodes: Uint32Array, steps: Float64Array, output: number): void {
    const { runtime, context, features, rows } = this.#memory;
    const unseen = rows - this.#sample;
    if (unseen === 0) return;
    runtime.scope((memory) => {
      const list = memory.alloc(unseen * 4);
      runtime.u32(list, unseen).set(this.#rowNumbers.subarray(this.#sample));
      const tree = memory.alloc(nodes.byteLength);
      runtime.u32(tree, nodes.length).set(nodes);
      const values = memory.alloc(steps.byteLength);
      runtime.f64(values, steps.length).set(steps);
      const row = memory.alloc(Math.ceil(unseen / WALK_GRAIN) * (Math.ceil(features / 8) * 8 + 8));
      const args = [context, tree, values, list, this.#loss.scores(output), row];
      runtime.parallel("boostWalkRows", args, unseen, WALK_GRAIN);
    });
  }
}
