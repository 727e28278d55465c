// Classification by a small network.
import type { EstimatorSpec, FitContext, FittedState, PartialContext, RowPredict, Slot } from "../base/component.ts";
import { knownClasses } from "../base/known-classes.ts";
import { readStrings } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { classTarget } from "../matrix/target-values.ts";
import { MLP_PARAMS } from "./mlp-params.ts";
import { MultiLayerPerceptron } from "./multi-layer-perceptron.ts";

/** Cross-entropy: with two classes one logistic output, with more one for each and softmax. */
export class MLPClassifier extends MultiLayerPerceptron {
  readonly spec: EstimatorSpec<typeof MLP_PARAMS> = {
    name: "MLPClassifier",
    doc: "Classification by a small neural network of fully connected layers; scale the columns first.",
    source: "Rumelhart, Hinton & Williams 1986; Glorot & Bengio 2010; Kingma & Ba 2015 (Adam)",
    params: MLP_PARAMS,
    task: "classification",
    input: "matrix",
    weights: "drawn",
  };

  #classes: readonly string[] = [];

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const labels = classTarget(target, table.rows, this.spec.name);
    this.#classes = labels.classes;
    await this.train({ table, target: labels }, endOf(labels.classes), context);
    return this;
  }

  override async beginPartial(sample: Table, target: Target, { seed }: FitContext): Promise<this> {
    this.validate();
    this.#classes = classTarget(target, sample.rows, this.spec.name).classes;
    this.begin(sample, endOf(this.#classes), seed);
    return this;
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const own = target.kind === "class" ? knownClasses(target, this.#classes, this.spec.name) : target;
    await this.trainOn({ table, target: classTarget(own, table.rows, this.spec.name) }, context);
    return this;
  }

  predict(table: Table): Prediction {
    const classes = this.#classes;
    const probabilities = new Float64Array(table.rows * classes.length);
    this.forEachRow(table, (row, outputs) => {
      share(outputs, probabilities.subarray(row * classes.length, (row + 1) * classes.length));
    });
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const network = this.compileNetwork(inputs);
    return (frame, out) => share(network(frame), out);
  }

  getState(): FittedState {
    const { tensors, meta } = this.packNetwork();
    return { tensors, meta: { ...meta, classes: this.#classes } };
  }

  setState(state: FittedState): void {
    const classes = readStrings(state, "classes", this.spec.name);
    this.unpackNetwork(state, endOf(classes));
    this.#classes = classes;
  }

  protected encode(target: Target): Float64Array {
    const { codes } = classTarget(target, target.kind === "class" ? target.codes.length : 0, this.spec.name);
    const { outputs } = endOf(this.#classes);
    if (outputs === 1) return Float64Array.from(codes);
    const encoded = new Float64Array(codes.length * outputs);
    codes.forEach((code, row) => {
      encoded[row * outputs + code] = 1;
    });
    return encoded;
  }
}

// Internal

function endOf({ length }: readonly string[]) {
  return length === 2
    ? ({ outputs: 1, output: "logistic" } as const)
    : ({ outputs: length, output: "softmax" } as const);
}

/** One logistic output stands for two classes. */
function share(outputs: Float64Array, out: Float64Array): void {
  if (outputs.length > 1) {
    out.set(outputs);
    return;
  }
  out[0] = 1 - outputs[0];
  out[1] = outputs[0];
}
