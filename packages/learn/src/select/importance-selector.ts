// The columns that a fitted model uses most. Which estimators there are is the catalogue's to say, so it adds the
// factory: families do not import one another.
import type { Estimator, FitContext, Progress, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { shuffleLosses } from "./shuffle-losses.ts";

const params = {
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
    if (target === undefined) throw new ParamError("target", "SelectFromModel needs a target; clustering has none");
    const estimator = this.#estimator(target);
    const { columns } = table;
    if (columns.length === 0) return new Float64Array();
    // Its losses are not those of the model that is trained.
    const report = ({ step, total }: Progress) => context.report({ step, total, unit: "selection" });
    await estimator.fit(table, target, { ...context, report });
    return coefficientSizes(estimator, columns.length) ?? shuffleLosses(estimator, { table, target }, context.seed);
  }

  protected choose(scores: Float64Array): number[] {
    const { k, threshold } = this.params;
    if (k !== null) return largestScores(scores, k);
    const least = (threshold * scores.reduce((sum, score) => sum + score, 0)) / scores.length;
    return [...scores.keys()].filter((i) => scores[i] >= least);
  }

  #estimator(target: Target): Estimator {
    const { estimator: name, params: given } = this.params;
    const forest = target.kind === "class" ? "RandomForestClassifier" : "RandomForestRegressor";
    const estimator = inOwnWords(() => this.create(name === "auto" ? forest : name, parseParams(given ?? [])));
    const { name: found, task } = estimator.spec;
    if (task === (target.kind === "class" ? "classification" : "regression")) return estimator;
    const needed = target.kind === "class" ? "classes" : "numbers";
    const problem = `\`estimator\` of SelectFromModel is ${found}, which is for ${task}; name one for a target of ${needed}`;
    throw new ParamError("estimator", problem);
  }
}

// Internal

/** Errors of the inner estimator as errors of the parameters that name it. */
function inOwnWords(make: () => Estimator): Estimator {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ParamError) || error.field === "params") throw error;
    const field = error.field === "type" ? "estimator" : "params";
    throw new ParamError(field, `\`${field}\` of SelectFromModel: ${error.message}`, { cause: error });
  }
}

function parseParams(given: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new ParamError("params", `\`params\` of SelectFromModel must be name=value, got "${text}"`);
      const value = text.slice(at + 1);
      try {
        return [text.slice(0, at), JSON.parse(value) as unknown];
      } catch {
        // A word without quotes is meant as a text.
        return [text.slice(0, at), value];
      }
    }),
  );
}

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
