// SAGA (Defazio, Bach & Lacoste-Julien 2014, SAGA: A Fast Incremental Gradient Method With Support for Non-Strongly Convex
// Composite Objectives): steps by one row whose noise is taken out by the remembered slopes of all, with a proximal step
// for the L1 penalty. Rows are drawn at random with replacement.
import type { Random } from "../base/random.ts";
import type { ClassRows } from "./logistic-columns.ts";
import { KERNEL_LOSSES, type ScoreLoss } from "./score-losses.ts";

export interface SagaOptions {
  readonly l1: number;
  readonly l2: number;
  /** Stops when no entry of the smallest subgradient of the mean is larger. */
  readonly tolerance: number;
  readonly maxEpochs: number;
  readonly random: Random;
  /** Called after every epoch; rejects to stop. */
  readonly onEpoch: (epoch: number) => Promise<void>;
  /** Writes the gradient of the mean loss and the L2 penalty, over all rows. */
  readonly gradientAt: (x: Float64Array, gradient: Float64Array) => void;
}

export interface SagaResult {
  /** outputs x (columns, then the intercept). */
  readonly x: Float64Array;
  readonly epochs: number;
  readonly converged: boolean;
}

/** Minimises the mean log loss plus l1 |w| + l2 / 2 |w|^2; intercepts bear no penalty. */
export async function minimiseBySaga(rows: ClassRows, options: SagaOptions): Promise<SagaResult> {
  const run = new SagaRun(rows, options);
  const gradient = new Float64Array(run.x.length);
  for (let epoch = 0; ; epoch++) {
    // The remembered mean gradient is nearly the true one by then, and costs no pass.
    if (run.steepest(run.remembered()) <= 2 * options.tolerance || epoch === options.maxEpochs) {
      options.gradientAt(run.x, gradient);
      const converged = run.steepest(gradient) <= options.tolerance;
      if (converged || epoch === options.maxEpochs) return { x: run.x, epochs: epoch, converged };
    }
    run.epoch();
    await options.onEpoch(epoch + 1);
  }
}

// Internal

class SagaRun {
  readonly x: Float64Array;
  readonly #rows: ClassRows;
  readonly #options: SagaOptions;
  readonly #loss: ScoreLoss;
  readonly #stride: number;
  /** Row by row, with a 1 for the intercept. */
  readonly #values: Float64Array;
  /** How much each row counts, 1 on average. */
  readonly #shares: Float64Array;
  /** The last slopes of every row, and the mean of their rows' gradients. */
  readonly #slopes: Float64Array;
  readonly #mean: Float64Array;
  readonly #rate: number;

  constructor(rows: ClassRows, options: SagaOptions) {
    const { columns, shifts, target, outputs, weights, fitIntercept } = rows;
    const count = target.length;
    this.#rows = rows;
    this.#options = options;
    this.#loss = outputs === 1 ? KERNEL_LOSSES.logistic : KERNEL_LOSSES.softmax;
    this.#stride = columns.length + (fitIntercept ? 1 : 0);
    this.#values = new Float64Array(count * this.#stride).fill(1);
    for (const [j, values] of columns.entries()) {
      for (let i = 0; i < count; i++) this.#values[i * this.#stride + j] = values[i] - shifts[j];
    }
    const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? count;
    this.#shares = Float64Array.from({ length: count }, (_, i) => ((weights?.[i] ?? 1) * count) / total);
    this.x = new Float64Array(outputs * this.#stride);
    this.#slopes = new Float64Array(count * outputs);
    this.#mean = new Float64Array(this.x.length);
    this.#rate = this.#stableRate();
    this.#remember();
  }

  /** As many steps as there are rows. */
  epoch(): void {
    const { target, outputs } = this.#rows;
    const { random } = this.#options;
    const count = target.length;
    const stride = this.#stride;
    const [scores, slopes] = [new Float64Array(outputs), new Float64Array(outputs)];
    for (let step = 0; step < count; step++) {
      const i = random.below(count);
      this.#writeScores(i, scores);
      this.#loss.row(scores, target[i], slopes);
      for (let k = 0; k < outputs; k++) {
        const change = this.#shares[i] * slopes[k] - this.#slopes[i * outputs + k];
        this.#slopes[i * outputs + k] += change;
        this.#move(k * stride, i * stride, change);
      }
    }
  }

  /** The remembered mean gradient with the L2 penalty. */
  remembered(): Float64Array {
    return this.#mean.map((slope, j) => slope + (this.#isIntercept(j) ? 0 : this.#options.l2 * this.x[j]));
  }

  /** The largest entry of the smallest subgradient, given the gradient of all but the L1 penalty. */
  steepest(gradient: Float64Array): number {
    const { l1 } = this.#options;
    let largest = 0;
    for (let j = 0; j < gradient.length; j++) {
      const own = this.#isIntercept(j) ? 0 : l1;
      const slope =
        this.x[j] === 0 ? Math.max(0, Math.abs(gradient[j]) - own) : gradient[j] + own * Math.sign(this.x[j]);
      largest = Math.max(largest, Math.abs(slope));
    }
    return largest;
  }

  // Internal

  #isIntercept(j: number): boolean {
    return j % this.#stride === this.#rows.columns.length;
  }

  /** One output's step by a row whose slope changed so much. */
  #move(own: number, row: number, change: number): void {
    const { l1, l2 } = this.#options;
    const { columns } = this.#rows;
    const [x, mean, values, rate] = [this.x, this.#mean, this.#values, this.#rate];
    const share = change / this.#rows.target.length;
    const cut = rate * l1;
    for (let j = 0; j < this.#stride; j++) {
      const value = values[row + j];
      const penalty = j < columns.length ? l2 * x[own + j] : 0;
      let next = x[own + j] - rate * (change * value + mean[own + j] + penalty);
      if (cut > 0 && j < columns.length) next = next > cut ? next - cut : next < -cut ? next + cut : 0;
      x[own + j] = next;
      mean[own + j] += share * value;
    }
  }

  #writeScores(row: number, scores: Float64Array): void {
    const at = row * this.#stride;
    for (let k = 0; k < scores.length; k++) {
      let sum = 0;
      for (let j = 0; j < this.#stride; j++) sum += this.x[k * this.#stride + j] * this.#values[at + j];
      scores[k] = sum;
    }
  }

  /** 1 / (2 L + min(2 n mu, L)) for slopes of Lipschitz constant L and an L2 penalty mu, as the paper has it. */
  #stableRate(): number {
    let longest = 0;
    for (let i = 0; i < this.#shares.length; i++) {
      let square = 0;
      for (let j = 0; j < this.#stride; j++) square += this.#values[i * this.#stride + j] ** 2;
      longest = Math.max(longest, this.#shares[i] * square);
    }
    const { l2 } = this.#options;
    const lipschitz = this.#loss.curvature * longest + l2;
    return lipschitz === 0 ? 1 : 1 / (2 * lipschitz + Math.min(2 * this.#shares.length * l2, lipschitz));
  }

  /** The slopes at weights of 0. */
  #remember(): void {
    const { target, outputs } = this.#rows;
    const [scores, slopes] = [new Float64Array(outputs), new Float64Array(outputs)];
    for (let i = 0; i < target.length; i++) {
      this.#loss.row(scores, target[i], slopes);
      for (let k = 0; k < outputs; k++) {
        const slope = this.#shares[i] * slopes[k];
        this.#slopes[i * outputs + k] = slope;
        for (let j = 0; j < this.#stride; j++) {
          this.#mean[k * this.#stride + j] += (slope * this.#values[i * this.#stride + j]) / target.length;
        }
      }
    }
  }
}
