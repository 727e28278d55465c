// Regression by a small network.
import type { EstimatorSpec, FitContext, FittedState, PartialContext, RowPredict, Slot } from "../base/component.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { MLP_PARAMS } from "./mlp-params.ts";
import { MultiLayerPerceptron } from "./multi-layer-perceptron.ts";

const END = { outputs: 1, output: "identity" } as const;

/** Half squared errors of a target that is brought to mean 0 and deviation 1 for the training. */
export class MLPRegressor extends MultiLayerPerceptron {
  readonly spec: EstimatorSpec<typeof MLP_PARAMS> = {
    name: "MLPRegressor",
    doc: "Regression by a small neural network of fully connected layers; scale the columns first.",
    source: "Rumelhart, Hinton & Williams 1986; Glorot & Bengio 2010; Kingma & Ba 2015 (Adam)",
    params: MLP_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "drawn",
  };

  /** Mean and deviation of the target. */
  #scale: Float64Array = new Float64Array(2);

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const numbers = numberTarget(target, table.rows, this.spec.name);
    this.#scale = scaleOf(numbers.values);
    await this.train({ table, target: numbers }, END, context);
    return this;
  }

  /** The target's mean and deviation are those of the sample. */
  override async beginPartial(sample: Table, target: Target, { seed }: FitContext): Promise<this> {
    this.validate();
    this.#scale = scaleOf(numberTarget(target, sample.rows, this.spec.name).values);
    this.begin(sample, END, seed);
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    await this.trainOn({ table, target: numberTarget(target, table.rows, this.spec.name) }, context);
    return this;
  }

  predict(table: Table): Prediction {
    const values = new Float64Array(table.rows);
    const [mean, deviation] = this.#scale;
    this.forEachRow(table, (row, [output]) => {
      values[row] = mean + deviation * output;
    });
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const network = this.compileNetwork(inputs);
    const [mean, deviation] = this.#scale;
    return (frame, out) => {
      out[0] = mean + deviation * network(frame)[0];
    };
  }

  getState(): FittedState {
    const { tensors, meta } = this.packNetwork();
    return { tensors: { ...tensors, scale: tensor(this.#scale) }, meta };
  }

  setState(state: FittedState): void {
    this.unpackNetwork(state, END);
    this.#scale = readTensor(state, "scale", { owner: this.spec.name, type: Float64Array, length: 2 });
  }

  protected encode(target: Target): Float64Array {
    const [mean, deviation] = this.#scale;
    const { values } = numberTarget(target, target.kind === "number" ? target.values.length : 0, this.spec.name);
    return values.map((value) => (value - mean) / deviation);
  }
}

// Internal

function scaleOf(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Float64Array.of(mean, Math.sqrt(square) || 1);
}
