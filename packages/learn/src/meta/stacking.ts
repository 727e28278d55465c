// Several estimators of one task, and a last one that learns from their answers to rows they have not seen how to weigh
// them (Wolpert 1992). The catalogue makes the classes `StackingClassifier` and `StackingRegressor` of it.
import type { Estimator, EstimatorSpec, FitContext, FittedState } from "../base/component.ts";
import type { ParamTable, StringParam, StringsParam } from "../base/params.ts";
import { tableSchema } from "../base/schema.ts";
import type { NumberColumn, Table } from "../base/table.ts";
import type { Split } from "../validate/split.ts";
import { type Combine, CompositeEstimator, type Known, type Rows, type WithParts, widthOf } from "./composite.ts";
import { figuresOfUnseen, fitPart, foldsOf } from "./cross-fit.ts";
import { makeInner, makeParts, PARTS_DOC } from "./inner-estimators.ts";
import { PartProgress } from "./part-progress.ts";
import { packParts, unpackParts } from "./parts.ts";

const SHARED = {
  finalParams: {
    type: "strings",
    default: null,
    nullable: true,
    doc: "Its parameters, each as `name=value` with the value in JSON.",
  },
  passthrough: {
    type: "boolean",
    default: false,
    doc: "Whether the last estimator sees the columns too, beside the parts' answers.",
  },
  folds: { type: "int", default: 5, min: 2, max: 100, doc: "Parts of the rows, each answered by fits of the others." },
} as const satisfies ParamTable;

const REGRESSOR_PARAMS = {
  estimators: {
    type: "strings",
    default: ["LinearRegression", "RandomForestRegressor nEstimators=50", "GradientBoostingRegressor nEstimators=50"],
    doc: PARTS_DOC,
  },
  finalEstimator: { type: "string", default: "Ridge", doc: "The last estimator, by its name in the catalogue." },
  ...SHARED,
} as const satisfies ParamTable;

const CLASSIFIER_PARAMS = {
  estimators: {
    type: "strings",
    default: ["LogisticRegression", "GaussianNB", "RandomForestClassifier nEstimators=50"],
    doc: PARTS_DOC,
  },
  finalEstimator: {
    type: "string",
    default: "LogisticRegression",
    doc: "The last estimator, by its name in the catalogue.",
  },
  ...SHARED,
} as const satisfies ParamTable;

type StackingParams = typeof SHARED & { readonly estimators: StringsParam; readonly finalEstimator: StringParam };

interface Learned extends WithParts {
  /** It takes the columns that `finalColumns` names. */
  readonly final: Estimator;
}

/** The estimator at the end of a stack, and what it takes. */
export interface Last {
  readonly estimator: Estimator;
  readonly figures: readonly number[];
  readonly columns: readonly number[];
}

