// Text as numbers: how often each term occurs, weighted by how rare it is elsewhere. Columns are dense, 8 bytes a row for
// every term, so the vocabulary is capped: 100,000 rows of 1,000 terms take 800 MB.
import type { FitContext, FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { Column, ColumnSchema, NumberColumn, Table, Target, TextColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";
import { SparseEntries } from "./sparse-entries.ts";
import { termNumbers } from "./term-numbers.ts";
import type { TermRules } from "./terms.ts";

const params = {
  maxFeatures: {
    type: "int",
    default: 1000,
    min: 1,
    max: 20_000,
    doc: "Terms kept per column, the most frequent ones; each takes 8 bytes per row.",
    search: { min: 100, max: 5000, log: true },
  },
  unit: {
    type: "choice",
    choices: ["word", "char"],
    default: "word",
    doc: "Terms are runs of words, or of characters.",
  },
  minNgram: { type: "int", default: 1, min: 1, max: 8, doc: "Units of the shortest terms." },
  maxNgram: { type: "int", default: 1, min: 1, max: 8, doc: "Units of the longest terms." },
  lowercase: { type: "boolean", default: true, doc: "Read capitals as small letters." },
  stopWords: {
    type: "strings",
    default: null,
    nullable: true,
    doc: "Words to leave out, as they are after lower-casing.",
  },
  minDocuments: { type: "int", default: 1, min: 1, doc: "Leave out terms that occur in fewer rows." },
  maxShare: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    max: 1,
    doc: "Leave out terms that occur in more than this share of the rows.",
  },
  sublinear: { type: "boolean", default: false, doc: "Count n occurrences as 1 + ln n." },
  idf: { type: "boolean", default: true, doc: "Weigh terms by their inverse document frequency." },
  norm: {
    type: "choice",
    choices: ["l2", "l1", "none"],
    default: "l2",
    doc: "Whether rows are scaled to length 1, to absolute sum 1, or not.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "TfidfVectorizer",
  doc: "One number column per frequent term of a text column: its frequency times its inverse document frequency.",
  source: "Spärck Jones 1972; smoothed as ln((1 + rows) / (1 + rows with the term)) + 1, as in scikit-learn.",
  accepts: ["text"],
  params,
};

/** What was learned of one column: its terms in code point order, and a weight for each. */
interface Vocabulary {
  readonly terms: readonly string[];
  readonly weights: Float64Array;
}

/** Turns text columns into columns named `column: term`; a missing text has no terms. */
export class TfidfVectorizer extends ColumnwiseTransformer<typeof params, readonly Vocabulary[]> {
  readonly spec = spec;

  override validate(): void {
    super.validate();
    const { minNgram, maxNgram } = this.params;
    if (minNgram > maxNgram) {
      const problem = `\`minNgram\` of TfidfVectorizer must be at most \`maxNgram\` (${maxNgram}), got ${minNgram}`;
      throw new ParamError("minNgram", problem);
    }
  }

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap(({ name }, i) => this.learned[i].terms.map((term) => schemaOf(name, term)));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }, i) => this.learned[i].terms.map(() => name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    let next = 0;
    const columns = this.learned.map((vocabulary) => {
      next += vocabulary.terms.length;
      const slots = to.subarray(next - vocabulary.terms.length, next);
      const known = termNumbers(this.#rules, vocabulary.terms);
      return { slots, known, weigh: this.#weigher(vocabulary) };
    });
    return (frame, texts) => {
      for (let i = 0; i < to.length; i++) frame[to[i]] = 0;
      for (let i = 0; i < columns.length; i++) {
        const { slots, known, weigh } = columns[i];
        weigh(known.read(texts[from[i]] ?? ""), (term, value) => {
          frame[slots[term]] = value;
        });
      }
    };
  }

  /** Cuts the texts into terms once, where `fit` and then `transform` do so twice. */
  override async fitTransform(table: Table, _target: Target | undefined, _context: FitContext): Promise<Table> {
    this.checkInput(table);
    const read = (table.columns as readonly TextColumn[]).map(({ values }) => this.#readAll(values));
    const counted = read.map((terms) => this.#count(terms));
    this.adopt(
      table,
      counted.map(({ vocabulary }) => vocabulary),
    );
    const columns = table.columns.flatMap(({ name }, i) => {
      const { vocabulary, places } = counted[i];
      const entries = new SparseEntries(table.rows);
      const weigh = this.#weigher(vocabulary);
      const { numbers, ends } = read[i];
      // A plain loop: `from` walks an iterator, which takes longer than finding the terms.
      const chosen = new Int32Array(numbers.length);
      for (let k = 0; k < numbers.length; k++) chosen[k] = places[numbers[k]];
      for (let row = 0; row < table.rows; row++) {
        const terms = chosen.subarray(row === 0 ? 0 : ends[row - 1], ends[row]);
        weigh(terms, (term, value) => entries.add(term, value));
        entries.endRow();
      }
      return filledColumns(name, vocabulary, { rows: table.rows, entries });
    });
    return { rows: table.rows, columns };
  }

  protected learn(table: Table): readonly Vocabulary[] {
    return (table.columns as readonly TextColumn[]).map(({ values }) => this.#count(this.#readAll(values)).vocabulary);
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    return (columns as readonly TextColumn[]).flatMap(({ name, values }, i) => {
      const vocabulary = this.learned[i];
      const entries = new SparseEntries(rows);
      const weigh = this.#weigher(vocabulary);
      const known = termNumbers(this.#rules, vocabulary.terms);
      for (const text of values) {
        weigh(known.read(text ?? ""), (term, value) => entries.add(term, value));
        entries.endRow();
      }
      return filledColumns(name, vocabulary, { rows, entries });
    });
  }

  protected pack(learned: readonly Vocabulary[]): FittedState {
    return {
      tensors: { weights: tensor(Float64Array.from(learned.flatMap(({ weights }) => [...weights]))) },
      meta: { terms: learned.map(({ terms }) => terms) },
    };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): readonly Vocabulary[] {
    const owner = spec.name;
    const terms = readMeta(state, "terms", owner);
    if (!Array.isArray(terms) || terms.length !== inputs.length || !terms.every(isDistinct)) {
      throw new ShapeError(`"terms" in the state of ${owner} must be a list of distinct terms per column`);
    }
    const length = terms.reduce((sum, own) => sum + own.length, 0);
    const weights = readTensor(state, "weights", { owner, type: Float64Array, length });
    let next = 0;
    return terms.map((own) => {
      next += own.length;
      return { terms: own, weights: weights.slice(next - own.length, next) };
    });
  }

  // Internal

  get #rules(): TermRules {
    const { unit, lowercase, minNgram, maxNgram, stopWords } = this.params;
    return { unit, lowercase, minNgram, maxNgram, stopWords: new Set(stopWords ?? []) };
  }

  #readAll(texts: readonly (string | null)[]): TermsOfTexts {
    const all = termNumbers(this.#rules);
    const ends = new Uint32Array(texts.length);
    let numbers = new Uint32Array(1024);
    let count = 0;
    texts.forEach((text, row) => {
      const found = all.read(text ?? "");
      if (count + found.length > numbers.length) {
        const wider = new Uint32Array(2 * (count + found.length));
        wider.set(numbers);
        numbers = wider;
      }
      numbers.set(found, count);
      count += found.length;
      ends[row] = count;
    });
    return { terms: all.terms, numbers: numbers.subarray(0, count), ends };
  }

  /** Chooses the vocabulary; `places` has the place in it of each term by number, or -1. */
  #count({ terms, numbers, ends }: TermsOfTexts): { vocabulary: Vocabulary; places: Int32Array } {
    const { minDocuments, maxShare, maxFeatures, idf } = this.params;
    const { counts, documents } = occurrences({ terms, numbers, ends });
    const most = maxShare * ends.length;
    const before = (a: number, b: number) => (terms[a] < terms[b] ? -1 : 1);
    const kept = [...terms.keys()].filter((i) => documents[i] >= minDocuments && documents[i] <= most);
    kept.sort((a, b) => counts[b] - counts[a] || before(a, b));
    const chosen = kept.slice(0, maxFeatures).sort(before);
    const places = new Int32Array(terms.length).fill(-1);
    for (const [place, i] of chosen.entries()) places[i] = place;
    const weights = Float64Array.from(chosen, (i) => (idf ? Math.log((1 + ends.length) / (1 + documents[i])) + 1 : 1));
    return { vocabulary: { terms: chosen.map((i) => terms[i]), weights }, places };
  }

  /** Calls back with every term of a text, given by their places in the vocabulary or -1, once, and its value. */
  #weigher({ weights }: Vocabulary) {
    const { sublinear, norm } = this.params;
    const counts = new Float64Array(weights.length);
    const touched = new Uint32Array(weights.length);
    return (terms: Int32Array | Uint32Array, each: (term: number, value: number) => void): void => {
      let distinct = 0;
      for (let k = 0; k < terms.length; k++) {
        const i = terms[k];
        if (i < 0) continue;
        if (counts[i] === 0) touched[distinct++] = i;
        counts[i] += 1;
      }
      let size = 0;
      for (let k = 0; k < distinct; k++) {
        const i = touched[k];
        counts[i] = (sublinear ? 1 + Math.log(counts[i]) : counts[i]) * weights[i];
        size += norm === "l2" ? counts[i] * counts[i] : Math.abs(counts[i]);
      }
      const scale = norm === "none" ? 1 : norm === "l2" ? Math.sqrt(size) : size;
      for (let k = 0; k < distinct; k++) {
        const i = touched[k];
        each(i, scale === 0 ? 0 : counts[i] / scale);
        counts[i] = 0;
      }
    };
  }
}

// Internal

/** The terms of many texts: `numbers` index `terms`, and those of text i end before ends[i]. */
interface TermsOfTexts {
  readonly terms: readonly string[];
  readonly numbers: Uint32Array;
  readonly ends: Uint32Array;
}

/** How often each term occurs, and in how many texts. */
function occurrences({ terms, numbers, ends }: TermsOfTexts): { counts: Uint32Array; documents: Uint32Array } {
  const counts = new Uint32Array(terms.length);
  const documents = new Uint32Array(terms.length);
  // The last text that a term was seen in, from 1.
  const last = new Uint32Array(terms.length);
  for (let text = 1, at = 0; text <= ends.length; text++) {
    for (; at < ends[text - 1]; at++) {
      const term = numbers[at];
      counts[term] += 1;
      if (last[term] !== text) documents[term] += 1;
      last[term] = text;
    }
  }
  return { counts, documents };
}

function filledColumns(
  column: string,
  { terms }: Vocabulary,
  { rows, entries }: { rows: number; entries: SparseEntries },
): NumberColumn[] {
  const columns = terms.map((term): NumberColumn => ({ ...schemaOf(column, term), values: new Float64Array(rows) }));
  entries.writeTo(columns);
  return columns;
}

function schemaOf(column: string, term: string) {
  return { name: `${column}: ${term}`, kind: "number" } as const;
}

function isDistinct(terms: unknown): terms is readonly string[] {
  return (
    Array.isArray(terms) && terms.every((term) => typeof term === "string") && new Set(terms).size === terms.length
  );
}
