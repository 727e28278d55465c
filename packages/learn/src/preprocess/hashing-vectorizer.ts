// Text as numbers without a vocabulary: each term has its column by its hash. Nothing is learned, new words count too,
// and a few terms share a column.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Column, ColumnSchema, NumberColumn, TextColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";
import { placeOf } from "./murmur.ts";
import { forEachTerm } from "./terms.ts";

const params = {
  features: {
    type: "int",
    default: 1024,
    min: 1,
    max: 20_000,
    doc: "Columns per text column; each takes 8 bytes per row.",
    search: { min: 128, max: 4096, log: true },
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
  signed: {
    type: "boolean",
    default: true,
    doc: "Count half of the terms downwards, so that terms that share a column cancel out on average.",
  },
  norm: {
    type: "choice",
    choices: ["l2", "l1", "none"],
    default: "l2",
    doc: "Whether rows are scaled to length 1, to absolute sum 1, or not.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "HashingVectorizer",
  doc: "Counts the terms of a text column in a fixed number of columns, each term by its hash.",
  source: "Feature hashing (Weinberger et al. 2009) by MurmurHash3, as in scikit-learn.",
  accepts: ["text"],
  params,
};

/** Hashes kept per column, so that frequent words are hashed once. */
const MOST_KNOWN = 50_000;

/** Gives `column hash 0`, `column hash 1`, …; a missing text has no terms. */
export class HashingVectorizer extends ColumnwiseTransformer<typeof params, null> {
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
    return this.inputs.flatMap(({ name }) => this.#names(name).map((each) => ({ name: each, kind: "number" })));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }) => this.#names(name).map(() => name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const counter = this.#counter();
    const { features } = this.params;
    return (frame, texts) => {
      for (let i = 0; i < from.length; i++) {
        const counts = counter(texts[from[i]]);
        for (let k = 0; k < features; k++) frame[to[i * features + k]] = counts[k];
      }
    };
  }

  protected learn(): null {
    return null;
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    const counter = this.#counter();
    return (columns as readonly TextColumn[]).flatMap(({ name, values }) => {
      const made = this.#names(name).map((each): NumberColumn => {
        return { kind: "number", name: each, values: new Float64Array(rows) };
      });
      values.forEach((text, row) => {
        const counts = counter(text);
        for (let k = 0; k < counts.length; k++) if (counts[k] !== 0) made[k].values[row] = counts[k];
      });
      return made;
    });
  }

  protected pack(): FittedState {
    return { tensors: {}, meta: {} };
  }

  protected unpack(): null {
    return null;
  }

  #names(name: string): string[] {
    return Array.from({ length: this.params.features }, (_, k) => `${name} hash ${k}`);
  }

  /** Gives a text's columns, in an array that is reused. */
  #counter(): (text: string | null) => Float64Array {
    const { features, signed, norm, stopWords, ...rules } = this.params;
    const counts = new Float64Array(features);
    const known = new Map<string, { place: number; sign: number }>();
    const find = (term: string) => {
      let found = known.get(term);
      if (found === undefined) {
        found = placeOf(term, features);
        if (known.size < MOST_KNOWN) known.set(term, found);
      }
      return found;
    };
    const all = { ...rules, stopWords: new Set(stopWords ?? []) };
    return (text) => {
      counts.fill(0);
      forEachTerm(text ?? "", all, (term) => {
        const { place, sign } = find(term);
        counts[place] += signed ? sign : 1;
      });
      let size = 0;
      for (let k = 0; k < features; k++) size += norm === "l2" ? counts[k] * counts[k] : Math.abs(counts[k]);
      const scale = norm === "none" || size === 0 ? 1 : norm === "l2" ? Math.sqrt(size) : size;
      for (let k = 0; k < features; k++) if (counts[k] !== 0) counts[k] /= scale;
      return counts;
    };
  }
}
