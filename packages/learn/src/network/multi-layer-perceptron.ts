// What the regressor and the classifier by a network share: columns and targets as examples, training, and the network
// of one row.
import { Estimator, type FitContext, type FittedState, type PartialContext, type Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Table, Target } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { DensePass, type NetworkShape, weightCount } from "./dense-network.ts";
import type { MLP_PARAMS } from "./mlp-params.ts";
import { atRest, beginTraining, type Examples, type NetworkPlace, trainNetwork, trainPart } from "./train-network.ts";

/** Rows predicted at once. */
const BLOCK_ROWS = 256;
/** Passes over rows that come in parts, at most: `tolerance` and `earlyStopping`, which end others, need all at once. */
const PARTIAL_PASSES = 20;

interface Fitted {
  readonly schema: readonly ColumnSchema[];
  readonly shape: NetworkShape;
  readonly weights: Float64Array;
}

/** Columns through layers of units to outputs. */
export abstract class MultiLayerPerceptron extends Estimator<typeof MLP_PARAMS> {
  #network: Fitted | undefined;
  /** Between parts: where the training is. It is no part of the state, so that a saved network goes on from rest. */
  #place: NetworkPlace | undefined;

  override passes(): number {
    return Math.min(PARTIAL_PASSES, this.params.epochs);
  }

  /** Targets as outputs, rows × outputs. */
  protected abstract encode(target: Target): Float64Array;

  /** Trains on rows whose targets `encode` understands; `outputs` and `output` say how the network ends. */
  protected async train(
    { table, target }: { table: Table; target: Target },
    end: { outputs: number; output: NetworkShape["output"] },
    context: FitContext,
  ): Promise<void> {
    const schema = tableSchema(table);
    const shape = this.#shape(schema.length, end);
    const counts = meanOne(rowWeights(context, table.rows, this.spec));
    const examples = { ...this.#examples(table, target), counts };
    const { watched } = context;
    const seen = watched && this.#examples(alignTable(schema, watched.table, this.spec.name), watched.target);
    const { weights } = await trainNetwork({ shape, params: this.params, examples, watched: seen }, context);
    this.#network = { schema, shape, weights };
    this.#place = undefined;
  }

  /** Readies a network of random weights for `trainOn`; throws ParamError where parameters need all rows at once. */
  protected begin(sample: Table, end: { outputs: number; output: NetworkShape["output"] }, seed: number): void {
    this.#refuseHeldOut();
    const schema = tableSchema(sample);
    const shape = this.#shape(schema.length, end);
    this.#place = beginTraining(shape, this.params, seed);
    this.#network = { schema, shape, weights: this.#place.weights };
  }

  /** Goes on by one pass over rows whose targets `encode` understands; steps are shorter by the rows' share. */
  protected async trainOn({ table, target }: { table: Table; target: Target }, context: PartialContext): Promise<void> {
    this.#refuseHeldOut();
    const { schema, shape, weights } = this.#fitted;
    const { pass, passes, endsPass, share, seed } = context;
    const own = alignTable(schema, table, this.spec.name);
    const counts = meanOne(rowWeights(context, own.rows, this.spec));
    const examples = { ...this.#examples(own, target), counts };
    const params = { ...this.params, learningRate: this.params.learningRate * share };
    const from = this.#place ?? atRest(weights, params);
    const { place, loss } = trainPart({ shape, params, examples }, from, seed + pass + from.updates);
    this.#place = place;
    this.#network = { schema, shape, weights: place.weights };
    if (endsPass) await context.report({ step: pass + 1, total: passes, unit: "epoch", loss });
  }

  /** Calls `each` with the outputs of every row, which are overwritten by the next. */
  protected forEachRow(table: Table, each: (row: number, outputs: Float64Array) => void): void {
    const { schema, shape, weights } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const outputs = shape.sizes[shape.sizes.length - 1];
    const pass = new DensePass(shape, BLOCK_ROWS);
    for (let begin = 0; begin < table.rows; begin += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, table.rows - begin);
      columns.forEach((values, j) => {
        for (let i = 0; i < rows; i++) pass.input[i * columns.length + j] = values[begin + i];
      });
      const out = pass.forward(weights, rows);
      for (let i = 0; i < rows; i++) each(begin + i, out.subarray(i * outputs, (i + 1) * outputs));
    }
  }

  /** The outputs of a row frame. */
  protected compileNetwork(inputs: readonly Slot[]): (frame: Float64Array) => Float64Array {
    const { shape, weights } = this.#fitted;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const pass = new DensePass(shape, 1);
    return (frame) => {
      for (let j = 0; j < slots.length; j++) pass.input[j] = frame[slots[j]];
      return pass.forward(weights, 1);
    };
  }

  protected packNetwork(): FittedState {
    const { schema, weights } = this.#fitted;
    return { tensors: { weights: tensor(weights) }, meta: { columns: schemaToJson(schema) } };
  }

  /** Reads what `packNetwork` wrote; throws ShapeError. */
  protected unpackNetwork(state: FittedState, end: { outputs: number; output: NetworkShape["output"] }): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const shape = this.#shape(schema.length, end);
    const weights = readTensor(state, "weights", { owner, type: Float64Array, length: weightCount(shape) });
    this.#network = { schema, shape, weights };
    this.#place = undefined;
  }

  // Internal

  #refuseHeldOut(): void {
    if (!this.params.earlyStopping) return;
    const problem = `\`earlyStopping\` of ${this.spec.name} holds out rows of all there are; set it to false to learn in parts`;
    throw new ParamError("earlyStopping", problem);
  }

  #shape(columns: number, { outputs, output }: { outputs: number; output: NetworkShape["output"] }): NetworkShape {
    const { hiddenLayers, units, activation } = this.params;
    return { sizes: [columns, ...new Array<number>(hiddenLayers).fill(units), outputs], activation, output };
  }

  #examples(table: Table, target: Target): Examples {
    const columns = numericColumns(table, this.spec.name);
    const inputs = new Float64Array(table.rows * columns.length);
    columns.forEach((values, j) => {
      for (let i = 0; i < table.rows; i++) inputs[i * columns.length + j] = values[i];
    });
    return { rows: table.rows, inputs, targets: this.encode(target) };
  }

  get #fitted(): Fitted {
    if (this.#network === undefined) throw this.notFitted();
    return this.#network;
  }
}

// Internal

/** Weights whose mean is 1, so that they leave the size of the steps alone. */
function meanOne(weights: Float64Array | undefined): Float64Array | undefined {
  if (weights === undefined) return undefined;
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}
