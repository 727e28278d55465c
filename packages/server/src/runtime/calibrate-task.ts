// A short calibration, in the task process: fits the pipeline's estimator to made-up rows of growing number until a fit
// takes long enough to say something, with one thread and with all, and reads some rows of the real data. A third of a
// second in all, where the estimator is quick.
import { readTable } from "@massif/data";
import {
  createRuntime,
  fitPipeline,
  type KernelRuntime,
  type PipelineSpec,
  Random,
  type Table,
  type Target,
  validatePipeline,
  workOf,
} from "@massif/learn";
import type { CalibrateTask, CalibrationPoint } from "./calibrate-protocol.ts";

/** What plans call the part of a training before its fit, and the part of its memory that comes with the process. */
export const READING = "reading";

const FIRST_ROWS = 500;
const GROWTH = 4;
const MOST_ROWS = 128_000;
/** Two sizes tell the fixed part of the time from the part that grows. */
const SMALLER = 10;
/** A fit of so many seconds is told apart from the noise; a budget for all that is measured. */
const LONG_ENOUGH = 0.1;
const BUDGET = 0.5;
const FEW_ROWS = 1000;
const MANY_ROWS = 100_000;
/** Steps of iterative estimators while calibrating: each costs as much as the others. */
const STEPS: Readonly<Record<string, number>> = { epochs: 15, nEstimators: 8, maxIterations: 30, iterations: 5 };

/** Measures; throws ParamError for a pipeline that cannot be. */
export async function calibrateTask(task: CalibrateTask): Promise<CalibrationPoint[]> {
  const points: CalibrationPoint[] = [];
  const ready = process.uptime();
  // The first reading loads the engine, as every training does once.
  const cold = await timeReading(task.data, FEW_ROWS);
  const warm = await timeReading(task.data, FEW_ROWS);
  const start = ready + Math.max(0, cold.seconds - warm.seconds);
  for (const { table, seconds: read } of [warm, await timeReading(task.data, MANY_ROWS)]) {
    const seconds = start + read;
    points.push({
      phase: "read",
      family: READING,
      threads: 1,
      units: table.rows * table.columns.length,
      value: seconds,
    });
  }
  const spec = shortened(validatePipeline(task.pipeline) as PipelineSpec);
  const one = createRuntime({ threads: 1 });
  const largest = await grow(task, { spec, runtime: one, points });
  if (task.threads > 1) {
    const all = createRuntime({ threads: task.threads });
    // The first use of a pool starts its threads.
    await measure(task, { spec, runtime: all, rows: FIRST_ROWS, points: [] });
    await measureTwice(task, { spec, runtime: all, rows: largest, points });
    all.close();
  }
  one.close();
  const { family } = workOf(spec, shapeOf(task, largest));
  const value = process.resourceUsage().maxRSS * 1024;
  points.push({ phase: "memory", family, threads: task.threads, units: 0, value });
  return points;
}

// Internal

async function timeReading(path: string, limit: number): Promise<{ table: Table; seconds: number }> {
  const started = performance.now();
  const table = await readTable({ path, limit, threads: 1 });
  return { table, seconds: (performance.now() - started) / 1000 };
}

interface Measuring {
  readonly spec: PipelineSpec;
  readonly runtime: KernelRuntime;
  readonly points: CalibrationPoint[];
}

/** Gives back the largest number of rows that it measured. */
async function grow(task: CalibrateTask, measuring: Measuring): Promise<number> {
  const search = { ...measuring, points: [] };
  let rows = FIRST_ROWS;
  // Loads and compiles, which says nothing of the work.
  await measure(task, { ...search, rows });
  let seconds = await measure(task, { ...search, rows });
  for (let spent = seconds; ; spent += seconds) {
    if (seconds > LONG_ENOUGH || rows * GROWTH > MOST_ROWS || spent + seconds * GROWTH > BUDGET) break;
    rows *= GROWTH;
    seconds = await measure(task, { ...search, rows });
  }
  // By now the code is compiled for good, as it soon is in a long fit: only what is measured from here on counts.
  await measureTwice(task, { ...measuring, rows: Math.max(FIRST_ROWS, Math.round(rows / SMALLER)) });
  await measureTwice(task, { ...measuring, rows });
  return rows;
}

