// How an optimiser turns a gradient into new weights: what it remembers, one entry per weight and slot, and its step. The
// L1 penalty is a proximal step of the same size, which gives weights of exactly 0 (Duchi & Singer 2009, Efficient Online
// and Batch Learning Using Forward Backward Splitting).
import type { DescentParams } from "./descent-params.ts";

/** What a step needs besides the weights. */
export interface StepSettings {
  readonly rate: number;
  readonly l2: number;
  readonly momentum: number;
  /** Updates made, this one included. */
  readonly update: number;
}

/** Keeps a step finite where the gradients have been 0. */
const TINY = 1e-8;

/** Whether the optimiser divides each weight's steps by the size of its gradients. */
export function isAdaptive({ optimizer }: DescentParams): boolean {
  return optimizer !== "momentum" && optimizer !== "nesterov";
}

/** How many numbers an optimiser remembers for each weight. */
export function slotsOf({ optimizer }: DescentParams): number {
  return optimizer === "adam" || optimizer === "adamw" ? 2 : 1;
}

/** The steps of one optimiser; `memory` holds its slots one after another and is changed in place. */
export class Optimizer {
  readonly #params: DescentParams;
  readonly #memory: Float64Array;
  readonly #width: number;

  constructor(params: DescentParams, memory: Float64Array) {
    this.#params = params;
    this.#memory = memory;
    this.#width = memory.length / slotsOf(params);
  }

  /** Where the gradient of the next step is to be taken: with Nesterov's momentum, ahead of the weights. */
  lookAhead(weights: Float64Array, momentum: number, out: Float64Array): Float64Array {
    if (this.#params.optimizer !== "nesterov") return weights;
    for (let j = 0; j < weights.length; j++) out[j] = weights[j] + momentum * this.#memory[j];
    return out;
  }

  /** Moves weight `j` against the slope `g` of the mean loss; `at` is where that was taken. Free weights bear no penalty. */
  step(
    weights: Float64Array,
    j: number,
    slope: { g: number; at: number; isFree: boolean },
    settings: StepSettings,
  ): void {
    const { optimizer, l1 } = this.#params;
    const { rate, l2, momentum } = settings;
    const before = weights[j];
    const isDecoupled = optimizer === "adamw";
    const g = slope.g + (slope.isFree || isDecoupled ? 0 : l2 * slope.at);
    let size = rate;
    let next: number;
    if (isAdaptive(this.#params)) {
      size = rate / (this.#gradientSize(j, g, settings.update) + TINY);
      next = before - size * this.#meanGradient(j, g, settings.update);
      // Loshchilov & Hutter 2019: the decay is not divided by the size of the gradients.
      if (isDecoupled && !slope.isFree) next -= rate * l2 * before;
    } else {
      next = before + momentum * this.#memory[j] - rate * g;
    }
    if (l1 > 0 && !slope.isFree) next = Math.sign(next) * Math.max(0, Math.abs(next) - size * l1);
    if (!isAdaptive(this.#params)) this.#memory[j] = next - before;
    weights[j] = next;
  }

  // Internal

  /** The root of the sum (AdaGrad) or of the running mean (RMSProp, Adam) of squared gradients; the last slot. */
  #gradientSize(j: number, g: number, update: number): number {
    const { optimizer, squareDecay } = this.#params;
    const at = (slotsOf(this.#params) - 1) * this.#width + j;
    if (optimizer === "adagrad") {
      this.#memory[at] += g * g;
      return Math.sqrt(this.#memory[at]);
    }
    this.#memory[at] = squareDecay * this.#memory[at] + (1 - squareDecay) * g * g;
    // Means start at 0, which the first updates make up for as Adam does; without, RMSProp's would leap.
    return Math.sqrt(this.#memory[at] / (1 - squareDecay ** update));
  }

  #meanGradient(j: number, g: number, update: number): number {
    const { optimizer, gradientDecay } = this.#params;
    if (optimizer !== "adam" && optimizer !== "adamw") return g;
    this.#memory[j] = gradientDecay * this.#memory[j] + (1 - gradientDecay) * g;
    return this.#memory[j] / (1 - gradientDecay ** update);
  }
}
