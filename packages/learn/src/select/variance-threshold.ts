// Columns that hardly vary say nothing.
import type { TransformerSpec } from "../base/component.ts";
import type { NumberColumn, Table } from "../base/table.ts";
import { ColumnSelector } from "./column-selector.ts";

const params = {
  threshold: {
    type: "float",
    default: 0,
    min: 0,
    doc: "Keep columns whose variance is larger, in their own units squared.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "VarianceThreshold",
  doc: "Drops number columns that vary too little; by default only those with one value throughout.",
  source: "Population variance; missing values are left out.",
  accepts: ["number"],
  params,
};

/** Keeps number columns by their variance. */
export class VarianceThreshold extends ColumnSelector<typeof params> {
  readonly spec = spec;

  protected async score(table: Table): Promise<Float64Array> {
    return Float64Array.from(table.columns as readonly NumberColumn[], ({ values }) => variance(values));
  }

  protected choose(scores: Float64Array): number[] {
    return [...scores.keys()].filter((i) => scores[i] > this.params.threshold);
  }
}

// Internal

/** 0 for equal values to the last bit, whatever the rounding of their mean. */
function variance(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value));
  if (present.every((value) => value === present[0])) return 0;
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  return present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length;
}
