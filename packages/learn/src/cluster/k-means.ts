// k-means by Lloyd's algorithm, plain or with bounds, over one process or several.
import { ALONE } from "../base/communicator.ts";
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { type DenseRows, packRows } from "../matrix/dense-rows.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { CentreClusterer } from "./centre-clusterer.ts";
import { type Found, readSearch, writeSearch } from "./k-means-checkpoint.ts";
import { LloydPass, type LloydSums, roundRows } from "./lloyd-pass.ts";
import { choosePlusPlus, type Points } from "./plus-plus.ts";
import { commonSample, type RankedRows, rankRows } from "./ranked-rows.ts";

const PARAMS = {
  clusters: {
    type: "int",
    default: 8,
    min: 1,
    doc: "Number of clusters to find, at most the number of rows.",
    search: { min: 2, max: 20 },
  },
  starts: { type: "int", default: 4, min: 1, doc: "Fits from so many first choices of centres; the tightest is kept." },
  maxIterations: { type: "int", default: 300, min: 1, doc: "Most iterations of each start." },
  algorithm: {
    type: "choice",
    default: "elkan",
    choices: ["elkan", "lloyd"],
    doc: "Both find the same; `elkan` keeps bounds, 8 bytes a row, and passes over rows whose centre cannot have changed.",
  },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stops when the squares of all moves of centres sum to at most this share of the columns' mean variance.",
  },
} as const satisfies ParamTable;

/** First centres are sought among so many rows, and so many more per cluster. */
const SAMPLE_ROWS = 4096;
const SAMPLE_ROWS_PER_CLUSTER = 32;
/** Columns whose mean is so many deviations from 0 are moved there, where float32 is finest. */
const FAR = 4;

/** Groups rows around centres; cluster 0 is the one with most training rows. Distances are Euclidean: scale the columns. */
export class KMeans extends CentreClusterer<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "KMeans",
    doc: "Groups rows around centres, each the mean of its rows; needs no target.",
    source:
      "Lloyd 1982; greedy k-means++ (Arthur & Vassilvitskii 2007); bounds after Elkan 2003, as Hamerly 2010 keeps them",
    params: PARAMS,
    task: "clustering",
    input: "matrix",
    onRanks: true,
    weights: "exact",
  };

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    // Values that are missing or infinite are found where the rows are packed.
    const columns = numberColumns(table, name);
    const { communicator = ALONE, runtime, seed } = context;
    const weights = rowWeights(context, table.rows, this.spec);
    const all = await rankRows(columns, communicator, weights);
    this.#checkRows(all.rows);
    const shift = all.mean.map((mean, j) => (Math.abs(mean) > FAR * Math.sqrt(all.variance[j]) ? mean : 0));
    const moved = columns.map((values, j) => (shift[j] === 0 ? values : values.map((value) => value - shift[j])));
    const { clusters } = this.params;
    const limit = SAMPLE_ROWS + SAMPLE_ROWS_PER_CLUSTER * clusters;
    const sample = await commonSample(moved, all, { communicator, limit, seed, weights });
    const found = await runtime.scope(async (memory) => {
      const refuse = () => refuseNonFinite(table, name);
      const rows: DenseRows =
        table.rows === 0
          ? { pointer: 0, rows: 0, columns: columns.length, stride: 4 * Math.ceil(columns.length / 4), intercept: -1 }
          : packRows(runtime, memory, { columns: moved, rows: table.rows, intercept: false, refuse });
      roundRows(runtime, rows, largestSizes(all, shift));
      const bounded = this.params.algorithm === "elkan";
      const pass = new LloydPass({ runtime, communicator }, memory, { rows, clusters, weights, bounded });
      return await this.#searchAll(pass, { sample, all, context, shift });
    });
    const inertia = all.weight * meanSquare(found.score, all, shift);
    const centres = found.centres.map((value, i) => value + shift[i % shift.length]);
    const { iterations, counts } = found;
    this.learned({ schema: tableSchema(table), clusters, centres, counts, iterations, inertia });
    return this;
  }

  // Internal

  #checkRows(rows: number): void {
    const { clusters } = this.params;
    if (rows === 0) throw new ShapeError("the table has no rows to learn from");
    if (clusters > rows) {
      throw new ParamError("clusters", `\`clusters\` of KMeans must be at most the ${rows} rows, got ${clusters}`);
    }
  }

  /** The best of all starts; reports each iteration, as if every start needed the most. */
  async #searchAll(pass: LloydPass, { sample, all, context, shift }: Search): Promise<Found> {
    const { clusters, starts, maxIterations, tolerance } = this.params;
    const random = new Random(context.seed + 1);
    const enough = (tolerance * all.variance.reduce((sum, value) => sum + value, 0)) / shift.length;
    const saved = await context.checkpoint?.load();
    const from = saved && readSearch(saved);
    let best = from?.best;
    for (let start = 0; start < starts; start++) {
      // Choices of starts that are done are made again, because the random numbers of the next ones follow theirs.
      const first = choosePlusPlus(sample, clusters, random);
      if (from !== undefined && start < from.start) continue;
      const begin = start === from?.start ? from : { centres: first, iteration: 0 };
      const sofar = best;
      const found = await lloyd(pass, begin, {
        enough,
        maxIterations,
        onIteration: async (iteration, score) =>
          context.report({
            step: start * maxIterations + iteration,
            total: starts * maxIterations,
            unit: "iteration",
            loss: meanSquare(score, all, shift),
          }),
        onMove: async (iteration, centres) =>
          context.checkpoint?.save(() => writeSearch({ start, iteration, centres, best: sofar })),
      });
      if (best === undefined || found.score < best.score) best = found;
    }
    return best as Found;
  }
}

