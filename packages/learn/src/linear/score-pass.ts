// The loss over rows and its gradient for any loss of scores, row by row in plain code; kernels do the same for theirs.
import type { KernelRuntime } from "@massif/kernels";
import type { LossData } from "./gradient-pass.ts";
import type { RowBlock } from "./row-order.ts";
import type { ScoreLoss } from "./score-losses.ts";

export class ScorePass {
  /** Entries of the weights and of the gradient: outputs x stride. */
  readonly width: number;
  readonly #runtime: KernelRuntime;
  readonly #data: LossData;
  readonly #loss: ScoreLoss;
  readonly #scores: Float64Array;
  readonly #slopes: Float64Array;

  constructor(runtime: KernelRuntime, data: LossData, loss: ScoreLoss) {
    this.#runtime = runtime;
    this.#data = data;
    this.#loss = loss;
    this.width = data.outputs * data.x.stride;
    this.#scores = new Float64Array(data.outputs);
    this.#slopes = new Float64Array(data.outputs);
  }

  /** All rows as one block. */
  get block(): RowBlock {
    const { x, y } = this.#data;
    return { x: x.pointer, y, rows: x.rows };
  }

  /** Writes the sum of all rows' gradients at `weights` to `gradient`, and gives back the sum of their losses. */
  run(weights: Float64Array, gradient: Float64Array): number {
    const block = this.block;
    return this.runRows(block, { begin: 0, end: block.rows }, { weights, gradient });
  }

  /** `run` of some rows of a block. */
  runRows(
    block: RowBlock,
    { begin, end }: { begin: number; end: number },
    { weights, gradient }: { weights: Float64Array; gradient: Float64Array },
  ): number {
    const { kind, x, weightColumn } = this.#data;
    const { stride } = x;
    const [scores, slopes, loss] = [this.#scores, this.#slopes, this.#loss];
    const values = this.#runtime.f32(block.x, block.rows * stride);
    const targets =
      kind === "softmax" ? this.#runtime.i32(block.y, block.rows) : this.#runtime.f64(block.y, block.rows);
    gradient.fill(0);
    let sum = 0;
    for (let i = begin; i < end; i++) {
      const at = i * stride;
      for (let k = 0; k < scores.length; k++) {
        let score = 0;
        for (let j = 0; j < stride; j++) score += weights[k * stride + j] * values[at + j];
        scores[k] = score;
      }
      const weight = weightColumn === undefined ? 1 : values[at + weightColumn];
      if (weight === 0) continue;
      sum += weight * loss.row(scores, targets[i], slopes);
      for (let k = 0; k < slopes.length; k++) {
        const slope = weight * slopes[k];
        if (slope === 0) continue;
        for (let j = 0; j < stride; j++) gradient[k * stride + j] += slope * values[at + j];
      }
    }
    return sum;
  }
}
