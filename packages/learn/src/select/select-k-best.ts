// The columns that tell most of the target, each by itself.
import type { TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { NumberColumn, Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { chiSquared, classF, lineF } from "./univariate-scores.ts";

const params = {
  score: {
    type: "choice",
    choices: ["fTest", "chi2"],
    default: "fTest",
    doc: "F-test of a line (number target) or of class means, or chi² of counts against classes.",
  },
  k: {
    type: "int",
    default: 10,
    min: 1,
    doc: "Columns to keep; all when there are fewer.",
    search: { min: 1, max: 100, log: true },
  },
  share: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    exclusiveMin: true,
    max: 1,
    doc: "Keep this share of the columns, at least one, instead of `k`.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "SelectKBest",
  doc: "Keeps the number columns that tell most of the target, each judged by itself.",
  source: "Univariate F-test (Fisher 1925) and chi² test (Pearson 1900).",
  accepts: ["number"],
  needsTarget: true,
  params,
};

/** Keeps number columns by a test against the target. */
export class SelectKBest extends ColumnSelector<typeof params> {
  readonly spec = spec;

  protected async score(table: Table, target: Target | undefined): Promise<Float64Array> {
    if (target === undefined) throw new ParamError("target", "SelectKBest needs a target; clustering has none");
    return Float64Array.from(table.columns as readonly NumberColumn[], (column) => this.#scoreOf(column, target));
  }

  protected choose(scores: Float64Array): number[] {
    const { k, share } = this.params;
    return largestScores(scores, share === null ? k : Math.max(1, Math.round(share * scores.length)));
  }

  #scoreOf({ name, values }: NumberColumn, target: Target): number {
    if (this.params.score === "fTest") return target.kind === "class" ? classF(values, target) : lineF(values, target);
    if (target.kind === "number") {
      throw new ParamError(
        "score",
        "`score` of SelectKBest can be chi2 for classes only; use fTest for a number target",
      );
    }
    const row = values.findIndex((value) => value < 0);
    if (row < 0) return chiSquared(values, target);
    throw new ShapeError(
      `chi2 takes counts, row ${row} of "${name}" is ${values[row]}; use a MinMaxScaler step or fTest`,
    );
  }
}
