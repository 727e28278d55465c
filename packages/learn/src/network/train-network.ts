// Training a network by mini-batches: the loop over epochs, its end, and what it leaves for another attempt.
import type { FitContext, FittedState } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import { DensePass, initialWeights, lossOf, type NetworkShape, penalty, weightCount } from "./dense-network.ts";
import type { MlpParams } from "./mlp-params.ts";
import { StepRule } from "./step-rule.ts";

/** Rows as a network takes them: rows × columns and rows × outputs, row-major. */
export interface Examples {
  readonly rows: number;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  /** How much each row counts, 1 on average. */
  readonly counts?: Float64Array;
}

export interface NetworkFit {
  readonly shape: NetworkShape;
  readonly params: MlpParams;
  readonly examples: Examples;
  readonly watched: Examples | undefined;
}

export interface TrainedNetwork {
  readonly weights: Float64Array;
  /** Mean loss of each epoch, the penalty included. */
  readonly loss: readonly number[];
}

/** Trains from random weights, or goes on from the context's checkpoint. Throws ParamError when it diverges. */
export async function trainNetwork(fit: NetworkFit, context: FitContext): Promise<TrainedNetwork> {
  const run = new NetworkRun(fit, context.seed);
  const saved = await context.checkpoint?.load();
  if (saved !== undefined) run.restore(saved);
  const { epochs } = fit.params;
  while (!run.hasEnded) {
    const { loss, validationLoss } = run.epoch();
    const told = validationLoss === undefined ? {} : { validationLoss };
    await context.report({ step: run.loss.length, total: epochs, unit: "epoch", loss, ...told });
    await context.checkpoint?.save(() => run.state());
  }
  return { weights: run.best, loss: run.loss };
}

/** Where a training in parts is: the weights, and what the step rule keeps. */
export interface NetworkPlace {
  readonly weights: Float64Array;
  readonly memory: Float64Array;
  readonly updates: number;
}

/** The place where a training begins. */
export function beginTraining(shape: NetworkShape, params: MlpParams, seed: number): NetworkPlace {
  return atRest(initialWeights(shape, new Random(seed)), params);
}

/** Weights that have not moved yet. */
export function atRest(weights: Float64Array, params: MlpParams): NetworkPlace {
  return { weights, memory: new StepRule(params, weights.length).memory, updates: 0 };
}

/** One pass over the examples from a place, by mini-batches; gives the next place. Throws ParamError when it diverges. */
export function trainPart(
  fit: Omit<NetworkFit, "watched">,
  place: NetworkPlace,
  seed: number,
): { place: NetworkPlace; loss: number } {
  const run = new NetworkRun({ ...fit, watched: undefined }, seed);
  run.moveTo(place);
  const { loss } = run.epoch();
  return { place: run.place, loss };
}

// Internal

const OWNER = "the checkpoint of a network";
/** Rows whose loss is taken at once. */
const WATCHED_ROWS = 256;

class NetworkRun {
  readonly loss: number[] = [];
  readonly #fit: NetworkFit;
  readonly #weights: Float64Array;
  readonly #rule: StepRule;
  readonly #random: Random;
  readonly #order: Uint32Array;
  readonly #held: Uint32Array;
  readonly #pass: DensePass;
  readonly #gradient: Float64Array;
  readonly #batch: number;
  #best: Float64Array | undefined;
  #lowest = Number.POSITIVE_INFINITY;
  #withoutGain = 0;

  constructor(fit: NetworkFit, seed: number) {
    const { shape, params, examples } = fit;
    this.#fit = fit;
    this.#random = new Random(seed);
    this.#weights = initialWeights(shape, this.#random);
    this.#rule = new StepRule(params, this.#weights.length);
    const all = this.#random.permutation(examples.rows);
    const held = params.earlyStopping ? heldRows(examples.rows, params.validationFraction) : 0;
    this.#held = all.slice(0, held);
    this.#order = all.slice(held);
    this.#batch = Math.min(params.batchSize, this.#order.length);
    this.#pass = new DensePass(shape, Math.max(this.#batch, WATCHED_ROWS));
    this.#gradient = new Float64Array(this.#weights.length);
  }

  /** The weights to keep: those of the lowest held-out loss, or the last. */
  get best(): Float64Array {
    return this.#best ?? this.#weights;
  }

  get hasEnded(): boolean {
    const { epochs, patience } = this.#fit.params;
    return this.loss.length >= epochs || this.#withoutGain >= patience;
  }

