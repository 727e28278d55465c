// The error with which gradient descent gives up, and says why.

export interface Divergence {
  /** "batch gradient descent", "SGD", … */
  readonly optimizer: string;
  readonly learningRate: number;
  /** Largest curvature that a step can meet: the largest eigenvalue of the loss's second derivative. */
  readonly curvature: number;
  /** Steps have the rate's size whatever the curvature, which then sets no limit. */
  readonly isAdaptive?: boolean;
  /** Steps of this learning rate and more are not stable. */
  readonly limit: number;
  /** The epoch (from 1) at which it was noticed. */
  readonly epoch: number;
}

/** Gradient descent whose loss grew without bound. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  readonly optimizer: string;
  readonly learningRate: number;
  readonly curvature: number;
  readonly limit: number;
  readonly epoch: number;

  constructor(divergence: Divergence, options?: ErrorOptions) {
    super(divergence.isAdaptive ? explainAdaptive(divergence) : explain(divergence), options);
    this.optimizer = divergence.optimizer;
    this.learningRate = divergence.learningRate;
    this.curvature = divergence.curvature;
    this.limit = divergence.limit;
    this.epoch = divergence.epoch;
  }
}

// Internal

function explainAdaptive({ optimizer, learningRate, epoch }: Divergence): string {
  const cure = `scale the columns (StandardScaler), or set \`learningRate\` to ${(learningRate / 10).toPrecision(3)} or less`;
  return `${optimizer} diverged in epoch ${epoch}: the learning rate ${learningRate} is too large for these rows; ${cure}`;
}

function explain({ optimizer, learningRate, curvature, limit, epoch }: Divergence): string {
  const cure = `scale the columns (StandardScaler), or set \`learningRate\` below ${limit.toPrecision(3)}`;
  const why =
    learningRate >= limit
      ? `the learning rate ${learningRate} is above ${limit.toPrecision(3)}, where steps stop being stable`
      : `the learning rate ${learningRate} is too large for these rows; steps are surely unstable from ${limit.toPrecision(3)}`;
  return `${optimizer} diverged in epoch ${epoch}: ${why} (largest curvature ${curvature.toPrecision(4)}); ${cure}`;
}
