// Texts as terms: words or characters, and runs of them.

/** How a text is cut into terms. */
export interface TermRules {
  /** Runs of words, or of characters. */
  readonly unit: "word" | "char";
  readonly lowercase: boolean;
  readonly minNgram: number;
  readonly maxNgram: number;
  /** Words that are left out before runs are made. */
  readonly stopWords: ReadonlySet<string>;
}

/** Two or more letters, digits or underscores of any script, with their accents. */
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]+/gu;
const WORD_START = /^[\p{L}\p{N}_]$/u;
const WORD_PART = /^[\p{L}\p{N}\p{M}_]$/u;

/** Calls `each` with every term of `text`, repeats included: shorter runs first. */
export function forEachTerm(text: string, rules: TermRules, each: (term: string) => void): void {
  const { unit, lowercase, minNgram, maxNgram, stopWords } = rules;
  const folded = lowercase ? text.toLowerCase() : text;
  const isWord = unit === "word";
  const parts = isWord ? wordsOf(folded, stopWords) : [...folded.replace(/\s+/gu, " ")];
  for (let size = minNgram; size <= maxNgram; size++) {
    for (let i = 0; i + size <= parts.length; i++) {
      each(size === 1 ? parts[i] : parts.slice(i, i + size).join(isWord ? " " : ""));
    }
  }
}

/** Whether a word may begin with the character. */
export function isWordStart(character: string): boolean {
  return WORD_START.test(character);
}

/** Whether a word may go on with the character. */
export function isWordPart(character: string): boolean {
  return WORD_PART.test(character);
}

// Internal

function wordsOf(text: string, stopWords: ReadonlySet<string>): string[] {
  const words: string[] = text.match(WORD) ?? [];
  return stopWords.size === 0 ? words : words.filter((word) => !stopWords.has(word));
}
