// Words by number: a text is scanned by character code, and words are found in an open-addressed table of their codes.
// What a word is agrees with `forEachTerm`. Colliding words cost time, never a wrong number.
import type { TermRules } from "./terms.ts";
import { isWordPart, isWordStart } from "./terms.ts";

/** What a character code means to a word; 0 in the table below is one not looked up yet. */
const OUTSIDE = 1;
const PART = 2;
const START = 3;
const SURROGATE = 4;
const kinds = new Uint8Array(65_536);

/** FNV-1a (Fowler, Noll & Vo 1991). */
const HASH_START = 0x811c9dc5 | 0;
const HASH_FACTOR = 0x01000193;
const FIRST_WORDS = 2048;
const STOP_WORD = -1;
const utf16 = new TextDecoder("utf-16le");

/** Numbers words of two or more characters, without stop words. */
export class WordNumbers {
  readonly terms: string[] = [];
  readonly #lowercase: boolean;
  readonly #isOpen: boolean;
  /** Places of the table, each holding a word's index from 1, or 0. At most half are taken. */
  #slots = new Int32Array(2 * FIRST_WORDS);
  /** Of each word by index: its hash, its number, and where its codes begin; the next word's will at the last entry. */
  #hashes = new Int32Array(FIRST_WORDS);
  #numbers = new Int32Array(FIRST_WORDS);
  #starts = new Uint32Array(FIRST_WORDS + 1);
  #words = 0;
  #codes = new Uint16Array(8 * FIRST_WORDS);
  #found = new Uint32Array(64);

  constructor({ lowercase, stopWords }: TermRules, known?: readonly string[]) {
    this.#lowercase = lowercase;
    this.#isOpen = known === undefined;
    for (const word of stopWords) this.#teach(word, STOP_WORD);
    for (const [number, word] of (known ?? []).entries()) this.#teach(word, number);
    this.terms.push(...(known ?? []));
  }

  /** The numbers of a text's words in order, repeats included; valid until the next call. */
  read(text: string): Uint32Array {
    const folded = this.#lowercase ? text.toLowerCase() : text;
    this.#reserve(folded.length);
    return this.#found.subarray(0, this.#scan(folded));
  }

  #scan(text: string): number {
    const [codes, found] = [this.#codes, this.#found];
    let [count, at, points, hash] = [0, this.#starts[this.#words], 0, HASH_START];
    // One step beyond the end, as if a space stood there, ends the last word.
    for (let i = 0; i <= text.length; i++) {
      const code = i < text.length ? text.charCodeAt(i) : 32;
      let kind = kinds[code] || learnKind(code);
      const isPair = kind === SURROGATE;
      if (isPair) kind = kindOf(text.codePointAt(i)!);
      if (kind === START || (kind === PART && points > 0)) {
        points += 1;
        hash = Math.imul(hash ^ code, HASH_FACTOR);
        // Letters are written where a new word keeps them.
        codes[at++] = code;
        if (!isPair) continue;
        const second = text.charCodeAt(++i);
        hash = Math.imul(hash ^ second, HASH_FACTOR);
        codes[at++] = second;
      } else if (points > 0) {
        const number = points > 1 ? this.#numberOf(at, hash) : -1;
        if (number >= 0) found[count++] = number;
        [at, points, hash] = [this.#starts[this.#words], 0, HASH_START];
      }
    }
    return count;
  }

  /** The number of the word whose codes end at `to`; below 0 for one that is unknown or a stop word. */
  #numberOf(to: number, hash: number): number {
    const place = this.#placeOf(to, hash);
    const word = this.#slots[place] - 1;
    if (word >= 0) return this.#numbers[word];
    if (!this.#isOpen) return -1;
    const number = this.terms.length;
    this.terms.push(utf16.decode(this.#codes.subarray(this.#starts[this.#words], to)));
    this.#add(place, to, { hash, number });
    return number;
  }

  /** The place of the word whose codes were written last, up to `to`, or the free one that it would take. */
  #placeOf(to: number, hash: number): number {
    const [slots, hashes] = [this.#slots, this.#hashes];
    const mask = slots.length - 1;
    let place = (hash ^ (hash >>> 15)) & mask;
    while (slots[place] !== 0 && (hashes[slots[place] - 1] !== hash || !this.#isWritten(slots[place] - 1, to))) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #isWritten(word: number, to: number): boolean {
    const [codes, starts] = [this.#codes, this.#starts];
    let at = starts[word];
    let from = starts[this.#words];
    if (starts[word + 1] - at !== to - from) return false;
    while (from < to) if (codes[at++] !== codes[from++]) return false;
    return true;
  }

  #add(place: number, to: number, { hash, number }: { hash: number; number: number }): void {
    this.#slots[place] = this.#words + 1;
    this.#hashes[this.#words] = hash;
    this.#numbers[this.#words] = number;
    this.#words += 1;
    this.#starts[this.#words] = to;
    if (this.#words === this.#hashes.length) this.#widen();
  }

  /** Adds a word given as a string, unless it is known. */
  #teach(word: string, number: number): void {
    this.#reserve(word.length);
    let [at, hash] = [this.#starts[this.#words], HASH_START];
    for (let i = 0; i < word.length; i++) {
      this.#codes[at] = word.charCodeAt(i);
      hash = Math.imul(hash ^ this.#codes[at++], HASH_FACTOR);
    }
    const place = this.#placeOf(at, hash);
    if (this.#slots[place] === 0) this.#add(place, at, { hash, number });
  }

  /** Twice the room for words. */
  #widen(): void {
    const size = 2 * this.#words;
    this.#hashes = copyInto(new Int32Array(size), this.#hashes);
    this.#numbers = copyInto(new Int32Array(size), this.#numbers);
    this.#starts = copyInto(new Uint32Array(size + 1), this.#starts);
    this.#slots = new Int32Array(2 * size);
    const mask = this.#slots.length - 1;
    for (let word = 0; word < this.#words; word++) {
      let place = (this.#hashes[word] ^ (this.#hashes[word] >>> 15)) & mask;
      while (this.#slots[place] !== 0) place = (place + 1) & mask;
      this.#slots[place] = word + 1;
    }
  }

  /** Room for a text of `length` codes: its words take no more than it, and are at most half as many. */
  #reserve(length: number): void {
    const needed = this.#starts[this.#words] + length;
    if (needed > this.#codes.length) this.#codes = copyInto(new Uint16Array(2 * needed), this.#codes);
    if (length > this.#found.length) this.#found = new Uint32Array(2 * length);
  }
}

// Internal

/** Looks a code up and remembers what it means. */
function learnKind(code: number): number {
  const isFirstOfPair = code >= 0xd800 && code < 0xdc00;
  kinds[code] = isFirstOfPair ? SURROGATE : kindOf(code);
  return kinds[code];
}

/** A surrogate without its other half is no letter, thus outside. */
function kindOf(point: number): number {
  const character = String.fromCodePoint(point);
  if (isWordStart(character)) return START;
  return isWordPart(character) ? PART : OUTSIDE;
}

function copyInto<T extends Int32Array | Uint32Array | Uint16Array>(wider: T, from: T): T {
  wider.set(from);
  return wider;
}
