// Learners that see one row at a time and change only where they err: epochs over rows in double precision, or one pass
// over rows that come in parts. What a step is, is the rule's affair.
import type { FitContext } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";

/** How one row changes the model. */
export interface OnlineRule {
  /**
   * Writes how much of the row each output gains, and gives back the row's loss. `y` is a number, a sign or, with several
   * outputs, the code of the one that should be positive.
   */
  step(scores: Float64Array, row: { y: number; square: number }, gains: Float64Array): number;
}

/** Coefficients (outputs x columns) and an intercept per output, changed in place. */
export interface OnlineModel {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

export interface OnlineRows {
  readonly columns: readonly Float64Array[];
  readonly target: ArrayLike<number>;
  /** How much of each row's step is made; absent: all of it. */
  readonly weights: Float64Array | undefined;
}

export interface OnlineSettings {
  readonly fitIntercept: boolean;
  readonly shuffle: boolean;
  readonly epochs: number;
  readonly tolerance: number | null;
  readonly patience: number;
}

/** Parameters of every learner of this kind. */
export const ONLINE_PARAMS = {
  epochs: { type: "int", default: 1000, min: 1, doc: "Largest number of passes over the rows." },
  tolerance: {
    type: "float",
    default: 1e-3,
    min: 0,
    nullable: true,
    doc: "Stops when `patience` epochs have not lowered the mean loss by more than this; null never does.",
  },
  patience: { type: "int", default: 5, min: 1, doc: "Epochs without progress before stopping." },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept." },
  shuffle: { type: "boolean", default: true, doc: "Whether each epoch takes the rows in a new random order." },
} as const satisfies ParamTable;

/** Passes over rows that come in parts: more seldom pay for reading them again. */
export const PARTIAL_PASSES = 10;

/** Learns until nothing changes, nothing is gained, or the epochs are over; reports every epoch. Throws ShapeError. */
export async function learnOnline(
  rows: OnlineRows,
  model: OnlineModel,
  { rule, settings, context }: { rule: OnlineRule; settings: OnlineSettings; context: FitContext },
): Promise<{ epochs: number; loss: number; converged: boolean }> {
  const random = settings.shuffle ? new Random(context.seed) : undefined;
  const pass = new OnlinePass(rows, model, { rule, fitIntercept: settings.fitIntercept });
  const { epochs, tolerance, patience } = settings;
  let [lowest, withoutGain] = [Number.POSITIVE_INFINITY, 0];
  for (let epoch = 1; ; epoch++) {
    const { loss, hasChanged } = pass.run(random);
    await context.report({ step: epoch, total: epochs, unit: "epoch", loss });
    withoutGain = tolerance !== null && loss > lowest - tolerance ? withoutGain + 1 : 0;
    lowest = Math.min(lowest, loss);
    const converged = !hasChanged || withoutGain >= patience;
    if (converged || epoch === epochs) return { epochs: epoch, loss, converged };
  }
}

/** One pass over a part of the rows. Throws ShapeError where numbers grow beyond all bounds. */
export function learnPart(
  rows: OnlineRows,
  model: OnlineModel,
  { rule, settings, seed }: { rule: OnlineRule; settings: OnlineSettings; seed: number },
): number {
  const pass = new OnlinePass(rows, model, { rule, fitIntercept: settings.fitIntercept });
  return pass.run(settings.shuffle ? new Random(seed) : undefined).loss;
}

// Internal

class OnlinePass {
  readonly #rows: OnlineRows;
  readonly #model: OnlineModel;
  readonly #rule: OnlineRule;
  readonly #fitIntercept: boolean;
  readonly #order: Uint32Array;
  /** Row by row, so that a row's numbers lie together. */
  readonly #values: Float64Array;

  constructor(
    rows: OnlineRows,
    model: OnlineModel,
    { rule, fitIntercept }: { rule: OnlineRule; fitIntercept: boolean },
  ) {
    const { columns, target } = rows;
    this.#rows = rows;
    this.#model = model;
    this.#rule = rule;
    this.#fitIntercept = fitIntercept;
    this.#order = Uint32Array.from({ length: target.length }, (_, i) => i);
    this.#values = new Float64Array(target.length * columns.length);
    for (const [j, values] of columns.entries()) {
      for (let i = 0; i < target.length; i++) this.#values[i * columns.length + j] = values[i];
    }
  }

  run(random: Random | undefined): { loss: number; hasChanged: boolean } {
    const { target, weights } = this.#rows;
    const { intercepts, coefficients } = this.#model;
    const scores = new Float64Array(intercepts.length);
    const gains = new Float64Array(intercepts.length);
    random?.shuffle(this.#order);
    let [loss, total, hasChanged] = [0, 0, false];
    for (const row of this.#order) {
      const weight = weights?.[row] ?? 1;
      const square = this.#writeScores(row, scores);
      loss += weight * this.#rule.step(scores, { y: target[row], square }, gains);
      total += weight;
      for (let k = 0; k < gains.length; k++) {
        const gain = weight * gains[k];
        if (gain === 0) continue;
        hasChanged = true;
        this.#gain(k, row, gain);
      }
    }
    if (!Number.isFinite(loss) || !coefficients.every(Number.isFinite)) {
      throw new ShapeError("the columns' numbers are too large to learn from row by row; add a StandardScaler step");
    }
    return { loss: loss / total, hasChanged };
  }

  // Internal

  /** Gives back the row's squared length. */
  #writeScores(row: number, scores: Float64Array): number {
    const { coefficients, intercepts } = this.#model;
    const width = this.#rows.columns.length;
    const values = this.#values;
    let square = 0;
    for (let j = 0; j < width; j++) square += values[row * width + j] ** 2;
    for (let k = 0; k < scores.length; k++) {
      let sum = intercepts[k];
      for (let j = 0; j < width; j++) sum += coefficients[k * width + j] * values[row * width + j];
      scores[k] = sum;
    }
    return square;
  }

  #gain(output: number, row: number, gain: number): void {
    const { coefficients, intercepts } = this.#model;
    const width = this.#rows.columns.length;
    for (let j = 0; j < width; j++) coefficients[output * width + j] += gain * this.#values[row * width + j];
    if (this.#fitIntercept) intercepts[output] += gain;
  }
}