// Internal

interface Search {
  readonly sample: Points;
  readonly all: RankedRows;
  readonly context: FitContext;
  readonly shift: Float64Array;
}

interface LloydOptions {
  /** Sum of squared moves of the centres that ends the search. */
  readonly enough: number;
  readonly maxIterations: number;
  onIteration(iteration: number, score: number): Promise<void>;
  /** Told of the centres from which the next iteration starts. */
  onMove(iteration: number, centres: Float64Array): Promise<void>;
}

async function lloyd(
  pass: LloydPass,
  begin: { readonly centres: Float64Array; readonly iteration: number },
  options: LloydOptions,
): Promise<Found> {
  let { centres } = begin;
  pass.restart();
  for (let iteration = begin.iteration + 1; ; iteration++) {
    const sums = await pass.run(centres);
    await options.onIteration(iteration, sums.score);
    const next = meansOf(sums, centres);
    const move = squaredDistance(next, centres);
    if (move <= options.enough || iteration === options.maxIterations) {
      const last = await pass.run(next);
      return { centres: next, counts: last.counts, score: last.score, iterations: iteration };
    }
    centres = next;
    await options.onMove(iteration, centres);
  }
}

/** The means of the rows by cluster; a centre without a row stays where it is. */
function meansOf({ sums, counts }: LloydSums, before: Float64Array): Float64Array {
  const features = before.length / counts.length;
  return sums.map((sum, i) => {
    const count = counts[Math.floor(i / features)];
    return count === 0 ? before[i] : sum / count;
  });
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
}

/** The largest sizes of the shifted columns. */
function largestSizes({ least, greatest }: RankedRows, shift: Float64Array): Float64Array {
  return shift.map((value, j) => Math.max(Math.abs(least[j] - value), Math.abs(greatest[j] - value)));
}

/** Mean squared distance of a row to its centre: E|x|² = Σ (variance + (mean − shift)²), plus twice the mean score. */
function meanSquare(score: number, { weight, mean, variance }: RankedRows, shift: Float64Array): number {
  const squares = variance.reduce((sum, value, j) => sum + value + (mean[j] - shift[j]) ** 2, 0);
  return Math.max(0, (2 * score) / weight + squares);
}
