// An isolation forest: rows that few random cuts part from all others are unusual.
import {
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  OutlierDetector,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import { CONTAMINATION, cutScore } from "../base/contamination.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { rowWeights, unequal } from "../base/row-weights.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { faultOf, IsolationTreeBuilder, type IsolationTrees, meanPath, pathLength } from "./isolation-tree.ts";

const PARAMS = {
  nEstimators: { type: "int", default: 100, min: 1, max: 100_000, doc: "Number of trees." },
  maxSamples: { type: "int", default: 256, min: 1, doc: "Rows drawn for each tree; fewer when there are fewer." },
  maxFeatures: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    max: 1,
    doc: "Share of the columns drawn for each tree.",
  },
  contamination: CONTAMINATION,
} as const satisfies ParamTable;

/** A row of average path length scores 2^-1, which is neither usual nor unusual. */
const OWN_THRESHOLD = 0.5;

interface Forest {
  readonly schema: readonly ColumnSchema[];
  readonly trees: IsolationTrees;
  /** Rows of each tree. */
  readonly samples: number;
  readonly threshold: number;
}

/** Scores rows by how few random cuts isolate them: 2^(-mean path length / c(rows of a tree)), less the threshold. */
export class IsolationForest extends OutlierDetector<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "IsolationForest",
    doc: "Finds rows that few random cuts part from all others; needs no target.",
    source: "Liu, Ting & Zhou 2008, 2012",
    params: PARAMS,
    task: "outliers",
    input: "matrix",
    weights: "drawn",
  };
  #model: Forest | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    noTarget(target, this.spec.name);
    const columns = numericColumns(table, this.spec.name);
    if (table.rows === 0) throw new ShapeError("the table has no rows to learn from");
    const { nEstimators, maxSamples, maxFeatures, contamination } = this.params;
    const weights = unequal(rowWeights(context, table.rows, this.spec));
    const rows = Uint32Array.from({ length: table.rows }, (_, row) => row).filter((row) => weights?.[row] !== 0);
    const samples = Math.min(maxSamples, rows.length);
    const random = new Random(context.seed + 1);
    const usable = Uint32Array.from(columns, (_, j) => j);
    const width = Math.max(1, Math.floor(maxFeatures * columns.length));
    const builder = new IsolationTreeBuilder();
    for (let tree = 1; tree <= nEstimators; tree++) {
      const drawn =
        weights === undefined ? draw(rows, samples, random).slice() : drawByWeight(rows, weights, { samples, random });
      builder.add(drawn, { columns, usable: draw(usable, width, random).slice(), random });
      await context.report({ step: tree, total: nEstimators, unit: "tree" });
    }
    const forest = { schema: tableSchema(table), trees: builder.finish(), samples, threshold: 0 };
    const threshold =
      contamination === null ? OWN_THRESHOLD : cutScore(scoresOf(forest, columns), contamination, weights);
    this.#model = { ...forest, threshold };
    return this;
  }

  predict(table: Table): Prediction {
    const forest = this.#fitted;
    return { kind: "number", values: scoresOf(forest, fittedColumns(forest.schema, table, this.spec.name)) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const forest = this.#fitted;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    return (frame, out) => {
      out[0] = scoreOf(forest, frame, slots);
    };
  }

  getState(): FittedState {
    const { schema, trees, samples, threshold } = this.#fitted;
    const { starts, features, values, rights } = trees;
    return {
      tensors: { starts: tensor(starts), features: tensor(features), values: tensor(values), rights: tensor(rights) },
      meta: { columns: schemaToJson(schema), trees: starts.length - 1, nodes: features.length, samples, threshold },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const [count, nodes, samples, threshold] = ["trees", "nodes", "samples", "threshold"].map((name) => {
      const value = readMeta(state, name, owner);
      if (typeof value !== "number") throw new ShapeError(`"${name}" in the state of ${owner} must be a number`);
      return value;
    });
    const trees = {
      starts: readTensor(state, "starts", { owner, type: Uint32Array, length: count + 1 }),
      features: readTensor(state, "features", { owner, type: Int32Array, length: nodes }),
      values: readTensor(state, "values", { owner, type: Float64Array, length: nodes }),
      rights: readTensor(state, "rights", { owner, type: Uint32Array, length: nodes }),
    };
    const fault = faultOf(trees, schema.length);
    if (fault !== undefined) throw new ShapeError(`the state of ${owner} is damaged: ${fault}`);
    if (!Number.isInteger(samples) || samples < 1)
      throw new ShapeError(`${owner} cannot have trees of ${samples} rows`);
    this.#model = { schema, trees, samples, threshold };
  }

  // Internal

  get #fitted(): Forest {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** `count` of the items at random, brought to the front; whatever order they were in before, all draws are alike. */
function draw(items: Uint32Array, count: number, random: Random): Uint32Array {
  for (let i = 0; i < count && i + 1 < items.length; i++) {
    const at = i + random.below(items.length - i);
    [items[i], items[at]] = [items[at], items[i]];
  }
  return items.subarray(0, count);
}

/**
 * `samples` rows, each as often as its share of the weights says, rounded up or down at random: systematic sampling in a
 * random order (Madow 1949). Of equal weights it is a draw without replacement.
 */
function drawByWeight(
  rows: Uint32Array,
  weights: Float64Array,
  { samples, random }: { samples: number; random: Random },
): Uint32Array {
  random.shuffle(rows);
  const step = rows.reduce((sum, row) => sum + weights[row], 0) / samples;
  const drawn = new Uint32Array(samples);
  const start = random.uniform();
  let [sum, count] = [0, 0];
  for (const row of rows) {
    sum += weights[row];
    while (count < samples && (start + count) * step < sum) drawn[count++] = row;
  }
  // Rounding may leave the last one over.
  return drawn.fill(rows[rows.length - 1], count);
}

function scoresOf(forest: Forest, columns: readonly Float64Array[]): Float64Array {
  const frame = new Float64Array(columns.length);
  const slots = Uint32Array.from(columns, (_, j) => j);
  return Float64Array.from({ length: columns[0]?.length ?? 0 }, (_, row) => {
    for (let j = 0; j < columns.length; j++) frame[j] = columns[j][row];
    return scoreOf(forest, frame, slots);
  });
}

function scoreOf({ trees, samples, threshold }: Forest, frame: Float64Array, slots: Uint32Array): number {
  const usual = meanPath(samples);
  // A tree of one row isolates nothing: every row is as usual as another.
  const share = usual === 0 ? 1 : pathLength(trees, frame, slots) / usual;
  return 2 ** -share - threshold;
}
