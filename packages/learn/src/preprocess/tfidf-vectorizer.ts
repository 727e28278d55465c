// Text as numbers: how often each term occurs, weighted by how rare it is elsewhere. Columns are dense, 8 bytes a row for
// every term, so the vocabulary is capped: 100,000 rows of 1,000 terms take 800 MB.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { Column, ColumnSchema, NumberColumn, Table, TextColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";
import { forEachTerm, type TermRules } from "./terms.ts";

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
      return { slots, weigh: this.#weigher(vocabulary) };
    });
    return (frame, texts) => {
      for (let i = 0; i < to.length; i++) frame[to[i]] = 0;
      for (let i = 0; i < columns.length; i++) {
        const { slots, weigh } = columns[i];
        weigh(texts[from[i]], (term, value) => {
          frame[slots[term]] = value;
        });
      }
    };
  }

  protected learn(table: Table): readonly Vocabulary[] {
    return (table.columns as readonly TextColumn[]).map(({ values }) => this.#learnColumn(values));
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    return (columns as readonly TextColumn[]).flatMap(({ name, values }, i) => {
      const vocabulary = this.learned[i];
      const outputs = vocabulary.terms.map((term): NumberColumn => {
        return { ...schemaOf(name, term), values: new Float64Array(rows) };
      });
      const weigh = this.#weigher(vocabulary);
      values.forEach((text, row) => {
        weigh(text, (term, value) => {
          outputs[term].values[row] = value;
        });
      });
      return outputs;
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

  #learnColumn(texts: readonly (string | null)[]): Vocabulary {
    const { minDocuments, maxShare, maxFeatures, idf } = this.params;
    const rules = this.#rules;
    const found = new Map<string, { count: number; documents: number; last: number }>();
    texts.forEach((text, row) => {
      forEachTerm(text ?? "", rules, (term) => {
        const known = found.get(term);
        if (known === undefined) found.set(term, { count: 1, documents: 1, last: row });
        else {
          known.count += 1;
          if (known.last !== row) known.documents += 1;
          known.last = row;
        }
      });
    });
    const most = maxShare * texts.length;
    const kept = [...found].filter(([, { documents }]) => documents >= minDocuments && documents <= most);
    kept.sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
    const chosen = kept.slice(0, maxFeatures).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      terms: chosen.map(([term]) => term),
      weights: Float64Array.from(chosen, ([, { documents }]) =>
        idf ? Math.log((1 + texts.length) / (1 + documents)) + 1 : 1,
      ),
    };
  }

  /** Calls back with every term of a text that the vocabulary has, once, and its value. */
  #weigher({ terms, weights }: Vocabulary) {
    const { sublinear, norm } = this.params;
    const rules = this.#rules;
    const index = new Map(terms.map((term, i) => [term, i]));
    const counts = new Float64Array(terms.length);
    const touched: number[] = [];
    return (text: string | null, each: (term: number, value: number) => void): void => {
      forEachTerm(text ?? "", rules, (term) => {
        const i = index.get(term);
        if (i === undefined) return;
        if (counts[i] === 0) touched.push(i);
        counts[i] += 1;
      });
      let size = 0;
      for (const i of touched) {
        counts[i] = (sublinear ? 1 + Math.log(counts[i]) : counts[i]) * weights[i];
        size += norm === "l2" ? counts[i] * counts[i] : Math.abs(counts[i]);
      }
      const scale = norm === "none" ? 1 : norm === "l2" ? Math.sqrt(size) : size;
      for (const i of touched) {
        each(i, scale === 0 ? 0 : counts[i] / scale);
        counts[i] = 0;
      }
      touched.length = 0;
    };
  }
}

// Internal

function schemaOf(column: string, term: string) {
  return { name: `${column}: ${term}`, kind: "number" } as const;
}

function isDistinct(terms: unknown): terms is readonly string[] {
  return (
    Array.isArray(terms) && terms.every((term) => typeof term === "string") && new Set(terms).size === terms.length
  );
}
