// Words by number against the terms that the regular expression of `forEachTerm` finds.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TfidfVectorizer } from "../../src/index.ts";
import { termNumbers } from "../../src/preprocess/term-numbers.ts";
import { forEachTerm, type TermRules } from "../../src/preprocess/terms.ts";
import { noKernels, table, texts } from "../tables.ts";

const words: TermRules = { unit: "word", lowercase: true, minNgram: 1, maxNgram: 1, stopWords: new Set() };

const letter = fc.oneof(
  fc.constantFrom(
    ..."abAB1_ '-.",
    "é",
    "\u0301",
    "ß",
    "İ",
    "Σ",
    "漢",
    "٣",
    "\u{1D400}",
    "\u{20AC0}",
    "😀",
    "\ud835",
    "\udc00",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const text = fc.array(letter, { maxLength: 40 }).map((letters) => letters.join(""));
const rules = fc.record({
  unit: fc.constantFrom("word" as const, "char" as const),
  lowercase: fc.boolean(),
  minNgram: fc.constant(1),
  maxNgram: fc.constantFrom(1, 1, 2),
  stopWords: fc.constantFrom(new Set<string>(), new Set(["ab", "éé", "a"])),
});

function byDefinition(value: string, how: TermRules): string[] {
  const found: string[] = [];
  forEachTerm(value, how, (term) => found.push(term));
  return found;
}

describe("termNumbers", () => {
  it("finds the terms of any text, in order", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), rules, (values, how) => {
        const all = termNumbers(how);
        for (const value of values) {
          expect(Array.from(all.read(value), (number) => all.terms[number])).toEqual(byDefinition(value, how));
        }
        expect(new Set(all.terms).size).toBe(all.terms.length);
      }),
    );
  });

  it("numbers given terms by their place and leaves out others", () => {
    fc.assert(
      fc.property(text, text, rules, (known, value, how) => {
        const terms = [...new Set(byDefinition(known, how))];
        const numbers = termNumbers(how, terms).read(value);
        const expected = byDefinition(value, how).map((term) => terms.indexOf(term));
        expect([...numbers]).toEqual(expected.filter((place) => place >= 0));
      }),
    );
  });

  it("tells thousands of words apart", () => {
    const many = Array.from({ length: 5000 }, (_, i) => `w${i}`);
    const all = termNumbers(words);
    expect([...all.read(many.join(" "))]).toEqual([...many.keys()]);
    expect([...all.read(many.join(" "))]).toEqual([...many.keys()]);
    expect(all.terms).toEqual(many);
  });
});

describe("TfidfVectorizer", () => {
  it("gives the same bits by fitTransform as by fit and transform", async () => {
    const given = table(
      texts("a", ["one two two", null, "two three", "ONE four"]),
      texts("b", ["x1 y1", "y1", "", "z1 z1 y1 é"]),
    );
    for (const params of [
      {},
      { maxFeatures: 2, sublinear: true },
      { unit: "char", maxNgram: 2, norm: "l1" },
    ] as const) {
      const [once, twice] = [new TfidfVectorizer(params), new TfidfVectorizer(params)];
      const made = await once.fitTransform(given, undefined, noKernels);
      expect(made).toEqual((await twice.fit(given, undefined, noKernels)).transform(given));
      expect(once.getState()).toEqual(twice.getState());
    }
  });
});
