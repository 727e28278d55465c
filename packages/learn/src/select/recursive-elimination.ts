// Columns dropped a few at a time, the model fitted anew each time: what is left was judged beside what else is left.
import type { Estimator, FitContext, Progress, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { ELIMINATION_STEP, eliminate, eliminationSizes } from "./elimination.ts";
import { chooseEstimator, ESTIMATOR_PARAMS } from "./inner-estimator.ts";

const params = {
  ...ESTIMATOR_PARAMS,
  k: { type: "int", default: null, nullable: true, min: 1, doc: "Columns to keep; null: half of them." },
  step: ELIMINATION_STEP,
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "RecursiveElimination",
  doc: "Fits a model, drops the columns it makes least of, and fits again until few enough are left.",
  source: "Recursive feature elimination (Guyon, Weston, Barnhill & Vapnik 2002).",
  accepts: ["number", "category"],
  needsTarget: true,
  params,
};

/** Keeps columns by elimination; scores are the rounds that a column stayed. The catalogue adds the factory. */
export abstract class EliminationSelector extends ColumnSelector<typeof params> {
  readonly spec = spec;

  /** The estimator of that name with these parameters; throws ParamError. */
  protected abstract create(type: string, params: Readonly<Record<string, unknown>>): Estimator;

  protected async score(table: Table, target: Target | undefined, context: FitContext): Promise<Float64Array> {
    if (target === undefined)
      throw new ParamError("target", `${spec.name} needs a target; clustering and outliers have none`);
    const make = () => chooseEstimator(spec.name, { params: this.params, target, create: this.create.bind(this) });
    make();
    const count = table.columns.length;
    const keep = this.#keep(count);
    const stayed = new Float64Array(count);
    const sizes = eliminationSizes(count, { least: keep, step: this.params.step });
    let done = -1;
    // Its losses are not those of the model that is trained.
    const report = (_: Progress) => context.report({ step: done, total: sizes.length - 1, unit: "selection" });
    const counted = () => {
      done++;
      return make();
    };
    const rounds = await eliminate(counted, { table, target }, { sizes, context: { ...context, report } });
    for (const left of rounds.slice(1)) for (const i of left) stayed[i] += 1;
    return stayed;
  }

  protected choose(scores: Float64Array): number[] {
    return largestScores(scores, this.#keep(scores.length));
  }

  #keep(count: number): number {
    return Math.min(count, this.params.k ?? Math.max(1, Math.floor(count / 2)));
  }
}