async function measure(
  task: CalibrateTask,
  { spec, runtime, points, rows }: Measuring & { rows: number },
): Promise<number> {
  const { threads } = runtime;
  const part = madeUp(task, rows);
  const { family, fit, evaluate } = workOf(spec, shapeOf(task, rows));
  const started = performance.now();
  const pipeline = await fitPipeline(spec, part, { runtime, seed: 1, report: async () => undefined });
  const fitted = (performance.now() - started) / 1000;
  points.push({ phase: "fit", family, threads, units: fit, value: fitted });
  const test = madeUp(task, testRowsOf(rows)).table;
  const begun = performance.now();
  pipeline.predict(test);
  const predicted = (performance.now() - begun) / 1000;
  points.push({ phase: "evaluate", family, threads, units: evaluate, value: predicted });
  return fitted + predicted;
}

/** Of two measurements of the same, the shorter parts: what else ran only ever made them longer. */
async function measureTwice(task: CalibrateTask, measuring: Measuring & { rows: number }): Promise<void> {
  const [first, second]: CalibrationPoint[][] = [[], []];
  const seconds = await measure(task, { ...measuring, points: first });
  if (seconds > BUDGET) {
    measuring.points.push(...first);
    return;
  }
  await measure(task, { ...measuring, points: second });
  measuring.points.push(...first.map((point, i) => (second[i].value < point.value ? second[i] : point)));
}

function testRowsOf(rows: number): number {
  return Math.ceil(rows / 8);
}

function shapeOf({ features, classes }: CalibrateTask, rows: number) {
  return { rows, testRows: testRowsOf(rows), columns: features + 1, features, classes };
}

/** Fewer steps, no early stop, and of the steps only the scaling: the made-up columns are numbers without gaps. */
function shortened({ steps, estimator: { type, params = {} } }: PipelineSpec): PipelineSpec {
  const fewer = Object.entries(params).map(([name, value]) => {
    if (Object.hasOwn(STEPS, name))
      return [name, typeof value === "number" ? Math.min(value, STEPS[name]) : STEPS[name]];
    return [name, name === "earlyStopping" ? false : value];
  });
  const scaling = steps.filter((step) => step.type === "StandardScaler");
  return {
    steps: scaling.map(({ type: name }) => ({ type: name })),
    estimator: { type, params: Object.fromEntries(fewer) },
  };
}

/** Numbers, and a target that depends on them with noise: an estimator finds work in it, and no shortcut. */
function madeUp({ features, classes, task }: CalibrateTask, rows: number): { table: Table; target: Target } {
  const random = new Random(rows);
  const columns = Array.from({ length: features }, (_, j) => ({
    kind: "number" as const,
    name: `x${j}`,
    values: Float64Array.from({ length: rows }, () => random.uniform()),
  }));
  const sums = Float64Array.from({ length: rows }, (_, i) => {
    const sum = columns.reduce((total, { values }, j) => total + values[i] * (1 + (j % 3)), 0);
    return sum / (2 * features) + 0.3 * random.uniform();
  });
  const table = { rows, columns };
  if (task === "regression") return { table, target: { kind: "number", name: "y", values: sums } };
  const names = Array.from({ length: Math.max(2, classes) }, (_, k) => `class ${k}`);
  const codes = Int32Array.from(sums, (sum) => Math.min(names.length - 1, Math.floor(sum * names.length * 0.77)));
  // Every class is there, however few the rows.
  names.forEach((_, k) => {
    codes[k % rows] = k;
  });
  return { table, target: { kind: "class", name: "y", codes, classes: names } };
}
