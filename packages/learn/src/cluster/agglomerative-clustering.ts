// Hierarchical clustering: every row begins as a cluster, and the two nearest become one until enough are left.
import type { EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { CentreClusterer } from "./centre-clusterer.ts";
import { cutMerges, linkRows } from "./linkage.ts";

const PARAMS = {
  clusters: {
    type: "int",
    default: 2,
    min: 1,
    doc: "Number of clusters at which merging ends, at most the number of rows.",
    search: { min: 2, max: 20 },
  },
  linkage: {
    type: "choice",
    default: "ward",
    choices: ["ward", "complete", "average", "single"],
    doc: "What is near: least growth of variance, or the farthest, the mean or the nearest distance of rows.",
  },
} as const satisfies ParamTable;

/** Distances of all pairs are kept: 1.6 GB of so many rows. */
const MOST_ROWS = 20_000;

/**
 * Merges rows into a hierarchy and cuts it. Rows given to `predict` go to the nearest mean of a cluster, which for rows
 * of the training may be another cluster than their own; those are in `labels` until the model is stored.
 */
export class AgglomerativeClustering extends CentreClusterer<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "AgglomerativeClustering",
    doc: "Merges the nearest rows and groups until so many groups are left; new rows go to the nearest group's mean.",
    source: "Ward 1963; Lance & Williams 1967; chains of nearest neighbours (Murtagh 1983)",
    params: PARAMS,
    task: "clustering",
    input: "matrix",
  };
  #labels: Int32Array | undefined;

  /** The cluster of each training row as merging left it; undefined in a model that was loaded. */
  get labels(): Int32Array | undefined {
    return this.#labels;
  }

  override setState(state: FittedState): void {
    super.setState(state);
    this.#labels = undefined;
  }

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    const columns = numericColumns(table, name);
    const { clusters, linkage } = this.params;
    const { rows: count } = table;
    checkCount(count, clusters);
    const features = columns.length;
    const rows = new Float64Array(count * features);
    columns.forEach((values, j) => {
      for (let i = 0; i < count; i++) rows[i * features + j] = values[i];
    });
    const codes = cutMerges(linkRows(rows, count, linkage), count, clusters);
    await context.report({ step: 1, total: 1, unit: "tree" });
    const counts = new Float64Array(clusters);
    const centres = new Float64Array(clusters * features);
    for (let i = 0; i < count; i++) {
      counts[codes[i]] += 1;
      for (let j = 0; j < features; j++) centres[codes[i] * features + j] += rows[i * features + j];
    }
    for (let at = 0; at < centres.length; at++) centres[at] /= counts[Math.floor(at / features)];
    let inertia = 0;
    rows.forEach((value, at) => {
      inertia += (value - centres[codes[Math.floor(at / features)] * features + (at % features)]) ** 2;
    });
    this.learned({ schema: tableSchema(table), clusters, centres, counts, iterations: count - clusters, inertia });
    const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
    const rank = new Int32Array(clusters);
    for (const [to, from] of order.entries()) rank[from] = to;
    this.#labels = codes.map((code) => rank[code]);
    return this;
  }
}

// Internal

function checkCount(rows: number, clusters: number): void {
  const name = "AgglomerativeClustering";
  if (rows === 0) throw new ShapeError("the table has no rows to learn from");
  if (clusters > rows) {
    throw new ParamError("clusters", `\`clusters\` of ${name} must be at most the ${rows} rows, got ${clusters}`);
  }
  if (rows > MOST_ROWS) {
    const cure = "take a sample, or use KMeans, MiniBatchKMeans or DBSCAN";
    throw new ShapeError(`${name} compares all pairs of at most ${MOST_ROWS} rows, there are ${rows}; ${cure}`);
  }
}
