// The log loss over columns in double precision, of one score or of a score per class: value, gradient and products with
// the second derivative, for Newton's method by conjugate gradients (Nash & Sofer 1990; Lin, Weng & Keerthi 2008, Trust
// Region Newton Method for Large-Scale Logistic Regression).
import type { CurvedFunction, Expansion } from "./newton.ts";
import { KERNEL_LOSSES, type ScoreLoss } from "./score-losses.ts";
import { addScores, type ShiftedColumns, squares, writeProducts } from "./shifted-columns.ts";

export interface ClassRows extends ShiftedColumns {
  /** Signs (-1, 1) for one output, class codes for more. */
  readonly target: ArrayLike<number>;
  readonly outputs: number;
  /** How much each row counts; absent: all alike. */
  readonly weights: Float64Array | undefined;
  readonly fitIntercept: boolean;
}

const MAX_INNER = 200;

/** The mean log loss plus l2 / 2 |w|^2 of weights laid out outputs x (columns, then the intercept). */
export class LogisticColumns implements CurvedFunction {
  /** Entries per output. */
  readonly stride: number;
  readonly #rows: ClassRows;
  readonly #l2: number;
  readonly #loss: ScoreLoss;
  readonly #total: number;
  /** Per output one number per row: scores, and what replaces them. */
  readonly #scores: Float64Array[];

  constructor(rows: ClassRows, l2: number) {
    this.#rows = rows;
    this.#l2 = l2;
    this.stride = rows.columns.length + (rows.fitIntercept ? 1 : 0);
    this.#loss = rows.outputs === 1 ? KERNEL_LOSSES.logistic : KERNEL_LOSSES.softmax;
    this.#total = rows.weights?.reduce((sum, weight) => sum + weight, 0) ?? rows.target.length;
    this.#scores = Array.from({ length: rows.outputs }, () => new Float64Array(rows.target.length));
  }

  value(x: Float64Array): number {
    this.#writeScores(x);
    return this.#forEachRow() + this.#penalty(x);
  }

