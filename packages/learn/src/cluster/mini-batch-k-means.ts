// k-means by small batches of rows: each batch moves the centres of its rows a little, the less the more rows they have
// seen. Rows may come in parts, so that not all need be there at once.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { CentreClusterer } from "./centre-clusterer.ts";
import { choosePlusPlus } from "./plus-plus.ts";

const PARAMS = {
  clusters: {
    type: "int",
    default: 8,
    min: 1,
    doc: "Number of clusters to find, at most the number of rows.",
    search: { min: 2, max: 20 },
  },
  batchSize: { type: "int", default: 1024, min: 1, doc: "Rows that move the centres together." },
  epochs: { type: "int", default: 10, min: 1, doc: "Passes over the rows." },
} as const satisfies ParamTable;

/** First centres are sought among so many rows, and so many more per cluster. */
const SAMPLE_ROWS = 4096;
const SAMPLE_ROWS_PER_CLUSTER = 32;

/** Groups rows around centres that batches of rows move; cluster 0 is the one with most rows when `fit` ended. */
export class MiniBatchKMeans extends CentreClusterer<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "MiniBatchKMeans",
    doc: "K-means from small batches of rows; nearly as tight, and it can go on with further rows.",
    source: "Sculley 2010, Web-Scale K-Means Clustering; greedy k-means++ (Arthur & Vassilvitskii 2007)",
    params: PARAMS,
    task: "clustering",
    input: "matrix",
    weights: "drawn",
  };

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    const columns = numericColumns(table, name);
    const weights = rowWeights(context, table.rows, this.spec);
    const { clusters, epochs, batchSize } = this.params;
    checkRows(table.rows, clusters, name);
    const random = new Random(context.seed);
    const rows = rowsOf(columns);
    const found = {
      centres: this.#firstCentres(rows, columns.length, weights, random),
      counts: new Float64Array(clusters),
    };
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = random.permutation(table.rows);
      let score = 0;
      // What a pass counts is forgotten by half in the next, so that centres do not stand still too early.
      for (let k = 0; k < clusters; k++) found.counts[k] /= 2;
      for (let begin = 0; begin < order.length; begin += batchSize) {
        score += moveCentres(found, rows, { order: order.subarray(begin, begin + batchSize), weights });
      }
      await context.report({ step: epoch, total: epochs, unit: "epoch", loss: score / table.rows });
    }
    const inertia = closestSquares(found, rows, weights);
    this.learned({ schema: tableSchema(table), clusters, ...found, iterations: epochs, inertia });
    return this;
  }

  /** One pass over these rows, from where it is; clusters keep their numbers. */
  override async partialFit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    const { schema, clusters, centres, counts, iterations, inertia } = this.model;
    noTarget(target, this.spec.name);
    const rows = rowsOf(fittedColumns(schema, table, this.spec.name));
    const weights = rowWeights(context, table.rows, this.spec);
    const found = { centres: centres.slice(), counts: counts.slice() };
    const order = new Random(context.seed + iterations).permutation(table.rows);
    for (let begin = 0; begin < order.length; begin += this.params.batchSize) {
      moveCentres(found, rows, { order: order.subarray(begin, begin + this.params.batchSize), weights });
    }
    this.replace({ schema, clusters, ...found, iterations: iterations + 1, inertia });
    return this;
  }

  // Internal

  #firstCentres(rows: Float64Array, features: number, weights: Float64Array | undefined, random: Random): Float64Array {
    const { clusters } = this.params;
    const all = rows.length / features;
    const count = Math.min(all, SAMPLE_ROWS + SAMPLE_ROWS_PER_CLUSTER * clusters);
    if (count === all) return choosePlusPlus({ values: rows, count, features, weights }, clusters, random);
    const chosen = random.permutation(all).subarray(0, count).sort();
    const values = new Float64Array(count * features);
    for (const [to, row] of chosen.entries())
      values.set(rows.subarray(row * features, (row + 1) * features), to * features);
    const own = weights && Float64Array.from(chosen, (row) => weights[row]);
    return choosePlusPlus({ values, count, features, weights: own }, clusters, random);
  }
}

// Internal

interface Moving {
  readonly centres: Float64Array;
  readonly counts: Float64Array;
}

function checkRows(rows: number, clusters: number, owner: string): void {
  if (rows === 0) throw new ShapeError("the table has no rows to learn from");
  if (clusters > rows) {
    throw new ParamError("clusters", `\`clusters\` of ${owner} must be at most the ${rows} rows, got ${clusters}`);
  }
}

function rowsOf(columns: readonly Float64Array[]): Float64Array {
  const rows = new Float64Array(columns[0].length * columns.length);
  columns.forEach((values, j) => {
    for (let i = 0; i < values.length; i++) rows[i * columns.length + j] = values[i];
  });
  return rows;
}

/** Assigns a batch by the centres as they are, then moves each to the mean of all rows it has counted; gives the inertia. */
function moveCentres(
  { centres, counts }: Moving,
  rows: Float64Array,
  { order, weights }: { order: Uint32Array; weights: Float64Array | undefined },
): number {
  const clusters = counts.length;
  const features = centres.length / clusters;
  const sums = new Float64Array(centres.length);
  const added = new Float64Array(clusters);
  let score = 0;
  for (const row of order) {
    const { place, square } = closest(centres, rows, row, features);
    const weight = weights?.[row] ?? 1;
    added[place] += weight;
    score += weight * square;
    for (let j = 0; j < features; j++) sums[place * features + j] += weight * rows[row * features + j];
  }
  for (let k = 0; k < clusters; k++) {
    if (added[k] === 0) continue;
    counts[k] += added[k];
    const rate = 1 / counts[k];
    for (let j = 0; j < features; j++) {
      const at = k * features + j;
      centres[at] += rate * (sums[at] - added[k] * centres[at]);
    }
  }
  return score;
}

function closest(centres: Float64Array, rows: Float64Array, row: number, features: number) {
  let [place, square] = [0, Number.POSITIVE_INFINITY];
  for (let k = 0; k * features < centres.length; k++) {
    let sum = 0;
    for (let j = 0; j < features; j++) {
      const difference = rows[row * features + j] - centres[k * features + j];
      sum += difference * difference;
    }
    if (sum < square) [place, square] = [k, sum];
  }
  return { place, square };
}

/** The inertia; `counts` become the rows of each cluster. */
function closestSquares({ centres, counts }: Moving, rows: Float64Array, weights: Float64Array | undefined): number {
  const features = centres.length / counts.length;
  counts.fill(0);
  let total = 0;
  for (let row = 0; row * features < rows.length; row++) {
    const { place, square } = closest(centres, rows, row, features);
    const weight = weights?.[row] ?? 1;
    counts[place] += weight;
    total += weight * square;
  }
  return total;
}
