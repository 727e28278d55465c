// A process that makes a million rows, fits one estimator to them and says how much memory it had at its peak.
import { createRuntime } from "@massif/kernels";
import { type Column, createEstimator, Random } from "@massif/learn";
import type { FitMemory } from "./memory.ts";

const [, , estimator] = process.argv;
const ROWS = 1_000_000;
const COLUMNS = 50;

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };
// The code and its compiler's work are there before the data.
await createEstimator(estimator, small(estimator)).fit(...rowsOf(1000), context);
globalThis.gc?.();
const before = process.memoryUsage().rss;
const [table, target] = rowsOf(ROWS);
const dataBytes = (COLUMNS + 1) * ROWS * 8;
globalThis.gc?.();
const started = performance.now();
await createEstimator(estimator, small(estimator)).fit(table, target, context);
const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
const peakBytes = process.resourceUsage().maxRSS * 1024 - before;
process.send?.({ dataBytes, peakBytes, seconds } satisfies FitMemory, () => process.exit(0));

// Internal

/** Fewer trees and passes take the same memory in less time. */
function small(name: string): Record<string, number> {
  if (name.startsWith("RandomForest")) return { nEstimators: 4 };
  if (name.startsWith("GradientBoosting")) return { nEstimators: 10 };
  return name.startsWith("GradientDescent") ? { epochs: 3 } : {};
}

function rowsOf(rows: number) {
  const random = new Random(1);
  const columns = Array.from({ length: COLUMNS }, (_, j): Extract<Column, { kind: "number" }> => {
    const values = new Float64Array(rows);
    for (let i = 0; i < rows; i++) values[i] = random.normal();
    return { kind: "number", name: `x${j}`, values };
  });
  const sums = new Float64Array(rows);
  for (let i = 0; i < rows; i++) sums[i] = columns[0].values[i] + 2 * columns[1].values[i] + random.normal();
  const isClass = /Classifier|Logistic|SVC/.test(estimator);
  const codes = Int32Array.from(sums, (sum) => (sum > 0 ? 1 : 0));
  const target = isClass
    ? ({ kind: "class", name: "y", codes, classes: ["no", "yes"] } as const)
    : ({ kind: "number", name: "y", values: sums } as const);
  return [{ rows, columns }, target] as const;
}