  /** Writes the gradient at `x`, and gives back the value. */
  valueAndGradient(x: Float64Array, gradient: Float64Array): number {
    this.#writeScores(x);
    const loss = this.#forEachRow((slopes, row) => {
      for (let k = 0; k < slopes.length; k++) this.#scores[k][row] = this.#share(row) * slopes[k];
    });
    this.#gather(this.#scores, x, gradient);
    return loss + this.#penalty(x);
  }

  expand(x: Float64Array): Expansion {
    const gradient = new Float64Array(x.length);
    const value = this.valueAndGradient(x, gradient);
    let shares: Float64Array[] | undefined;
    return {
      value,
      gradient,
      step: (damping) => {
        shares ??= this.#probabilities(x);
        return this.#conjugate(gradient, shares, damping);
      },
    };
  }

  // Internal

  #share(row: number): number {
    const { weights } = this.#rows;
    return (weights === undefined ? 1 : weights[row]) / this.#total;
  }

  #writeScores(x: Float64Array): void {
    const { columns, fitIntercept } = this.#rows;
    for (const [k, out] of this.#scores.entries()) {
      const own = x.subarray(k * this.stride, (k + 1) * this.stride);
      out.fill(fitIntercept ? own[columns.length] : 0);
      addScores(this.#rows, own, out);
    }
  }

  /** The mean loss; `visit` sees each row's slopes. */
  #forEachRow(visit?: (slopes: Float64Array, row: number) => void): number {
    const { target, outputs } = this.#rows;
    const [scores, slopes] = [new Float64Array(outputs), new Float64Array(outputs)];
    let sum = 0;
    for (let i = 0; i < target.length; i++) {
      for (let k = 0; k < outputs; k++) scores[k] = this.#scores[k][i];
      sum += this.#share(i) * this.#loss.row(scores, target[i], slopes);
      visit?.(slopes, i);
    }
    return sum;
  }

  #penalty(x: Float64Array): number {
    let square = 0;
    for (let j = 0; j < x.length; j++) if (!this.#isIntercept(j)) square += x[j] * x[j];
    return 0.5 * this.#l2 * square;
  }

  #isIntercept(j: number): boolean {
    return j % this.stride === this.#rows.columns.length;
  }

  /** Every column's products with each output's rows, plus the penalty's part at `x`. */
  #gather(rows: readonly Float64Array[], x: Float64Array, out: Float64Array): void {
    const { columns, fitIntercept } = this.#rows;
    for (const [k, values] of rows.entries()) {
      const own = out.subarray(k * this.stride, (k + 1) * this.stride);
      writeProducts(this.#rows, values, own);
      if (fitIntercept) own[columns.length] = values.reduce((sum, value) => sum + value, 0);
      for (let j = 0; j < columns.length; j++) own[j] += this.#l2 * x[k * this.stride + j];
    }
  }

  /** Of each output in every row: of the second class where there is one score. */
  #probabilities(x: Float64Array): Float64Array[] {
    this.#writeScores(x);
    const isOne = this.#rows.outputs === 1;
    const out = this.#scores.map((scores) => (isOne ? scores.map((z) => 1 / (1 + Math.exp(-z))) : scores.slice()));
    if (isOne) return out;
    for (let i = 0; i < this.#rows.target.length; i++) {
      const top = out.reduce((largest, scores) => Math.max(largest, scores[i]), Number.NEGATIVE_INFINITY);
      let sum = 0;
      for (const scores of out) {
        scores[i] = Math.exp(scores[i] - top);
        sum += scores[i];
      }
      for (const scores of out) scores[i] /= sum;
    }
    return out;
  }

  /** Solves with the second derivative to the precision that this far from the minimum is worth (Eisenstat & Walker). */
  #conjugate(gradient: Float64Array, shares: readonly Float64Array[], damping: number): Float64Array {
    const scale = this.#diagonal(shares);
    const step = new Float64Array(gradient.length);
    const rest = gradient.map((value) => -value);
    const towards = rest.map((value, j) => value / scale[j]);
    const product = new Float64Array(gradient.length);
    const enough = Math.min(0.25, Math.sqrt(norm(gradient))) * norm(gradient);
    let size = dot(rest, towards);
    for (let inner = 0; inner < MAX_INNER && norm(rest) > enough; inner++) {
      this.#multiply(towards, shares, product);
      if (damping > 0) for (let j = 0; j < product.length; j++) product[j] += damping * scale[j] * towards[j];
      const curvature = dot(towards, product);
      if (!(curvature > 0)) break;
      const length = size / curvature;
      for (let j = 0; j < step.length; j++) {
        step[j] += length * towards[j];
        rest[j] -= length * product[j];
      }
      const next = rest.map((value, j) => value / scale[j]);
      const before = size;
      size = dot(rest, next);
      for (let j = 0; j < towards.length; j++) towards[j] = next[j] + (size / before) * towards[j];
    }
    return step;
  }

  #diagonal(shares: readonly Float64Array[]): Float64Array {
    const { columns, fitIntercept } = this.#rows;
    const out = new Float64Array(shares.length * this.stride);
    for (const [k, share] of shares.entries()) {
      const bends = share.map((p, i) => this.#share(i) * p * (1 - p));
      const own = squares(this.#rows, bends);
      for (let j = 0; j < columns.length; j++) out[k * this.stride + j] = own[j] + this.#l2 || 1;
      if (fitIntercept) out[k * this.stride + columns.length] = bends.reduce((sum, value) => sum + value, 0) || 1;
    }
    return out;
  }

  /** The second derivative times `v`. */
  #multiply(v: Float64Array, shares: readonly Float64Array[], out: Float64Array): void {
    this.#writeScores(v);
    const scores = this.#scores;
    for (let i = 0; i < this.#rows.target.length; i++) {
      const weight = this.#share(i);
      let mean = 0;
      for (let k = 0; k < shares.length; k++) mean += shares[k][i] * scores[k][i];
      for (let k = 0; k < shares.length; k++) scores[k][i] = weight * shares[k][i] * (scores[k][i] - mean);
    }
    this.#gather(scores, v, out);
  }
}

// Internal

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

function norm(v: Float64Array): number {
  return Math.sqrt(dot(v, v));
}
