// Recursive elimination whose number of columns is chosen by rows not learned from.
import type { Estimator, FitContext, Progress, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Table, Target } from "../base/table.ts";
import { ColumnSelector } from "./column-selector.ts";
import { ELIMINATION_STEP, eliminate, eliminationSizes } from "./elimination.ts";
import { type Data, dealRows, splitFold } from "./folds.ts";
import { chooseEstimator, ESTIMATOR_PARAMS } from "./inner-estimator.ts";
import { lossOf } from "./shuffle-losses.ts";

const params = {
  ...ESTIMATOR_PARAMS,
  least: { type: "int", default: 1, min: 1, doc: "Fewest columns to keep." },
  step: ELIMINATION_STEP,
  folds: { type: "int", default: 5, min: 2, max: 20, doc: "Parts of the rows; each is predicted from the others." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "RecursiveEliminationCV",
  doc: "Recursive elimination that keeps as many columns as predict best by cross-validation; fits columns × folds models.",
  source: "Recursive feature elimination (Guyon, Weston, Barnhill & Vapnik 2002) in folds.",
  accepts: ["number", "category"],
  needsTarget: true,
  params,
};

/**
 * Eliminates in each fold down to `least`, and then among all rows down to the number of columns of the least mean loss: of
 * equals, the fewest. Scores are the rounds that a column stayed. The catalogue adds the factory.
 */
export abstract class ValidatedElimination extends ColumnSelector<typeof params> {
  readonly spec = spec;

  /** The estimator of that name with these parameters; throws ParamError. */
  protected abstract create(type: string, params: Readonly<Record<string, unknown>>): Estimator;

  protected async score(table: Table, target: Target | undefined, context: FitContext): Promise<Float64Array> {
    if (target === undefined)
      throw new ParamError("target", `${spec.name} needs a target; clustering and outliers have none`);
    const make = () => chooseEstimator(spec.name, { params: this.params, target, create: this.create.bind(this) });
    make();
    const count = table.columns.length;
    const stayed = new Float64Array(count);
    const sizes = eliminationSizes(count, { least: Math.min(count, this.params.least), step: this.params.step });
    // A single row cannot be held out, and of a single column there is nothing to choose: all columns are alike.
    if (table.rows < 2 || sizes.length === 1) return stayed;
    const folds = dealRows(target, table.rows, Math.min(this.params.folds, table.rows));
    let fold = 0;
    // Its losses are not those of the model that is trained.
    const report = (_: Progress) => context.report({ step: fold, total: folds.length + 1, unit: "selection" });
    const quiet = { ...context, report };
    const losses = new Float64Array(sizes.length);
    for (const test of folds) {
      await addLosses(losses, make, { data: { table, target }, test, sizes, context: quiet });
      fold++;
    }
    const best = fewestOfLeast(losses);
    const rounds = await eliminate(make, { table, target }, { sizes: sizes.slice(0, best + 1), context: quiet });
    for (const left of rounds.slice(1)) for (const i of left) stayed[i] += 1;
    return stayed;
  }

  /** Those that stayed to the end. */
  protected choose(scores: Float64Array): number[] {
    const most = scores.reduce((largest, score) => Math.max(largest, score), 0);
    return [...scores.keys()].filter((i) => scores[i] === most);
  }
}

// Internal

interface FoldTask {
  readonly data: Data;
  readonly test: Uint32Array;
  readonly sizes: readonly number[];
  readonly context: FitContext;
}

/** Adds the loss on the held-out rows after each round of an elimination by the others. */
async function addLosses(
  losses: Float64Array,
  make: () => Estimator,
  { data, test, sizes, context }: FoldTask,
): Promise<void> {
  const { train, held } = splitFold(data, test);
  let round = 0;
  await eliminate(make, train, {
    sizes,
    context,
    judge: (left, model) => {
      const prediction = model.predict({ rows: held.rows, columns: left.map((i) => held.columns[i]) });
      losses[round++] += lossOf(prediction, data.target, test);
    },
  });
}

function fewestOfLeast(losses: Float64Array): number {
  let best = 0;
  for (let i = 1; i < losses.length; i++) {
    // What is no number is worse than any.
    if (losses[i] <= losses[best] || Number.isNaN(losses[best])) best = i;
  }
  return best;
}
