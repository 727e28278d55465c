// Columns dropped a few at a time, the model fitted anew each time: what is left was judged beside what else is left.
import type { Estimator, FitContext, Progress, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { chooseEstimator, ESTIMATOR_PARAMS, importancesOf } from "./inner-estimator.ts";

const params = {
  ...ESTIMATOR_PARAMS,
  k: { type: "int", default: null, nullable: true, min: 1, doc: "Columns to keep; null: half of them." },
  step: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Columns dropped per fit: from 1 on so many, below 1 this share of all columns.",
  },
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
    const step =
      this.params.step < 1 ? Math.max(1, Math.floor(this.params.step * count)) : Math.floor(this.params.step);
    const stayed = new Float64Array(count);
    let left = [...table.columns.keys()];
    while (left.length > keep) {
      const seen = { rows: table.rows, columns: left.map((i) => table.columns[i]) };
      // Its losses are not those of the model that is trained.
      const done = count - left.length;
      const report = (_: Progress) => context.report({ step: done, total: count - keep, unit: "selection" });
      const scores = await importancesOf(make(), { table: seen, target }, { ...context, report });
      const chosen = new Set(largestScores(scores, Math.max(keep, left.length - step)));
      left = left.filter((_, i) => chosen.has(i));
      for (const i of left) stayed[i] += 1;
    }
    return stayed;
  }

  protected choose(scores: Float64Array): number[] {
    return largestScores(scores, this.#keep(scores.length));
  }

  #keep(count: number): number {
    return Math.min(count, this.params.k ?? Math.max(1, Math.floor(count / 2)));
  }
}
