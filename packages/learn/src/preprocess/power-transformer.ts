// Powers that make columns look normal.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { minimum } from "../base/minimum.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { isConstant, moments } from "./moments.ts";
import { type ValueMap, ValueMapTransformer } from "./row-map.ts";

const params = {
  method: {
    type: "choice",
    choices: ["yeoJohnson", "boxCox"],
    default: "yeoJohnson",
    doc: "The family of powers; boxCox is for numbers above 0 only, others become missing.",
  },
  standardize: { type: "boolean", default: true, doc: "Give the result zero mean and unit variance." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "PowerTransformer",
  doc: "Bends each number column by a power of most likelihood, so that its distribution is closest to a normal one.",
  source: "Box & Cox 1964; Yeo & Johnson 2000; the power by maximum likelihood, as in scikit-learn.",
  accepts: ["number"],
  params,
};

type Method = (typeof params.method.choices)[number];

/** Per column its power, and what standardises the result. */
interface Powers {
  readonly power: Float64Array;
  readonly offset: Float64Array;
  readonly scale: Float64Array;
}

/** Makes number columns more normal; missing stays missing. */
export class PowerTransformer extends ValueMapTransformer<typeof params, Powers> {
  readonly spec = spec;

  /** The power (λ) of each column. Throws NotFittedError. */
  get powers(): Float64Array {
    return this.learned.power;
  }

  protected valueMaps({ name }: ColumnSchema, i: number): readonly ValueMap[] {
    const { method } = this.params;
    const { power, offset, scale } = this.learned;
    const [own, less, by] = [power[i], offset[i], scale[i]];
    return [{ name, of: (value) => (raise(method, value, own) - less) / by }];
  }

  protected learn(table: Table): Powers {
    const { method, standardize } = this.params;
    const columns = (table.columns as readonly NumberColumn[]).map((column) => {
      if (method === "boxCox") checkPositive(column);
      const present = column.values.filter((value) => !Number.isNaN(value));
      const power = likeliest(method, present);
      const made = moments(present.map((value) => raise(method, value, power)));
      const scale = isConstant(made) ? 1 : Math.sqrt(made.variance);
      return { power, offset: standardize ? made.mean : 0, scale: standardize ? scale : 1 };
    });
    return {
      power: Float64Array.from(columns, ({ power }) => power),
      offset: Float64Array.from(columns, ({ offset }) => offset),
      scale: Float64Array.from(columns, ({ scale }) => scale),
    };
  }

  protected pack({ power, offset, scale }: Powers): FittedState {
    return { tensors: { power: tensor(power), offset: tensor(offset), scale: tensor(scale) }, meta: {} };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Powers {
    const how = { owner: spec.name, type: Float64Array, length: inputs.length };
    return {
      power: readTensor(state, "power", how),
      offset: readTensor(state, "offset", how),
      scale: readTensor(state, "scale", how),
    };
  }
}

// Internal

/** (xᵖ − 1) / p with ln x for p = 0; Yeo and Johnson's takes x + 1, and below 0 mirrors it with the power 2 − p. */
function raise(method: Method, value: number, power: number): number {
  if (method === "boxCox") return value > 0 ? bend(Math.log(value), power) : Number.NaN;
  return value >= 0 ? bend(Math.log1p(value), power) : -bend(Math.log1p(-value), 2 - power);
}

function bend(log: number, power: number): number {
  return power === 0 ? log : Math.expm1(power * log) / power;
}

/** The power of most profile likelihood: −n/2 ln σ² + the logarithm of the change's Jacobian. 1 for a constant. */
function likeliest(method: Method, values: Float64Array): number {
  if (isConstant(moments(values))) return 1;
  let jacobian = 0;
  for (const value of values) {
    jacobian += method === "boxCox" ? Math.log(value) : Math.sign(value) * Math.log1p(Math.abs(value));
  }
  const loss = (power: number): number => {
    const { variance } = moments(values.map((value) => raise(method, value, power)));
    const usable = variance > Number.MIN_VALUE && Number.isFinite(variance);
    return usable ? (values.length / 2) * Math.log(variance) - (power - 1) * jacobian : Number.POSITIVE_INFINITY;
  };
  return minimum(loss, { a: -2, b: 2 });
}

function checkPositive({ name, values }: NumberColumn): void {
  const row = values.findIndex((value) => value <= 0);
  if (row < 0) return;
  const problem = `row ${row} of "${name}" is ${values[row]}, and boxCox takes numbers above 0 only`;
  throw new ShapeError(`${problem}; use yeoJohnson as \`method\` of PowerTransformer`);
}
