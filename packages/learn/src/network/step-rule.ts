// From gradients to steps: Adam (Kingma & Ba 2015) or Nesterov's momentum in the form of Sutskever et al. 2013.
import type { MlpParams } from "./mlp-params.ts";

const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const TINY = 1e-8;

/** The steps of one training. */
export class StepRule {
  /** Velocities; with Adam means, then means of squares. */
  readonly memory: Float64Array;
  updates = 0;
  readonly #params: MlpParams;

  constructor(params: MlpParams, weights: number) {
    this.#params = params;
    this.memory = new Float64Array(params.optimizer === "adam" ? 2 * weights : weights);
  }

  restore(memory: Float64Array, updates: number): void {
    this.memory.set(memory);
    this.updates = updates;
  }

  /** Moves the weights against the gradient, in place. */
  step(weights: Float64Array, gradient: Float64Array): void {
    this.updates++;
    const { learningRate, momentum, optimizer } = this.#params;
    const { memory } = this;
    const n = weights.length;
    if (optimizer === "momentum") {
      for (let i = 0; i < n; i++) {
        memory[i] = momentum * memory[i] - learningRate * gradient[i];
        weights[i] += momentum * memory[i] - learningRate * gradient[i];
      }
      return;
    }
    const rate = (learningRate * Math.sqrt(1 - SQUARE_DECAY ** this.updates)) / (1 - MEAN_DECAY ** this.updates);
    for (let i = 0; i < n; i++) {
      const g = gradient[i];
      memory[i] = MEAN_DECAY * memory[i] + (1 - MEAN_DECAY) * g;
      memory[n + i] = SQUARE_DECAY * memory[n + i] + (1 - SQUARE_DECAY) * g * g;
      weights[i] -= (rate * memory[i]) / (Math.sqrt(memory[n + i]) + TINY);
    }
  }
}
