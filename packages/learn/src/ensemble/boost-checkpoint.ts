// Where a boosting fit stands, as a state that can be stored: the trees with their steps, which give the scores back, and
// the state of the random numbers.
import type { FittedState } from "../base/component.ts";
import type { RandomState } from "../base/random.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";

/** A tree as it was added to the scores. */
export interface SavedTree {
  readonly nodes: Uint32Array;
  /** What each leaf adds, before the target's scale. */
  readonly steps: Float64Array;
  /** Sum of the hessians in each leaf. */
  readonly covers: Float32Array;
  /** Per column, what the splits on it gained. */
  readonly gains: Float64Array;
}

export interface BoostPosition {
  /** Rounds done. */
  readonly round: number;
  /** The round with the lowest validation loss. */
  readonly best: { readonly round: number; readonly loss: number };
  readonly random: RandomState;
  readonly trees: readonly SavedTree[];
}

const OWNER = "the checkpoint of a boosting fit";

export function writePosition({ round, best, random, trees }: BoostPosition): FittedState {
  return {
    tensors: {
      nodes: tensor(
        joined(
          Uint32Array,
          trees.map(({ nodes }) => nodes),
        ),
      ),
      steps: tensor(
        joined(
          Float64Array,
          trees.map(({ steps }) => steps),
        ),
      ),
      covers: tensor(
        joined(
          Float32Array,
          trees.map(({ covers }) => covers),
        ),
      ),
      gains: tensor(
        joined(
          Float64Array,
          trees.map(({ gains }) => gains),
        ),
      ),
      nodeCounts: tensor(Uint32Array.from(trees, ({ nodes }) => nodes.length)),
      stepCounts: tensor(Uint32Array.from(trees, ({ steps }) => steps.length)),
      bestLoss: tensor(Float64Array.of(best.loss)),
      random: tensor(Uint32Array.from(random)),
    },
    meta: { round, bestRound: best.round },
  };
}

/** Reads what `writePosition` wrote; throws ShapeError when it is something else. */
export function readPosition(state: FittedState): BoostPosition {
  const words = (name: string) => readTensor(state, name, { owner: OWNER, type: Uint32Array });
  const numbers = (name: string) => readTensor(state, name, { owner: OWNER, type: Float64Array });
  const nodes = words("nodes");
  const steps = numbers("steps");
  const stepCounts = words("stepCounts");
  const covers = readTensor(state, "covers", { owner: OWNER, type: Float32Array, length: steps.length });
  const nodeCounts = words("nodeCounts");
  const gains = numbers("gains");
  const columns = gains.length / Math.max(1, nodeCounts.length);
  const trees: SavedTree[] = [];
  let node = 0;
  let step = 0;
  for (const [i, count] of nodeCounts.entries()) {
    trees.push({
      nodes: nodes.slice(node, node + count),
      steps: steps.slice(step, step + stepCounts[i]),
      covers: covers.slice(step, step + stepCounts[i]),
      gains: gains.slice(i * columns, (i + 1) * columns),
    });
    node += count;
    step += stepCounts[i];
  }
  const best = { round: Number(readMeta(state, "bestRound", OWNER)), loss: numbers("bestLoss")[0] };
  return { round: Number(readMeta(state, "round", OWNER)), best, random: words("random"), trees };
}

// Internal

function joined<A extends Uint32Array | Float32Array | Float64Array>(
  type: new (length: number) => A,
  parts: readonly A[],
): A {
  const whole = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
