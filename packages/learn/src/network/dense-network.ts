// Fully connected layers: what they give for a batch of rows, and the gradient of their loss by backpropagation
// (Rumelhart, Hinton & Williams 1986). All weights lie in one array: per layer inputs × outputs, then the biases.
import type { Random } from "../base/random.ts";

export type Activation = "relu" | "tanh" | "logistic";
/** How scores become predictions, and with that which loss is meant: half squares, or cross-entropy. */
export type Output = "identity" | "logistic" | "softmax";

export interface NetworkShape {
  /** Columns, units of each hidden layer, outputs. */
  readonly sizes: readonly number[];
  readonly activation: Activation;
  readonly output: Output;
}

/** How many weights a network has. */
export function weightCount({ sizes }: Pick<NetworkShape, "sizes">): number {
  return layersOf(sizes).reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
}

/** Weights from a uniform distribution that keeps the layers' spread alike (Glorot & Bengio 2010). */
export function initialWeights({ sizes, activation }: NetworkShape, random: Random): Float64Array {
  const weights = new Float64Array(weightCount({ sizes }));
  for (const { inputs, outputs, at } of layersOf(sizes)) {
    const bound = Math.sqrt((activation === "logistic" ? 2 : 6) / (inputs + outputs));
    for (let i = 0; i < (inputs + 1) * outputs; i++) weights[at + i] = bound * (2 * random.uniform() - 1);
  }
  return weights;
}

/** Sum of the squared weights, biases left out; with `gradient`, `scale` times each is added there. */
export function penalty(
  { sizes }: Pick<NetworkShape, "sizes">,
  weights: Float64Array,
  { scale, gradient }: { scale: number; gradient?: Float64Array },
): number {
  let sum = 0;
  for (const { inputs, outputs, at } of layersOf(sizes)) {
    for (let i = at; i < at + inputs * outputs; i++) {
      sum += weights[i] * weights[i];
      if (gradient !== undefined) gradient[i] += scale * weights[i];
    }
  }
  return sum;
}

/** The work space of one network for batches of up to `capacity` rows. */
export class DensePass {
  readonly #shape: NetworkShape;
  readonly #layers: readonly Layer[];
  /** Rows × units of every layer, the input first. */
  readonly #values: readonly Float64Array[];
  readonly #deltas: readonly Float64Array[];

  constructor(shape: NetworkShape, capacity: number) {
    this.#shape = shape;
    this.#layers = layersOf(shape.sizes);
    this.#values = shape.sizes.map((size) => new Float64Array(size * capacity));
    this.#deltas = shape.sizes.map((size) => new Float64Array(size * capacity));
  }

  /** Where a batch's rows are to be written, row-major. */
  get input(): Float64Array {
    return this.#values[0];
  }

