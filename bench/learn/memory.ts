// `npm run bench -- memory`: the most memory that fits take, as a multiple of their data's own size, each in a process of
// its own. Counted is what the process holds at its peak beyond what it held before the data was there.
import { fork } from "node:child_process";
import path from "node:path";

/** One fit. */
export interface MemoryRow {
  readonly estimator: string;
  readonly dataMB: number;
  readonly peakMB: number;
  /** Peak over data. */
  readonly ratio: number;
  readonly target: number;
  readonly seconds: number;
}

/** What a process that fits says when it is done. */
export interface FitMemory {
  readonly dataBytes: number;
  readonly peakBytes: number;
  readonly seconds: number;
}

const TARGET = 2.5;
const ESTIMATORS = [
  "LinearRegression",
  "Ridge",
  "Lasso",
  "ElasticNet",
  "GradientDescentRegressor",
  "LogisticRegression",
  "LinearSVC",
  "GradientBoostingRegressor",
  "GradientBoostingClassifier",
  "RandomForestRegressor",
  "RandomForestClassifier",
];

/** Fits each estimator, or the one named, to a million rows. */
export async function benchMemory(only?: string): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const estimator of ESTIMATORS.filter((one) => only === undefined || one === only)) {
    const { dataBytes, peakBytes, seconds } = await fitApart(estimator);
    const mb = (bytes: number) => Math.round(bytes / 1e6);
    const ratio = Number((peakBytes / dataBytes).toFixed(2));
    rows.push({ estimator, dataMB: mb(dataBytes), peakMB: mb(peakBytes), ratio, target: TARGET, seconds });
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
  }
  return rows;
}

// Internal

function fitApart(estimator: string): Promise<FitMemory> {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, "fit-apart.ts"), [estimator], {
      execArgv: ["--import", "tsx", "--expose-gc", "--max-old-space-size=2000"],
    });
    child.on("message", (said) => resolve(said as FitMemory));
    child.on("exit", (code) => reject(new Error(`the fit of ${estimator} ended with exit code ${code}`)));
  });
}
