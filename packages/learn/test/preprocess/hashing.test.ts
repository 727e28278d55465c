// Hashed terms against scikit-learn (bench/peers/transformers_reference.py).
import { describe, expect, it } from "vitest";
import { HashingVectorizer, type Table } from "../../src/index.ts";
import { murmur3 } from "../../src/preprocess/murmur.ts";
import { distance } from "../example-data.ts";
import fixture from "../fixtures/transformers.json" with { type: "json" };
import { noKernels, table, texts } from "../tables.ts";

const { text } = fixture;

function rowsOf({ columns, rows }: Table): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    columns.map((column) => (column.kind === "number" ? column.values[row] : Number.NaN)),
  );
}

describe("HashingVectorizer", () => {
  const data = table(texts("t", text.texts));
  it.each([
    ["hashed", { features: 32 }],
    ["plain", { features: 16, norm: "none", signed: false, maxNgram: 2 }],
  ] as const)("agrees with scikit-learn on %s to 1e-12", async (name, params) => {
    const made = await new HashingVectorizer(params).fit(data, undefined, noKernels);
    rowsOf(made.transform(data)).forEach((row, i) => void expect(distance(row, text[name][i])).toBeLessThan(1e-12));
  });

  it("hashes as the reference implementation does", () => {
    // From its test vectors: bytes, seed, hash.
    expect(murmur3("", 1) >>> 0).toBe(0x514e28b7);
    expect(murmur3("test", 0x9747b28c) >>> 0).toBe(0x704b81dc);
    expect(murmur3("Hello, world!", 0x9747b28c) >>> 0).toBe(0x24884cba);
  });
});