  epoch(): { loss: number; validationLoss: number | undefined } {
    this.#random.shuffle(this.#order);
    let sum = 0;
    for (let begin = 0; begin < this.#order.length; begin += this.#batch) {
      sum += this.#step(this.#order.subarray(begin, begin + this.#batch));
    }
    const loss = sum / this.#order.length;
    if (!Number.isFinite(loss)) throw this.#diverged();
    this.loss.push(loss);
    const held = this.#held.length > 0 ? this.#lossOf(this.#fit.examples, this.#held) : undefined;
    const { watched } = this.#fit;
    this.#judge(held ?? loss, held !== undefined);
    return { loss, validationLoss: held ?? (watched && this.#lossOf(watched, undefined)) };
  }

  moveTo({ weights, memory, updates }: NetworkPlace): void {
    this.#weights.set(weights);
    this.#rule.restore(memory, updates);
  }

  get place(): NetworkPlace {
    const { memory, updates } = this.#rule;
    return { weights: this.#weights, memory, updates };
  }

  state(): FittedState {
    return {
      tensors: {
        weights: tensor(this.#weights.slice()),
        best: tensor(this.best.slice()),
        memory: tensor(this.#rule.memory.slice()),
        loss: tensor(Float64Array.from(this.loss)),
      },
      meta: { updates: this.#rule.updates, lowest: this.#lowest, withoutGain: this.#withoutGain },
    };
  }

  restore(state: FittedState): void {
    const read = (name: string, length?: number) =>
      readTensor(state, name, { owner: OWNER, type: Float64Array, length });
    const count = weightCount(this.#fit.shape);
    this.#weights.set(read("weights", count));
    if (this.#held.length > 0) this.#best = read("best", count).slice();
    this.#rule.restore(read("memory", this.#rule.memory.length), Number(readMeta(state, "updates", OWNER)));
    this.#lowest = Number(readMeta(state, "lowest", OWNER));
    this.#withoutGain = Number(readMeta(state, "withoutGain", OWNER));
    this.loss.push(...read("loss"));
    // The orders of the epochs that were made, so that the next one is what it would have been.
    for (let epoch = 0; epoch < this.loss.length; epoch++) this.#random.shuffle(this.#order);
  }

  // Internal

  /** One step; gives the rows' summed loss before it. */
  #step(rows: Uint32Array): number {
    const { shape, params, examples } = this.#fit;
    this.#gradient.fill(0);
    const given = this.#lay(examples, rows);
    this.#pass.forward(this.#weights, rows.length);
    const loss = this.#pass.backward(this.#weights, this.#gradient, given);
    const squares = penalty(shape, this.#weights, { scale: params.alpha, gradient: this.#gradient });
    for (let i = 0; i < this.#gradient.length; i++) this.#gradient[i] /= rows.length;
    this.#rule.step(this.#weights, this.#gradient);
    return loss + (params.alpha * squares) / 2;
  }

  /** Copies rows into the pass; gives what their loss is taken of. */
  #lay({ inputs, targets, counts }: Examples, rows: Uint32Array) {
    const { sizes } = this.#fit.shape;
    const [columns, outputs] = [sizes[0], sizes[sizes.length - 1]];
    const chosen = new Float64Array(rows.length * outputs);
    rows.forEach((row, i) => {
      for (let j = 0; j < columns; j++) this.#pass.input[i * columns + j] = inputs[row * columns + j];
      for (let k = 0; k < outputs; k++) chosen[i * outputs + k] = targets[row * outputs + k];
    });
    return { targets: chosen, rows: rows.length, counts: counts && Float64Array.from(rows, (row) => counts[row]) };
  }

  /** Mean loss of some rows, or all, without the penalty. */
  #lossOf(examples: Examples, chosen: Uint32Array | undefined): number {
    const { sizes, output } = this.#fit.shape;
    const rows = chosen ?? Uint32Array.from({ length: examples.rows }, (_, row) => row);
    let sum = 0;
    for (let begin = 0; begin < rows.length; begin += WATCHED_ROWS) {
      const given = this.#lay(examples, rows.subarray(begin, begin + WATCHED_ROWS));
      const predicted = this.#pass.forward(this.#weights, given.rows);
      sum += lossOf(predicted, given.targets, { ...given, outputs: sizes[sizes.length - 1], output });
    }
    return sum / rows.length;
  }

  #judge(loss: number, isHeldOut: boolean): void {
    const { tolerance } = this.#fit.params;
    const isBetter = loss < this.#lowest * (1 - tolerance);
    this.#withoutGain = isBetter ? 0 : this.#withoutGain + 1;
    if (loss >= this.#lowest) return;
    this.#lowest = loss;
    if (isHeldOut) this.#best = this.#weights.slice();
  }

  #diverged(): ParamError {
    const { learningRate } = this.#fit.params;
    const epoch = this.loss.length + 1;
    return new ParamError(
      "learningRate",
      `the network diverged in epoch ${epoch} with \`learningRate\` ${learningRate}; scale the columns, or take a tenth of it`,
    );
  }
}

/** At least one row is held out and one is left to learn from. */
function heldRows(rows: number, share: number): number {
  return Math.min(rows - 1, Math.max(1, Math.round(rows * share)));
}
