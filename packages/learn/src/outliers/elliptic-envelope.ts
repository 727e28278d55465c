// Outliers by distance from a centre, when the rows are about normal: measured by a centre and a spread that outliers among
// the training rows do not move.
import {
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  OutlierDetector,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import { CONTAMINATION, cutScore } from "../base/contamination.ts";
import { chiSquaredQuantile } from "../base/distributions.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { Random } from "../base/random.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { Ellipsoid } from "./ellipsoid.ts";
import { type Cloud, leastDeterminant } from "./minimum-determinant.ts";
import { reweighted, WITHIN } from "./usual-rows.ts";

const PARAMS = {
  support: {
    type: "float",
    default: null,
    nullable: true,
    min: 0.5,
    max: 1,
    doc: "Share of the rows that surely are none; null: just over half, which resists most outliers.",
  },
  contamination: CONTAMINATION,
} as const satisfies ParamTable;

interface Envelope {
  readonly schema: readonly ColumnSchema[];
  /** Of the columns over `scales`. */
  readonly ellipsoid: Ellipsoid;
  readonly scales: Float64Array;
  readonly threshold: number;
}

/** Scores rows by Mahalanobis' squared distance from a robust centre, less the threshold: 97.5 % of normal rows, or a share. */
export class EllipticEnvelope extends OutlierDetector<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "EllipticEnvelope",
    doc: "Finds rows far from the centre of the others, by a spread that outliers do not widen; for rows that are about normal.",
    source: "Rousseeuw & Van Driessen 1999 (FAST-MCD); Croux & Haesbroeck 1999",
    params: PARAMS,
    task: "outliers",
    input: "matrix",
  };
  #model: Envelope | undefined;

  async fit(table: Table, target: Target | undefined, { seed, report }: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    const columns = numericColumns(table, name);
    const [rows, size] = [table.rows, columns.length];
    if (rows <= size) throw new ShapeError(`${name} needs more rows than its ${size} columns, got ${rows}`);
    const scales = Float64Array.from(columns, deviationOf);
    const cloud: Cloud = { values: scaled(columns, scales), rows, size };
    const { support, contamination } = this.params;
    const least = Math.min(rows, Math.ceil((rows + size + 1) / 2));
    const count = support === null ? least : Math.max(least, Math.floor(support * rows));
    const tell = (step: number, total: number) => report({ step, total, unit: "part" });
    const raw = await leastDeterminant(cloud, { support: count, random: new Random(seed + 1), tell });
    const ellipsoid = reweighted(cloud, raw, count / rows);
    const squares = Float64Array.from({ length: rows }, (_, row) => ellipsoid.squareTo(cloud.values, row * size));
    const threshold = contamination === null ? chiSquaredQuantile(WITHIN, size) : cutScore(squares, contamination);
    this.#model = { schema: tableSchema(table), ellipsoid, scales, threshold };
    return this;
  }

  /** The centre, by column. Throws NotFittedError. */
  get location(): Float64Array {
    const { ellipsoid, scales } = this.#fitted;
    return ellipsoid.centre.map((value, j) => value * scales[j]);
  }

  /** Columns × columns, row-major. Throws NotFittedError. */
  get covariance(): Float64Array {
    const { ellipsoid, scales } = this.#fitted;
    const size = scales.length;
    return ellipsoid.covariance.map((value, at) => value * scales[Math.floor(at / size)] * scales[at % size]);
  }

  predict(table: Table): Prediction {
    const { schema, ellipsoid, scales, threshold } = this.#fitted;
    const values = scaled(fittedColumns(schema, table, this.spec.name), scales);
    const score = (_: unknown, row: number) => ellipsoid.squareTo(values, row * scales.length) - threshold;
    return { kind: "number", values: Float64Array.from({ length: table.rows }, score) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const { ellipsoid, scales, threshold } = this.#fitted;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    return (frame, out) => {
      for (let j = 0; j < slots.length; j++) row[j] = frame[slots[j]] / scales[j];
      out[0] = ellipsoid.squareTo(row, 0) - threshold;
    };
  }

  getState(): FittedState {
    const { schema, ellipsoid, scales, threshold } = this.#fitted;
    const covariance = tensor(ellipsoid.covariance, [scales.length, scales.length]);
    return {
      tensors: { centre: tensor(ellipsoid.centre), covariance, scales: tensor(scales) },
      meta: { columns: schemaToJson(schema), threshold },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const threshold = readMeta(state, "threshold", owner);
    if (typeof threshold !== "number") throw new ShapeError(`"threshold" in the state of ${owner} must be a number`);
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    const [centre, scales] = [read("centre", schema.length), read("scales", schema.length)];
    if (!scales.every((scale) => scale > 0)) throw new ShapeError(`"scales" in the state of ${owner} must be positive`);
    const covariance = read("covariance", schema.length ** 2);
    try {
      this.#model = { schema, ellipsoid: new Ellipsoid(centre, covariance), scales, threshold };
    } catch (error) {
      if (error instanceof RangeError) throw new ShapeError(`the state of ${owner} is damaged: ${error.message}`);
      throw error;
    }
  }

  // Internal

  get #fitted(): Envelope {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** The columns over their scales, row-major. */
function scaled(columns: readonly Float64Array[], scales: Float64Array): Float64Array {
  const [size, rows] = [columns.length, columns[0]?.length ?? 0];
  const values = new Float64Array(size * rows);
  for (let j = 0; j < size; j++) for (let i = 0; i < rows; i++) values[i * size + j] = columns[j][i] / scales[j];
  return values;
}

/** The standard deviation, or 1 of a constant column. */
function deviationOf(values: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i] / values.length;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** 2 / values.length;
  return sum > 0 && sum < Number.POSITIVE_INFINITY ? Math.sqrt(sum) : 1;
}
