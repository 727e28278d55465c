// Columns added or dropped one at a time, each time the one by which rows not learned from are predicted best.
import type { Estimator, FitContext, Progress, TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { Table, Target } from "../base/table.ts";
import { ColumnSelector, largestScores } from "./column-selector.ts";
import { type Data, dealRows, splitFold } from "./folds.ts";
import { chooseEstimator, ESTIMATOR_PARAMS } from "./inner-estimator.ts";
import { lossOf } from "./shuffle-losses.ts";

const params = {
  ...ESTIMATOR_PARAMS,
  direction: {
    type: "choice",
    choices: ["forward", "backward"],
    default: "forward",
    doc: "Add columns to none, or drop them from all.",
  },
  k: { type: "int", default: null, nullable: true, min: 1, doc: "Columns to keep; null: half of them." },
  folds: { type: "int", default: 5, min: 2, max: 20, doc: "Parts of the rows; each is predicted from the others." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "SequentialSelector",
  doc: "Adds or drops columns one at a time by cross-validation; fits columns × columns × folds models, so name a quick one.",
  source: "Sequential feature selection (Whitney 1971; Ferri, Pudil, Hatef & Kittler 1994).",
  accepts: ["number", "category"],
  needsTarget: true,
  params,
};

/** Keeps columns step by step; scores are the steps that a column was in. The catalogue adds the factory. */
export abstract class StepwiseSelector extends ColumnSelector<typeof params> {
  readonly spec = spec;

  /** The estimator of that name with these parameters; throws ParamError. */
  protected abstract create(type: string, params: Readonly<Record<string, unknown>>): Estimator;

  protected async score(table: Table, target: Target | undefined, context: FitContext): Promise<Float64Array> {
    if (target === undefined)
      throw new ParamError("target", `${spec.name} needs a target; clustering and outliers have none`);
    const make = () => chooseEstimator(spec.name, { params: this.params, target, create: this.create.bind(this) });
    make();
    const count = table.columns.length;
    // A single row cannot be held out: all columns are alike.
    if (table.rows < 2) return new Float64Array(count);
    const folds = dealRows(target, table.rows, Math.min(this.params.folds, table.rows));
    const keep = this.#keep(count);
    const isForward = this.params.direction === "forward";
    const steps = keep === count ? 0 : isForward ? keep : count - keep;
    const scores = new Float64Array(count);
    let chosen: number[] = isForward ? [] : [...table.columns.keys()];
    for (let step = 0; step < steps; step++) {
      // Its losses are not those of the model that is trained.
      const report = (_: Progress) => context.report({ step, total: steps, unit: "selection" });
      const loss = (columns: readonly number[]) =>
        foldLoss(make, { table: only(table, columns), target }, { folds, context: { ...context, report } });
      chosen = await bestStep(chosen, { count, isForward, loss });
      for (const i of chosen) scores[i] += 1;
    }
    return scores;
  }

  protected choose(scores: Float64Array): number[] {
    return largestScores(scores, this.#keep(scores.length));
  }

  #keep(count: number): number {
    return Math.min(count, this.params.k ?? Math.max(1, Math.floor(count / 2)));
  }
}

// Internal

/** The columns with the one more, or the one fewer, of the least loss: of equals, the first. */
async function bestStep(
  chosen: readonly number[],
  { count, isForward, loss }: { count: number; isForward: boolean; loss(columns: readonly number[]): Promise<number> },
): Promise<number[]> {
  let best: { columns: number[]; loss: number } | undefined;
  for (let i = 0; i < count; i++) {
    if (chosen.includes(i) === isForward) continue;
    const columns = isForward ? [...chosen, i].sort((a, b) => a - b) : chosen.filter((own) => own !== i);
    const found = await loss(columns);
    const own = Number.isNaN(found) ? Number.POSITIVE_INFINITY : found;
    if (best === undefined || own < best.loss) best = { columns, loss: own };
  }
  return best?.columns ?? [...chosen];
}

function only({ rows, columns }: Table, chosen: readonly number[]): Table {
  return { rows, columns: chosen.map((i) => columns[i]) };
}

/** The mean over the folds of the loss on each, by a model of the others. */
async function foldLoss(
  make: () => Estimator,
  data: Data,
  { folds, context }: { folds: readonly Uint32Array[]; context: FitContext },
): Promise<number> {
  let sum = 0;
  for (const test of folds) {
    const { train, held } = splitFold(data, test);
    const model = await make().fit(train.table, train.target, context);
    sum += lossOf(model.predict(held), data.target, test);
  }
  return sum / folds.length;
}
