// The columns that tell most of the target, each by itself.
import type { FitContext, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { NumberColumn, Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { classInformation, numberInformation } from "./mutual-information.ts";
import { tailOfChi2, tailOfF } from "./significance.ts";
import { chiSquared, classF, lineF } from "./univariate-scores.ts";

const params = {
  score: {
    type: "choice",
    choices: ["fTest", "chi2", "mutualInformation"],
    default: "fTest",
    doc:
      "F-test of a line (number target) or of class means; chi² of counts against classes; or mutual information, which " +
      "sees any relation.",
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
  keep: {
    type: "choice",
    choices: ["best", "falsePositives", "falseDiscoveries", "anyFalse"],
    default: "best",
    doc:
      "Keep the best by `k` or `share`; or, by their p-values, so many that at most `alpha` of the useless columns are " +
      "kept, of the kept ones are useless, or is the probability that any is.",
  },
  alpha: {
    type: "float",
    default: 0.05,
    min: 0,
    exclusiveMin: true,
    max: 1,
    doc: "The error allowed by `keep`, where that is not best.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "SelectKBest",
  doc: "Keeps the number columns that tell most of the target, each judged by itself.",
  source:
    "Univariate F-test (Fisher 1925) and chi² test (Pearson 1900); mutual information by nearest neighbours (Kraskov et " +
    "al. 2004, Ross 2014); false discoveries by Benjamini & Hochberg 1995.",
  accepts: ["number"],
  needsTarget: true,
  params,
};

/** Keeps number columns by a test against the target. */
export class SelectKBest extends ColumnSelector<typeof params> {
  readonly spec = spec;

  override validate(): void {
    super.validate();
    if (this.params.keep !== "best" && this.params.score === "mutualInformation") {
      const problem = "`keep` of SelectKBest can only be best for mutualInformation, which has no p-values";
      throw new ParamError("keep", `${problem}; use fTest, or keep the best`);
    }
  }

  protected async score(table: Table, target: Target | undefined, context: FitContext): Promise<Float64Array> {
    if (target === undefined)
      throw new ParamError("target", "SelectKBest needs a target; clustering and outliers have none");
    const columns = table.columns as readonly NumberColumn[];
    return Float64Array.from(columns, (column) => this.#scoreOf(column, target, context.seed));
  }

  protected choose(scores: Float64Array, { columns }: Table, target: Target): number[] {
    const { k, share, keep, alpha } = this.params;
    if (keep === "best") {
      return largestScores(scores, share === null ? k : Math.max(1, Math.round(share * scores.length)));
    }
    const pValues = (columns as readonly NumberColumn[]).map(({ values }, i) =>
      this.#pValue(values, target, scores[i]),
    );
    return chosenBy(keep, pValues, alpha);
  }

  /** The probability of such a score by chance. */
  #pValue(values: Float64Array, target: Target, score: number): number {
    let rows = 0;
    const seen = new Set<number>();
    for (let row = 0; row < values.length; row++) {
      if (Number.isNaN(values[row])) continue;
      rows += 1;
      if (target.kind === "class") seen.add(target.codes[row]);
    }
    if (target.kind === "number") return tailOfF(score, 1, rows - 2);
    if (this.params.score === "chi2") return tailOfChi2(score, seen.size - 1);
    return tailOfF(score, seen.size - 1, rows - seen.size);
  }

  #scoreOf({ name, values }: NumberColumn, target: Target, seed: number): number {
    if (this.params.score === "mutualInformation") {
      return target.kind === "class" ? classInformation(values, target, seed) : numberInformation(values, target, seed);
    }
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

// Internal

/** Positions of the columns whose p-values pass; those without one do not. */
function chosenBy(keep: string, pValues: readonly number[], alpha: number): number[] {
  const count = pValues.length;
  if (keep === "falsePositives") return [...pValues.keys()].filter((i) => pValues[i] < alpha);
  if (keep === "anyFalse") return [...pValues.keys()].filter((i) => pValues[i] < alpha / count);
  const sorted = pValues.filter((p) => !Number.isNaN(p)).sort((a, b) => a - b);
  const most = sorted.reduce((best, p, i) => (p <= (alpha * (i + 1)) / count ? p : best), -1);
  return [...pValues.keys()].filter((i) => pValues[i] <= most);
}