  /** Predictions of the first `rows` rows of the input, rows × outputs; overwritten by the next call. */
  forward(weights: Float64Array, rows: number): Float64Array {
    const last = this.#layers.length - 1;
    for (const [l, layer] of this.#layers.entries()) {
      const out = this.#values[l + 1];
      multiply(layer, weights, { input: this.#values[l], out, rows });
      if (l < last) activate(out, rows * layer.outputs, this.#shape.activation);
    }
    const out = this.#values[last + 1];
    finish(out, rows, this.#layers[last].outputs, this.#shape.output);
    return out;
  }

  /**
   * Adds the gradient of the summed loss of the last `forward` to `gradient`; gives that loss. `targets`: rows × outputs,
   * 1 for the row's class; `counts`: how much each row counts.
   */
  backward(
    weights: Float64Array,
    gradient: Float64Array,
    { targets, rows, counts }: { targets: Float64Array; rows: number; counts?: Float64Array },
  ): number {
    const last = this.#layers.length;
    const { outputs } = this.#layers[last - 1];
    const loss = lossOf(this.#values[last], targets, { rows, outputs, output: this.#shape.output, counts });
    const delta = this.#deltas[last];
    for (let i = 0; i < rows * outputs; i++) {
      const count = counts === undefined ? 1 : counts[Math.floor(i / outputs)];
      delta[i] = count * (this.#values[last][i] - targets[i]);
    }
    for (let l = last - 1; l >= 0; l--) {
      const given = { input: this.#values[l], delta: this.#deltas[l + 1], rows };
      accumulate(this.#layers[l], gradient, given);
      if (l > 0) propagate(this.#layers[l], weights, { ...given, out: this.#deltas[l], kind: this.#shape.activation });
    }
    return loss;
  }
}

/** The summed loss of predictions. */
export function lossOf(
  predicted: Float64Array,
  targets: Float64Array,
  { rows, outputs, output, counts }: { rows: number; outputs: number; output: Output; counts?: Float64Array },
): number {
  let sum = 0;
  for (let i = 0; i < rows * outputs; i++) {
    const count = counts === undefined ? 1 : counts[Math.floor(i / outputs)];
    const [p, y] = [predicted[i], targets[i]];
    if (output === "identity") sum += (count * (p - y) ** 2) / 2;
    else if (y > 0) sum -= count * Math.log(Math.max(p, TINY));
    else if (output === "logistic") sum -= count * Math.log(Math.max(1 - p, TINY));
  }
  return sum;
}

// Internal

/** A probability that was rounded to 0 costs as much as the least one. */
const TINY = Number.EPSILON;

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Where its weights begin. */
  readonly at: number;
}

function layersOf(sizes: readonly number[]): Layer[] {
  let at = 0;
  return sizes.slice(1).map((outputs, l) => {
    const layer = { inputs: sizes[l], outputs, at };
    at += (layer.inputs + 1) * outputs;
    return layer;
  });
}

function multiply(
  { inputs, outputs, at }: Layer,
  weights: Float64Array,
  { input, out, rows }: { input: Float64Array; out: Float64Array; rows: number },
): void {
  const biases = at + inputs * outputs;
  for (let i = 0; i < rows; i++) {
    const base = i * outputs;
    for (let k = 0; k < outputs; k++) out[base + k] = weights[biases + k];
    for (let j = 0; j < inputs; j++) {
      const value = input[i * inputs + j];
      // Half of what comes out of rectified units is 0.
      if (value === 0) continue;
      const row = at + j * outputs;
      for (let k = 0; k < outputs; k++) out[base + k] += value * weights[row + k];
    }
  }
}

function activate(values: Float64Array, length: number, kind: Activation): void {
  if (kind === "relu") for (let i = 0; i < length; i++) values[i] = Math.max(values[i], 0);
  else if (kind === "tanh") for (let i = 0; i < length; i++) values[i] = Math.tanh(values[i]);
  else for (let i = 0; i < length; i++) values[i] = 1 / (1 + Math.exp(-values[i]));
}

function finish(values: Float64Array, rows: number, outputs: number, output: Output): void {
  if (output === "identity") return;
  if (output === "logistic") {
    activate(values, rows, "logistic");
    return;
  }
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * outputs, (i + 1) * outputs);
    let top = row[0];
    for (let k = 1; k < outputs; k++) if (row[k] > top) top = row[k];
    let sum = 0;
    for (let k = 0; k < outputs; k++) {
      row[k] = Math.exp(row[k] - top);
      sum += row[k];
    }
    for (let k = 0; k < outputs; k++) row[k] /= sum;
  }
}

interface Backwards {
  readonly input: Float64Array;
  readonly delta: Float64Array;
  readonly rows: number;
}

function accumulate({ inputs, outputs, at }: Layer, gradient: Float64Array, { input, delta, rows }: Backwards): void {
  const biases = at + inputs * outputs;
  for (let i = 0; i < rows; i++) {
    const base = i * outputs;
    for (let k = 0; k < outputs; k++) gradient[biases + k] += delta[base + k];
    for (let j = 0; j < inputs; j++) {
      const value = input[i * inputs + j];
      if (value === 0) continue;
      const row = at + j * outputs;
      for (let k = 0; k < outputs; k++) gradient[row + k] += value * delta[base + k];
    }
  }
}

function propagate(
  { inputs, outputs, at }: Layer,
  weights: Float64Array,
  { input, delta, rows, out, kind }: Backwards & { readonly out: Float64Array; readonly kind: Activation },
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < inputs; j++) {
      const value = input[i * inputs + j];
      const slope = kind === "relu" ? (value > 0 ? 1 : 0) : kind === "tanh" ? 1 - value * value : value * (1 - value);
      let sum = 0;
      if (slope !== 0) {
        for (let k = 0; k < outputs; k++) sum += delta[i * outputs + k] * weights[at + j * outputs + k];
      }
      out[i * inputs + j] = slope * sum;
    }
  }
}
