// The best split of a node, chosen from the records that the kernels wrote for every feature.
import { SPLIT_RECORD_BYTES } from "@massif/kernels";

const WORDS = SPLIT_RECORD_BYTES / 4;
const NUMBERS = SPLIT_RECORD_BYTES / 8;

/** A split of one node: the record it was read from, word by word, and which feature it is on. */
export interface Split {
  readonly feature: number;
  readonly gain: number;
  readonly left: { readonly gradient: number; readonly hessian: number };
  readonly right: { readonly gradient: number; readonly hessian: number };
  /** A number goes left when its code is at most this. */
  readonly code: number;
  readonly flags: number;
  readonly record: Uint32Array;
}

/** The records of `features` features from number `first` on, as they lie in memory. */
export interface Records {
  readonly numbers: Float64Array;
  readonly words: Uint32Array;
  readonly active: Uint8Array;
}

/** As TIE of the kernel: columns that part the rows alike gain alike but for rounding, which must not choose. */
const TIE = 1 + 1e-5;

/** The split that gains most, the first feature among equals; undefined when no feature splits. */
export function bestSplit({ numbers, words, active }: Records, first: number): Split | undefined {
  let best = -1;
  let gain = 0;
  for (let f = 0; f < active.length; f++) {
    const at = first + f;
    if (active[f] === 0 || words[at * WORDS + 10] === 0 || !(numbers[at * NUMBERS] > gain * TIE)) continue;
    best = f;
    gain = numbers[at * NUMBERS];
  }
  if (best < 0) return undefined;
  const at = (first + best) * NUMBERS;
  const word = (first + best) * WORDS;
  return {
    feature: best,
    gain,
    left: { gradient: numbers[at + 1], hessian: numbers[at + 2] },
    right: { gradient: numbers[at + 3], hessian: numbers[at + 4] },
    code: words[word + 10],
    flags: words[word + 11],
    record: words.slice(word, word + WORDS),
  };
}

/** Sums of the whole node, which every record of an active feature holds. */
export function nodeSums({ numbers, active }: Records, first: number): { gradient: number; hessian: number } {
  const at = (first + active.indexOf(1)) * NUMBERS;
  return { gradient: numbers[at + 1] + numbers[at + 3], hessian: numbers[at + 2] + numbers[at + 4] };
}
