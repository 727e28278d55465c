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
  workOf,
} from "@massif/learn";
import type { CalibrateTask, CalibrationPoint } from "./calibrate-protocol.ts";

/** What plans call the part of a training before its fit, and the part of its memory that comes with the process. */
export const READING = "reading";

const FIRST_ROWS = 500;
const GROWTH = 4;
const MOST_ROWS = 128_000;
/** A fit of so many seconds is told apart from the noise; a budget for all that is measured. */
const LONG_ENOUGH = 0.06;
const BUDGET = 0.35;
const READ_ROWS = [1000, 20_000];
/** Steps of iterative estimators while calibrating: each costs as much as the others. */
const STEPS: Readonly<Record<string, number>> = { epochs: 4, nEstimators: 8, maxIterations: 20, iterations: 5 };

/** Measures; throws ParamError for a pipeline that cannot be. */
export async function calibrateTask(task: CalibrateTask): Promise<CalibrationPoint[]> {
  const points: CalibrationPoint[] = [];
  const ready = process.uptime();
  for (const limit of READ_ROWS) {
    const started = performance.now();
    const table = await readTable({ path: task.data, limit, threads: 1 });
    const seconds = (performance.now() - started) / 1000 + ready;
    points.push({
      phase: "read",
      family: READING,
      threads: 1,
      units: table.rows * table.columns.length,
      value: seconds,
    });
  }
  const spec = shortened(task.pipeline);
  const one = createRuntime({ threads: 1 });
  const largest = await grow(task, { spec, runtime: one, points });
  if (task.threads > 1) {
    const all = createRuntime({ threads: task.threads });
    // The first use of a pool starts its threads.
    await measure(task, { spec, runtime: all, rows: FIRST_ROWS, points: [] });
    await measure(task, { spec, runtime: all, rows: largest, points });
    all.close();
  }
  one.close();
  const { family } = workOf(spec, shapeOf(task, largest));
  const value = process.resourceUsage().maxRSS * 1024;
  points.push({ phase: "memory", family, threads: task.threads, units: 0, value });
  return points;
}

// Internal

interface Measuring {
  readonly spec: PipelineSpec;
  readonly runtime: KernelRuntime;
  readonly points: CalibrationPoint[];
}

/** Gives back the largest number of rows that it measured. */
async function grow(task: CalibrateTask, measuring: Measuring): Promise<number> {
  // Compiles the code, which a long fit does in passing.
  await measure(task, { ...measuring, points: [], rows: FIRST_ROWS });
  const began = performance.now();
  let rows = FIRST_ROWS;
  for (;;) {
    const seconds = await measure(task, { ...measuring, rows });
    const spent = (performance.now() - began) / 1000;
    if (seconds > LONG_ENOUGH || rows * GROWTH > MOST_ROWS || spent + seconds * GROWTH > BUDGET) return rows;
    rows *= GROWTH;
  }
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
  const begun = performance.now();
  pipeline.predict(madeUp(task, testRowsOf(rows)).table);
  points.push({ phase: "evaluate", family, threads, units: evaluate, value: (performance.now() - begun) / 1000 });
  return fitted;
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
