// The columns that a fitted model uses most. Which estimators there are is the catalogue's to say, so it adds the
// factory: families do not import one another.
import type { Estimator, FitContext, Progress, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { chooseEstimator, ESTIMATOR_PARAMS, importancesOf } from "./inner-estimator.ts";

const params = {
  ...ESTIMATOR_PARAMS,
  k: { type: "int", default: null, nullable: true, min: 1, doc: "Keep so many columns, the most important ones." },
  threshold: {
    type: "float",
    default: 1,
    min: 0,
    doc: "Without `k`: keep columns of at least this many times the mean importance.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "SelectFromModel",
  doc: "Keeps the columns with the largest coefficients of a fitted model, or whose shuffling harms it most.",
  source: "Sum of |coefficient| over the outputs; else permutation importance (Breiman 2001) on the training rows.",
  accepts: ["number", "category"],
  needsTarget: true,
  params,
};

/**
 * Keeps columns by what a model makes of them; scale the columns first when it has coefficients. The catalogue makes the
 * class `SelectFromModel` of it.
 */
export abstract class ImportanceSelector extends ColumnSelector<typeof params> {
  readonly spec = spec;

  /** The estimator of that name with these parameters; throws ParamError. */
  protected abstract create(type: string, params: Readonly<Record<string, unknown>>): Estimator;

  protected async score(table: Table, target: Target | undefined, context: FitContext): Promise<Float64Array> {
    if (target === undefined)
      throw new ParamError("target", "SelectFromModel needs a target; clustering and outliers have none");
    const create = this.create.bind(this);
    const estimator = chooseEstimator(spec.name, { params: this.params, target, create });
    if (table.columns.length === 0) return new Float64Array();
    // Its losses are not those of the model that is trained.
    const report = ({ step, total }: Progress) => context.report({ step, total, unit: "selection" });
    return importancesOf(estimator, { table, target }, { ...context, report });
  }

  protected choose(scores: Float64Array): number[] {
    const { k, threshold } = this.params;
    if (k !== null) return largestScores(scores, k);
    const least = (threshold * scores.reduce((sum, score) => sum + score, 0)) / scores.length;
    return [...scores.keys()].filter((i) => scores[i] >= least);
  }
}
