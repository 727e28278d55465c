// Generalised linear models: the mean of a Tweedie distribution by a weighted sum of the columns.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { NumberTarget, Table, Target } from "../base/table.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { halfDeviance, type Link } from "./deviances.ts";
import { columnMean } from "./gram.ts";
import { minimiseLinearLoss } from "./linear-loss-minimum.ts";

const GLM_PARAMS = {
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    doc: "Weight of half the squared coefficients against half the mean deviance.",
    search: { min: 1e-6, max: 10, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stops when no entry of the gradient of the mean is larger.",
  },
  maxIterations: { type: "int", default: 100, min: 1, doc: "Largest number of Newton or L-BFGS iterations." },
} as const satisfies ParamTable;

const TWEEDIE_PARAMS = {
  ...GLM_PARAMS,
  power: {
    type: "float",
    default: 0,
    doc: "The variance is the mean to this power: 0 normal, 1 Poisson, 2 gamma, 3 inverse Gaussian; not within 0 and 1.",
    search: { min: 1, max: 2 },
  },
  link: {
    type: "choice",
    choices: ["auto", "identity", "log"],
    default: "auto",
    doc: "What of the mean is linear in the columns; auto is identity for powers up to 0 and log otherwise.",
  },
} as const satisfies ParamTable;

interface Distribution {
  readonly power: number;
  readonly link: Link;
}

/** Half the mean deviance with an L2 penalty; `converged`, `iterations` and `loss` are in the state's meta. */
abstract class GeneralizedLinear<T extends typeof GLM_PARAMS> extends LinearRegressor<T> {
  protected abstract distribution(): Distribution;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { power, link } = this.distribution();
    const columns = numericColumns(table, this.spec.name);
    const known = numberTarget(target, table.rows, this.spec.name);
    this.#checkRange(known, power);
    const weights = rowWeights(context, table.rows, this.spec);
    const { alpha, ...others } = this.params;
    const mean = columnMean(known.values, weights);
    const minimum = await minimiseLinearLoss(
      {
        ...others,
        columns,
        weights,
        target: known.values,
        loss: halfDeviance(power, link),
        l2: alpha,
        start: link === "log" ? Math.log(Math.max(mean, SMALLEST_MEAN)) : mean,
      },
      context,
    );
    const { coefficients, intercept, value, iterations, converged } = minimum;
    const model = { schema: tableSchema(table), coefficients, intercepts: Float64Array.of(intercept) };
    const details = { loss: value, iterations, converged };
    return this.learned(model, link === "log" ? { ...details, link } : details);
  }

  // Internal

  #checkRange({ values, name }: NumberTarget, power: number): void {
    if (power < 1) return;
    const isOutside = power < 2 ? (value: number) => value < 0 : (value: number) => value <= 0;
    const row = values.findIndex(isOutside);
    if (row < 0) return;
    const needs = power < 2 ? "numbers of 0 and more" : "numbers above 0";
    const cure = "leave such rows out, or take a distribution that has them";
    throw new ParamError(
      "target",
      `row ${row} of the target "${name}" is ${values[row]}, but ${this.spec.name} needs ${needs}; ${cure}`,
    );
  }
}

/** Counts of nothing but 0 have no finite score; this mean stands for theirs. */
const SMALLEST_MEAN = 1e-10;

/** Poisson regression: counts or rates, predicted as the exponential of the weighted sum. */
export class PoissonRegressor extends GeneralizedLinear<typeof GLM_PARAMS> {
  readonly spec: EstimatorSpec<typeof GLM_PARAMS> = {
    name: "PoissonRegressor",
    doc: "Regression of counts or rates: Poisson distribution, log link, L2 penalty.",
    source: "Nelder & Wedderburn 1972, Generalized Linear Models",
    params: GLM_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
    targets: "nonnegative",
  };

  protected distribution(): Distribution {
    return { power: 1, link: "log" };
  }
}

/** Gamma regression: amounts above 0, predicted as the exponential of the weighted sum. */
export class GammaRegressor extends GeneralizedLinear<typeof GLM_PARAMS> {
  readonly spec: EstimatorSpec<typeof GLM_PARAMS> = {
    name: "GammaRegressor",
    doc: "Regression of amounts above 0 whose spread grows with them: gamma distribution, log link, L2 penalty.",
    source: "Nelder & Wedderburn 1972, Generalized Linear Models",
    params: GLM_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
    targets: "positive",
  };

  protected distribution(): Distribution {
    return { power: 2, link: "log" };
  }
}

/** Regression by any Tweedie distribution, which between 1 and 2 has many zeros and amounts above them. */
export class TweedieRegressor extends GeneralizedLinear<typeof TWEEDIE_PARAMS> {
  readonly spec: EstimatorSpec<typeof TWEEDIE_PARAMS> = {
    name: "TweedieRegressor",
    doc: "Regression by a Tweedie distribution of any power, such as claims of which many are 0; L2 penalty.",
    source: "Jørgensen 1987, Exponential Dispersion Models; Nelder & Wedderburn 1972",
    params: TWEEDIE_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  protected distribution(): Distribution {
    const { power, fitIntercept } = this.params;
    if (power > 0 && power < 1) {
      const problem = "no distribution has a power within 0 and 1";
      throw new ParamError("power", `\`power\` of TweedieRegressor must be <= 0 or >= 1, got ${power}: ${problem}`);
    }
    const link = this.params.link === "auto" ? (power <= 0 ? "identity" : "log") : (this.params.link as Link);
    if (link === "identity" && power !== 0 && !fitIntercept) {
      const problem = `means above 0, as \`power\` ${power} has them, are found from an intercept`;
      throw new ParamError("fitIntercept", `\`fitIntercept\` of TweedieRegressor must be true: ${problem}`);
    }
    return { power, link };
  }
}
