// Small seeded tables on which the checks run: well-scaled numbers, and for table estimators categories and gaps.
import { type EstimatorInput, hasTarget, type Task } from "../base/component.ts";
import { Random } from "../base/random.ts";
import type { Column, Prediction, Table, Target } from "../base/table.ts";

/** A table and, unless the task has none, a target of the same rows. */
export interface Sample {
  readonly table: Table;
  readonly target: Target | undefined;
}

/** What a sample should be like. */
export interface SampleOptions {
  readonly rows?: number;
  readonly seed?: number;
  readonly task: Task;
  /** With `table` there are missing values and a category column, with `counts` nothing is negative. */
  readonly input: EstimatorInput;
  /** Classes of a classification target. Default 3. */
  readonly classes?: number;
  /** Whether numbers of the target must be above 0. */
  readonly positive?: boolean;
}

/** A sample in which the target depends on the columns, with noise. Every class has a row when there are enough. */
export function makeSample({ rows = 60, seed = 5, task, input, classes = 3, positive = false }: SampleOptions): Sample {
  const random = new Random(seed);
  const a = Float64Array.from({ length: rows }, () => random.normal());
  const b = Float64Array.from({ length: rows }, () => random.normal());
  const c = Float64Array.from({ length: rows }, () => random.below(5) - 2);
  const codes = Int32Array.from({ length: rows }, () => random.below(4));
  const signal = a.map((value, i) => value - 0.5 * b[i] + 0.2 * c[i] + (input === "table" ? codes[i] - 1.5 : 0));
  if (input === "table") {
    for (let i = 0; i < rows; i++) {
      if (random.below(8) === 0) b[i] = Number.NaN;
      if (random.below(8) === 0) codes[i] = -1;
    }
  }
  const raise = (values: Float64Array) => (input === "counts" ? values.map((value) => Math.max(0, value + 4)) : values);
  const numbers = [number("a", raise(a)), number("b", raise(b)), number("c", raise(c))];
  const category: Column = { kind: "category", name: "d", codes, categories: ["w", "x", "y", "z"] };
  const columns = input === "table" ? [...numbers, category] : numbers;
  const noise = signal.map((value) => value + 0.3 * random.normal());
  const noisy = positive ? noise.map(Math.exp) : noise;
  return {
    table: { rows, columns },
    target: targetOf(task, noisy, classes),
  };
}

/** A number column. */
export function number(name: string, values: Float64Array): Column {
  return { kind: "number", name, values };
}

/** The figures of each row, row-major: its value, probabilities or distances. */
export function figures(prediction: Prediction): Float64Array {
  if (prediction.kind === "number") return prediction.values;
  return prediction.kind === "class" ? prediction.probabilities : prediction.distances;
}

/** The sample with one of its columns replaced, or with a further one. */
export function withColumn({ table, target }: Sample, column: Column): Sample {
  const others = table.columns.filter(({ name }) => name !== column.name);
  return { table: { rows: table.rows, columns: [...others, column] }, target };
}

/** All numbers of a prediction in one array: values, or codes and probabilities or distances. */
export function flatten(prediction: Prediction): Float64Array {
  if (prediction.kind === "number") return prediction.values;
  if (prediction.kind === "cluster") return Float64Array.from([...prediction.codes, ...prediction.distances]);
  return Float64Array.from([...prediction.codes, ...prediction.probabilities]);
}

// Internal

function targetOf(task: Task, noisy: Float64Array, classes: number): Target | undefined {
  if (!hasTarget(task)) return undefined;
  return task === "regression" ? numberTarget(noisy) : classTarget(noisy, classes);
}

function numberTarget(values: Float64Array): Target {
  return { kind: "number", name: "target", values };
}

/** Equally many rows per class, in order of the signal. */
function classTarget(signal: Float64Array, count: number): Target {
  const order = [...signal.keys()].sort((i, j) => signal[i] - signal[j]);
  const codes = new Int32Array(signal.length);
  order.forEach((row, rank) => {
    codes[row] = Math.floor((rank * count) / signal.length);
  });
  return { kind: "class", name: "target", codes, classes: Array.from({ length: count }, (_, k) => `class ${k}`) };
}
