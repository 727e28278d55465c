// Text as counts: how often each term of a vocabulary occurs. Columns are dense, 8 bytes a row for every term, so the
// vocabulary is capped.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { readMeta } from "../base/state.ts";
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
  binary: { type: "boolean", default: false, doc: "Give 1 for a term that occurs, however often." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "CountVectorizer",
  doc: "One number column per frequent term of a text column: how often it occurs.",
  source: "Bag of words (Harris 1954), in the terms of TfidfVectorizer.",
  accepts: ["text"],
  params,
};

/** Turns text columns into columns named `column: term`; a missing text has no terms. */
export class CountVectorizer extends ColumnwiseTransformer<typeof params, readonly (readonly string[])[]> {
  readonly spec = spec;

  override validate(): void {
    super.validate();
    const { minNgram, maxNgram } = this.params;
    if (minNgram > maxNgram) {
      const problem = `\`minNgram\` of ${spec.name} must be at most \`maxNgram\` (${maxNgram}), got ${minNgram}`;
      throw new ParamError("minNgram", problem);
    }
  }

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap(({ name }, i) => this.learned[i].map((term) => schemaOf(name, term)));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }, i) => this.learned[i].map(() => name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const counters = this.learned.map((terms) => this.#counter(terms));
    return (frame, texts) => {
      for (let i = 0, next = 0; i < counters.length; i++) {
        const counts = counters[i](texts[from[i]]);
        for (let k = 0; k < counts.length; k++) frame[to[next++]] = counts[k];
      }
    };
  }

  protected learn(table: Table): readonly (readonly string[])[] {
    return (table.columns as readonly TextColumn[]).map(({ values }) => this.#learnColumn(values));
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    return (columns as readonly TextColumn[]).flatMap(({ name, values }, i) => {
      const made = this.learned[i].map((term): NumberColumn => {
        return { ...schemaOf(name, term), values: new Float64Array(rows) };
      });
      const counter = this.#counter(this.learned[i]);
      values.forEach((text, row) => {
        const counts = counter(text);
        for (let k = 0; k < counts.length; k++) if (counts[k] !== 0) made[k].values[row] = counts[k];
      });
      return made;
    });
  }

  protected pack(terms: readonly (readonly string[])[]): FittedState {
    return { tensors: {}, meta: { terms } };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): readonly (readonly string[])[] {
    const terms = readMeta(state, "terms", spec.name);
    if (!Array.isArray(terms) || terms.length !== inputs.length || !terms.every(isDistinct)) {
      throw new ShapeError(`"terms" in the state of ${spec.name} must be a list of distinct terms per column`);
    }
    return terms;
  }

  // Internal

  get #rules(): TermRules {
    const { unit, lowercase, minNgram, maxNgram, stopWords } = this.params;
    return { unit, lowercase, minNgram, maxNgram, stopWords: new Set(stopWords ?? []) };
  }

  /** The most frequent terms, in code point order. */
  #learnColumn(texts: readonly (string | null)[]): readonly string[] {
    const { minDocuments, maxShare, maxFeatures } = this.params;
    const rules = this.#rules;
    const found = new Map<string, { count: number; documents: number; last: number }>();
    texts.forEach((text, row) => {
      forEachTerm(text ?? "", rules, (term) => {
        const known = found.get(term) ?? { count: 0, documents: 0, last: -1 };
        if (known.count === 0) found.set(term, known);
        known.count += 1;
        if (known.last !== row) known.documents += 1;
        known.last = row;
      });
    });
    const most = maxShare * texts.length;
    const kept = [...found].filter(([, { documents }]) => documents >= minDocuments && documents <= most);
    kept.sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1));
    return kept
      .slice(0, maxFeatures)
      .map(([term]) => term)
      .sort((a, b) => (a < b ? -1 : 1));
  }

  /** Gives a text's counts, in an array that is reused. */
  #counter(terms: readonly string[]): (text: string | null) => Float64Array {
    const { binary } = this.params;
    const rules = this.#rules;
    const places = new Map(terms.map((term, k) => [term, k]));
    const counts = new Float64Array(terms.length);
    return (text) => {
      counts.fill(0);
      forEachTerm(text ?? "", rules, (term) => {
        const place = places.get(term);
        if (place !== undefined) counts[place] = binary ? 1 : counts[place] + 1;
      });
      return counts;
    };
  }
}

// Internal

function schemaOf(column: string, term: string) {
  return { name: `${column}: ${term}`, kind: "number" } as const;
}

function isDistinct(terms: unknown): boolean {
  return (
    Array.isArray(terms) && terms.every((term) => typeof term === "string") && new Set(terms).size === terms.length
  );
}
