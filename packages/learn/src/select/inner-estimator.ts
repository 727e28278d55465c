// Estimators that selectors ask for the importance of columns. Which there are is the catalogue's to say, so it gives the
// factory: families do not import one another.
import type { Estimator, FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { inOwnersWords, parseInnerParams } from "../base/inner-params.ts";
import type { Table, Target } from "../base/table.ts";
import { shuffleLosses } from "./shuffle-losses.ts";

/** The parameters by which a selector names its estimator. */
export const ESTIMATOR_PARAMS = {
  estimator: {
    type: "string",
    default: "auto",
    doc: "The estimator to ask, by its name in the catalogue; auto: a random forest for the task.",
  },
  params: {
    type: "strings",
    default: null,
    nullable: true,
    doc: "Its parameters, each as `name=value` with the value in JSON.",
  },
} as const;

/** What `owner` says of its estimator, and how one is made. */
export interface EstimatorChoice {
  readonly params: { readonly estimator: string; readonly params: readonly string[] | null };
  readonly target: Target;
  create(type: string, params: Readonly<Record<string, unknown>>): Estimator;
}

/** A new estimator for the target. Throws ParamError in the words of `owner`'s parameters. */
export function chooseEstimator(owner: string, { params, target, create }: EstimatorChoice): Estimator {
  const { estimator: name, params: given } = params;
  const forest = target.kind === "class" ? "RandomForestClassifier" : "RandomForestRegressor";
  const naming = { owner, field: "estimator", paramsField: "params" };
  const inner = parseInnerParams(given ?? [], naming);
  const estimator = inOwnersWords(naming, () => create(name === "auto" ? forest : name, inner));
  const { name: found, task } = estimator.spec;
  if (task === (target.kind === "class" ? "classification" : "regression")) return estimator;
  const needed = target.kind === "class" ? "classes" : "numbers";
  const problem = `\`estimator\` of ${owner} is ${found}, which is for ${task}; name one for a target of ${needed}`;
  throw new ParamError("estimator", problem);
}

/** Fits the estimator and says what it makes of each column: its coefficients' sizes, or what shuffling costs. */
export async function importancesOf(
  estimator: Estimator,
  { table, target }: { table: Table; target: Target },
  context: FitContext,
): Promise<Float64Array> {
  await estimator.fit(table, target, context);
  const sizes = coefficientSizes(estimator, table.columns.length);
  return sizes ?? shuffleLosses(estimator, { table, target }, context.seed);
}

// Internal

/** Per column the sum of |coefficient| over the outputs, of estimators that have coefficients by column. */
function coefficientSizes(
  estimator: Estimator & { coefficients?: unknown },
  columns: number,
): Float64Array | undefined {
  const { coefficients } = estimator;
  if (!(coefficients instanceof Float64Array) || coefficients.length === 0) return undefined;
  const sizes = new Float64Array(columns);
  for (let i = 0; i < coefficients.length; i++) sizes[i % columns] += Math.abs(coefficients[i]);
  return sizes;
}
