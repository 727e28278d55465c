// A classifier whose probabilities are set right on rows that it has not seen. The catalogue makes the class
// `CalibratedClassifier` of it.
import type { Estimator, EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { readMeta } from "../base/state.ts";
import type { Split } from "../validate/split.ts";
import {
  addCalibrated,
  type Curve,
  curvesOf,
  fitCurves,
  METHODS,
  packCurves,
  SCALES,
  unpackCurves,
} from "./calibration.ts";
import { type Combine, CompositeEstimator, type Known, type Rows } from "./composite.ts";
import { figuresOfUnseen, fitPart, foldsOf, rowsAt } from "./cross-fit.ts";
import { makeInner } from "./inner-estimators.ts";
import { PartProgress } from "./part-progress.ts";
import { figuresOf } from "./parts.ts";

const PARAMS = {
  estimator: { type: "string", default: "GaussianNB", doc: "The classifier, by its name in the catalogue." },
  params: {
    type: "strings",
    default: null,
    nullable: true,
    doc: "Its parameters, each as `name=value` with the value in JSON.",
  },
  method: {
    type: "choice",
    choices: METHODS,
    default: "sigmoid",
    doc: "The curves: sigmoid (Platt's) for few rows; isotonic, any curve that never falls, for thousands.",
  },
  scale: {
    type: "choice",
    choices: SCALES,
    default: "logOdds",
    doc: "What they are curves of; a sigmoid of log-odds can leave right probabilities as they are.",
  },
  folds: { type: "int", default: 5, min: 2, max: 100, doc: "Parts of the rows, each judged by a fit of the others." },
  ensemble: {
    type: "boolean",
    default: true,
    doc: "Whether to answer by the mean of all folds' fits; otherwise by one fit of all rows.",
  },
} as const satisfies ParamTable;

interface Learned {
  readonly parts: readonly Estimator[];
  /** Those of the first part, then of the next. */
  readonly curves: readonly Curve[];
}

/** Fits a classifier to all folds but one and calibrates it on that one, for each fold. */
export abstract class CrossCalibrated extends CompositeEstimator<typeof PARAMS, Learned> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "CalibratedClassifier",
    doc: "Any classifier with its probabilities calibrated on rows that it has not seen.",
    source: "Platt 1999; Lin, Lin & Weng 2007; Zadrozny & Elkan 2002 (isotonic, one class against the rest)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    weights: "drawn",
  };

  protected makeInner(): Estimator[] {
    const { estimator: name, params } = this.params;
    return [makeInner({ name, params: params ?? [] }, this.making("estimator", "params"))];
  }

  /** The curves of each part: one of two classes, else one of each. Throws NotFittedError. */
  get curves(): readonly (readonly Curve[])[] {
    const { learned, classes } = this.fitted;
    const count = curvesOf(classes.length);
    return learned.parts.map((_, part) => learned.curves.slice(part * count, (part + 1) * count));
  }

  protected folds(rows: Rows, seed: number): Split[] {
    return foldsOf(rows, { folds: this.params.folds, seed, owner: this.spec.name });
  }

  protected async learn(rows: Rows, context: FitContext): Promise<Learned> {
    const splits = this.folds(rows, context.seed);
    const make = () => this.makeInner()[0];
    if (!this.params.ensemble) {
      const progress = new PartProgress(context, splits.length + 1);
      const curves = this.#curves(rows, await figuresOfUnseen(rows, { splits, make, progress }));
      return { parts: [await fitPart(make(), rows, progress)], curves };
    }
    const progress = new PartProgress(context, splits.length);
    const parts: Estimator[] = [];
    const curves: Curve[] = [];
    for (const { train, test } of splits) {
      const part = await fitPart(make(), rowsAt(rows, train), progress);
      const unseen = rowsAt(rows, test);
      parts.push(part);
      curves.push(...this.#curves(unseen, figuresOf(part.predict(unseen.table))));
    }
    return { parts, curves };
  }

  protected compile({ parts, curves }: Learned, { classes }: Known): Combine {
    const [width, count] = [classes.length, curvesOf(classes.length)];
    const { scale } = this.params;
    const own = new Float64Array(width);
    const each = parts.map((_, i) => ({ curves: curves.slice(i * count, (i + 1) * count), scale, own }));
    const figures = new Float64Array(width);
    return (all, _, out) => {
      for (let k = 0; k < width; k++) out[k] = 0;
      for (let part = 0; part < each.length; part++) {
        for (let k = 0; k < width; k++) figures[k] = all[part * width + k];
        addCalibrated(each[part], figures, out);
      }
      for (let k = 0; k < width; k++) out[k] /= each.length;
    };
  }

  protected pack({ curves, parts }: Learned): FittedState {
    return { tensors: packCurves(curves), meta: { fits: parts.length } };
  }

  protected unpack(state: FittedState, { classes }: Known) {
    const owner = this.spec.name;
    const fits = readMeta(state, "fits", owner);
    if (typeof fits !== "number" || !Number.isInteger(fits) || fits < 1 || fits > this.params.folds)
      throw new ShapeError(`"fits" in the state of ${owner} must be a whole number from 1 to ${this.params.folds}`);
    const count = fits * curvesOf(classes.length);
    const curves = unpackCurves(state, { count, method: this.params.method, owner });
    return { parts: Array.from({ length: fits }, () => this.makeInner()[0]), others: { curves } };
  }

  #curves({ target, weights }: Rows, figures: Float64Array): Curve[] {
    if (target.kind !== "class") return [];
    return fitCurves({ figures, codes: target.codes, classes: target.classes.length, weights }, this.params);
  }
}
