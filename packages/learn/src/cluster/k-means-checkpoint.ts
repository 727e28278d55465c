// Where a k-means fit stands, as a state that can be stored.
import type { FittedState } from "../base/component.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";

/** What one start came to. */
export interface Found {
  readonly centres: Float64Array;
  readonly counts: Float64Array;
  readonly score: number;
  readonly iterations: number;
}

/** Which start is under way, and the best of those before. */
export interface SearchPosition {
  readonly start: number;
  /** Iterations of this start done, and the centres they led to. */
  readonly iteration: number;
  readonly centres: Float64Array;
  readonly best: Found | undefined;
}

const OWNER = "the checkpoint of a k-means fit";
const NONE = new Float64Array(0);

export function writeSearch({ start, iteration, centres, best }: SearchPosition): FittedState {
  return {
    tensors: {
      centres: tensor(centres.slice()),
      bestCentres: tensor(best?.centres ?? NONE),
      bestCounts: tensor(best?.counts ?? NONE),
      bestScore: tensor(Float64Array.of(best?.score ?? 0)),
    },
    meta: { start, iteration, bestIterations: best?.iterations ?? 0 },
  };
}

/** Reads what `writeSearch` wrote; throws ShapeError when it is something else. */
export function readSearch(state: FittedState): SearchPosition {
  const numbers = (name: string) => readTensor(state, name, { owner: OWNER, type: Float64Array });
  const count = (name: string) => Number(readMeta(state, name, OWNER));
  const centres = numbers("bestCentres");
  const [score] = numbers("bestScore");
  const best = { centres, counts: numbers("bestCounts"), score, iterations: count("bestIterations") };
  return {
    start: count("start"),
    iteration: count("iteration"),
    centres: numbers("centres"),
    best: centres.length === 0 ? undefined : best,
  };
}
