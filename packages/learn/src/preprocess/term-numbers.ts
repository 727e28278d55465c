// The terms of texts by number, so that counting is indexing. Single words are looked up by their character codes, which
// makes no string of a word that was seen before; runs and characters take the general way by strings.
import { forEachTerm, type TermRules } from "./terms.ts";
import { WordNumbers } from "./word-numbers.ts";

/** Numbers terms in the order of their first sight, or as they were given. */
export interface TermNumbers {
  /** The terms by number. */
  readonly terms: readonly string[];
  /** The numbers of a text's terms in order, repeats included; valid until the next call. */
  read(text: string): Uint32Array;
}

/** Numbers all terms met; with `known` only these, by their place in it. */
export function termNumbers(rules: TermRules, known?: readonly string[]): TermNumbers {
  const isSingleWord = rules.unit === "word" && rules.minNgram === 1 && rules.maxNgram === 1;
  return isSingleWord ? new WordNumbers(rules, known) : new RunNumbers(rules, known);
}

// Internal

/** Numbers terms of any kind by a map of strings. */
class RunNumbers implements TermNumbers {
  readonly terms: string[];
  readonly #rules: TermRules;
  readonly #isOpen: boolean;
  readonly #numbers: Map<string, number>;
  #found = new Uint32Array(64);

  constructor(rules: TermRules, known?: readonly string[]) {
    this.terms = [...(known ?? [])];
    this.#rules = rules;
    this.#isOpen = known === undefined;
    this.#numbers = new Map(this.terms.map((term, i) => [term, i]));
  }

  read(text: string): Uint32Array {
    let count = 0;
    forEachTerm(text, this.#rules, (term) => {
      const number = this.#numbers.get(term) ?? (this.#isOpen ? this.#add(term) : undefined);
      if (number === undefined) return;
      if (count === this.#found.length) {
        const wider = new Uint32Array(2 * count);
        wider.set(this.#found);
        this.#found = wider;
      }
      this.#found[count++] = number;
    });
    return this.#found.subarray(0, count);
  }

  #add(term: string): number {
    this.#numbers.set(term, this.terms.length);
    return this.terms.push(term) - 1;
  }
}