abstract class Stacking<T extends StackingParams> extends CompositeEstimator<T, Learned> {
  protected makeInner(): Estimator[] {
    return [...this.#makeParts(), this.#makeFinal()];
  }

  /**
   * The last estimator; which figures of a row it takes, counted over the parts' answers in turn; and which of the row's
   * columns after them. Throws NotFittedError.
   */
  get last(): Last {
    const { learned, ...known } = this.fitted;
    const taken = finalColumns(learned.parts.length, known, this.params.passthrough).map(({ figure }) => figure);
    const answers = countAnswers(learned.parts.length, widthOf(known));
    return { estimator: learned.final, figures: taken.slice(0, answers), columns: taken.slice(answers) };
  }

  protected folds(rows: Rows, seed: number): Split[] {
    return foldsOf(rows, { folds: this.params.folds, seed, owner: this.spec.name });
  }

  protected async learn(rows: Rows, context: FitContext): Promise<Learned> {
    const splits = this.folds(rows, context.seed);
    const parts = this.#makeParts();
    const progress = new PartProgress(context, parts.length * (splits.length + 1) + 1);
    const figures: Float64Array[] = [];
    for (let i = 0; i < parts.length; i++) {
      const make = () => this.#makeParts()[i];
      figures.push(await figuresOfUnseen(rows, { splits, make, progress }));
      await fitPart(parts[i], rows, progress);
    }
    const classes = rows.target.kind === "class" ? rows.target.classes : [];
    const table = this.#finalTable(figures, rows.table, { schema: tableSchema(rows.table), classes });
    return { parts, final: await fitPart(this.#makeFinal(), { ...rows, table }, progress) };
  }

  protected compile({ parts, final }: Learned, known: Known): Combine {
    const width = widthOf(known);
    const columns = finalColumns(parts.length, known, this.params.passthrough);
    const run = final.compileRow(columns.map(({ name }, slot) => ({ name, kind: "number", slot })));
    const frame = new Float64Array(columns.length);
    const slots = Uint32Array.from(columns, ({ figure }) => figure);
    const answers = countAnswers(parts.length, width);
    return (figures, row, out) => {
      for (let j = 0; j < answers; j++) frame[j] = figures[slots[j]];
      for (let j = answers; j < frame.length; j++) frame[j] = row[slots[j]];
      run(frame, out);
    };
  }

  protected pack({ final }: Learned): FittedState {
    const { tensors, metas } = packParts([final], "final");
    return { tensors, meta: { final: metas } };
  }

  protected unpack(state: FittedState, known: Known) {
    const [parts, final] = [this.#makeParts(), this.#makeFinal()];
    const { classes } = known;
    const schema = finalColumns(parts.length, known, this.params.passthrough).map(
      ({ name }) => ({ name, kind: "number" }) as const,
    );
    unpackParts(state, [final], { owner: this.spec.name, schema, classes, prefix: "final" });
    return { parts, others: { final } };
  }

  #makeParts(): Estimator[] {
    return makeParts(this.params.estimators, this.making("estimators"));
  }

  #makeFinal(): Estimator {
    const { finalEstimator: name, finalParams: params } = this.params;
    return makeInner({ name, params: params ?? [] }, this.making("finalEstimator", "finalParams"));
  }

  /** What the last estimator learns from. */
  #finalTable(figures: readonly Float64Array[], { rows, columns }: Table, known: Known): Table {
    const width = widthOf(known);
    const answers = countAnswers(figures.length, width);
    const named = finalColumns(figures.length, known, this.params.passthrough);
    const made = named.map(({ name, figure }, j): NumberColumn => {
      const given = columns[figure];
      if (j >= answers && given.kind === "number") return { kind: "number", name, values: given.values };
      const [part, k] = [Math.floor(figure / width), figure % width];
      return {
        kind: "number",
        name,
        values: Float64Array.from({ length: rows }, (_, i) => figures[part][i * width + k]),
      };
    });
    return { rows, columns: made };
  }
}

/** Regressors, and one that learns from their predictions. */
export abstract class StackOfRegressors extends Stacking<typeof REGRESSOR_PARAMS> {
  readonly spec: EstimatorSpec<typeof REGRESSOR_PARAMS> = {
    name: "StackingRegressor",
    doc: "Several regressors, and a last one that learns from their predictions of unseen rows.",
    source: "Wolpert 1992, Stacked Generalization; Breiman 1996, Stacked Regressions",
    params: REGRESSOR_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "drawn",
  };
}

/** Classifiers, and one that learns from their probabilities. */
export abstract class StackOfClassifiers extends Stacking<typeof CLASSIFIER_PARAMS> {
  readonly spec: EstimatorSpec<typeof CLASSIFIER_PARAMS> = {
    name: "StackingClassifier",
    doc: "Several classifiers, and a last one that learns from their probabilities of unseen rows.",
    source: "Wolpert 1992, Stacked Generalization; Ting & Witten 1999 (of probabilities)",
    params: CLASSIFIER_PARAMS,
    task: "classification",
    input: "matrix",
    weights: "drawn",
  };
}

// Internal

/** How many figures of each row the last estimator sees. */
function countAnswers(parts: number, width: number): number {
  return width === 2 ? parts : parts * width;
}

/**
 * The columns that the last estimator takes, and which figure of the row, or which column, each is. Of two classes the
 * second's probability says all. The names are made, so that they cannot be those of columns.
 */
function finalColumns(parts: number, known: Known, passthrough: boolean): { name: string; figure: number }[] {
  const width = widthOf(known);
  const answers = Array.from({ length: parts * width }, (_, figure) => ({
    name: `estimators[${Math.floor(figure / width)}] ${figure % width}`,
    figure,
  })).filter(({ figure }) => width !== 2 || figure % 2 === 1);
  const columns = passthrough ? known.schema.map((_, figure) => ({ name: `columns[${figure}]`, figure })) : [];
  return [...answers, ...columns];
}
