// Several estimators of one task, each fitted to all rows, and the mean of what they say. The catalogue makes the classes
// `VotingClassifier` and `VotingRegressor` of it.
import type { Estimator, EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ParamTable, StringsParam } from "../base/params.ts";
import { type Combine, CompositeEstimator, type Known, type Rows, type WithParts, widthOf } from "./composite.ts";
import { fitPart } from "./cross-fit.ts";
import { makeParts, PARTS_DOC } from "./inner-estimators.ts";
import { PartProgress } from "./part-progress.ts";

const weights = {
  type: "strings",
  default: null,
  nullable: true,
  doc: "How much each part counts, a number from 0 on for each; null: all alike.",
} as const;

const REGRESSOR_PARAMS = {
  estimators: {
    type: "strings",
    default: ["LinearRegression", "RandomForestRegressor", "GradientBoostingRegressor"],
    doc: PARTS_DOC,
  },
  weights,
} as const satisfies ParamTable;

const CLASSIFIER_PARAMS = {
  estimators: {
    type: "strings",
    default: ["LogisticRegression", "GaussianNB", "RandomForestClassifier"],
    doc: PARTS_DOC,
  },
  voting: {
    type: "choice",
    choices: ["soft", "hard"],
    default: "soft",
    doc: "Soft: the mean of the parts' probabilities; hard: the share of the parts that name a class.",
  },
  weights,
} as const satisfies ParamTable;

type VotingParams = { readonly estimators: StringsParam; readonly weights: typeof weights };

abstract class Voting<T extends VotingParams> extends CompositeEstimator<T, WithParts> {
  override validate(): void {
    super.validate();
    this.shares();
  }

  protected makeInner(): Estimator[] {
    return makeParts(this.params.estimators, this.making("estimators"));
  }

  /** How much each part counts: numbers that sum to 1. Throws ParamError. */
  shares(): Float64Array {
    const { estimators, weights: given } = this.params;
    if (given === null) return new Float64Array(estimators.length).fill(1 / estimators.length);
    const name = this.spec.name;
    if (given.length !== estimators.length) {
      const problem = `must have one number for each of ${estimators.length} estimators, got ${given.length}`;
      throw new ParamError("weights", `\`weights\` of ${name} ${problem}`);
    }
    const numbers = Float64Array.from(given, (text) => (text.trim() === "" ? Number.NaN : Number(text)));
    const bad = numbers.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (bad >= 0) throw new ParamError("weights", `\`weights\` of ${name} must be numbers >= 0, got "${given[bad]}"`);
    const largest = numbers.reduce((most, value) => Math.max(most, value), 0);
    if (largest === 0) throw new ParamError("weights", `\`weights\` of ${name} are all 0: no estimator counts`);
    // Divided first, so that the sum cannot overflow.
    const total = numbers.reduce((sum, value) => sum + value / largest, 0);
    return numbers.map((value) => value / largest / total);
  }

  protected async learn(rows: Rows, context: FitContext): Promise<WithParts> {
    const parts = this.makeInner();
    const progress = new PartProgress(context, parts.length);
    for (const part of parts) await fitPart(part, rows, progress);
    return { parts };
  }

  protected compile(_: WithParts, known: Known): Combine {
    const width = widthOf(known);
    const shares = this.shares();
    return (figures, _columns, out) => {
      for (let k = 0; k < width; k++) {
        let sum = 0;
        for (let part = 0; part < shares.length; part++) sum += shares[part] * figures[part * width + k];
        out[k] = sum;
      }
    };
  }

  protected pack(): FittedState {
    return { tensors: {}, meta: {} };
  }

  protected unpack() {
    return { parts: this.makeInner(), others: {} };
  }
}

/** The mean of several regressors. */
export abstract class MeanOfRegressors extends Voting<typeof REGRESSOR_PARAMS> {
  readonly spec: EstimatorSpec<typeof REGRESSOR_PARAMS> = {
    name: "VotingRegressor",
    doc: "The mean of several regressors' predictions.",
    source: "Breiman 1996, Stacked Regressions (the mean with weights that are given, not learned)",
    params: REGRESSOR_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "drawn",
  };
}

/** The mean of several classifiers' probabilities, or the share of their votes. */
export abstract class VoteOfClassifiers extends Voting<typeof CLASSIFIER_PARAMS> {
  readonly spec: EstimatorSpec<typeof CLASSIFIER_PARAMS> = {
    name: "VotingClassifier",
    doc: "The mean of several classifiers' probabilities, or a vote among them.",
    source: "Kittler et al. 1998, On Combining Classifiers",
    params: CLASSIFIER_PARAMS,
    task: "classification",
    input: "matrix",
    weights: "drawn",
  };

  protected override compile(learned: WithParts, known: Known): Combine {
    if (this.params.voting === "soft") return super.compile(learned, known);
    const width = widthOf(known);
    const shares = this.shares();
    return (figures, _columns, out) => {
      for (let k = 0; k < width; k++) out[k] = 0;
      for (let part = 0; part < shares.length; part++) {
        let best = 0;
        for (let k = 1; k < width; k++) if (figures[part * width + k] > figures[part * width + best]) best = k;
        out[best] += shares[part];
      }
    };
  }
}
