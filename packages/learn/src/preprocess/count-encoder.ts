// Categories as how frequent they are.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import type { CategoryColumn, Table } from "../base/table.ts";
import { type CategoryNumbers, CategoryNumbersTransformer } from "./category-numbers.ts";

const params = {
  as: {
    type: "choice",
    choices: ["count", "share", "log"],
    default: "share",
    doc: "The number of training rows with the category, their share of all rows, or ln(1 + count).",
  },
  missing: {
    type: "choice",
    choices: ["zero", "count"],
    default: "zero",
    doc: "A missing or unknown category becomes 0, or is counted as a category of its own.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "CountEncoder",
  doc: "Replaces each category by how often it occurs in training: one column however many categories there are.",
  source: "Frequency encoding.",
  accepts: ["category"],
  params,
};

/** Encodes categories by frequency. */
export class CountEncoder extends CategoryNumbersTransformer<typeof params> {
  readonly spec = spec;

  protected learn({ columns, rows }: Table): CategoryNumbers {
    const { as, missing } = this.params;
    const shown = (count: number) =>
      as === "count" ? count : as === "log" ? Math.log1p(count) : count / Math.max(1, rows);
    const tables = (columns as readonly CategoryColumn[]).map(({ codes, categories }) => {
      const counts = new Float64Array(categories.length + 1);
      for (const code of codes) counts[code < 0 ? categories.length : code] += 1;
      if (missing === "zero") counts[categories.length] = 0;
      return counts.map(shown);
    });
    return { suffixes: [""], tables };
  }

  protected packMeta(): FittedState["meta"] {
    return {};
  }

  protected unpackMeta(): Omit<CategoryNumbers, "tables"> {
    return { suffixes: [""] };
  }
}
