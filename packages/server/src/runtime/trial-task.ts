// Trials of one study, in a task process: reads the data once, then asks for a trial, fits it, reports after each step
// or fold and awaits the verdict, until there is no trial left. A pruned fit is left where it is.
import { createRuntime, evaluate, fitPipeline, type KernelRuntime, METRICS, type Progress } from "@massif/learn";
import { problemOf } from "./task-problem.ts";
import type { TaskContext } from "./task-process.ts";
import { TaskCancelled } from "./task-process.ts";
import { type Judged, readTrialData } from "./trial-data.ts";
import type { TrialEnd, TrialOrder, TrialsOutcome, TrialTask } from "./trial-protocol.ts";

/** Does trials; throws DataError and ParamError where no trial can begin. A trial's own failure is told, not thrown. */
export async function trialTask(task: TrialTask, context: TaskContext): Promise<TrialsOutcome> {
  const judged = await readTrialData(task, context.limits.threads);
  const trials = new Trials({ task, judged, context, runtime: createRuntime({ threads: context.limits.threads }) });
  let ended: TrialEnd | null = null;
  for (let count = 0; ; count++) {
    const order = await context.ask({ kind: "next", ended });
    if (order === null) return { trials: count };
    ended = await trials.run(order);
  }
}

/**
 * A loss on the validation rows as a value to compare trials by: the metric itself where the loss gives it, else the
 * loss, turned round where higher is better.
 */
export function valueOfLoss(loss: number, metric: string): number {
  if (metric === "rmse") return Math.sqrt(loss);
  const higher = METRICS.some(({ name, direction }) => name === metric && direction === "higher");
  return higher ? -loss : loss;
}

/** Whether a step is reported: every one at first, then so many that a long fit reports about 128 times. */
export function isReported(step: number, total: number): boolean {
  return step <= FIRST_STEPS || step === total || step % Math.ceil(total / MOST_REPORTS) === 0;
}

// Internal

const FIRST_STEPS = 16;
const MOST_REPORTS = 128;

/** Thrown inside a fit that the server pruned. */
class TrialPruned extends Error {
  override readonly name = "TrialPruned";
}

interface TrialsParts {
  readonly task: TrialTask;
  readonly judged: readonly Judged[];
  readonly context: TaskContext;
  readonly runtime: KernelRuntime;
}

class Trials {
  readonly #parts: TrialsParts;

  constructor(parts: TrialsParts) {
    this.#parts = parts;
  }

  /** How it ended; null when it was pruned, which the server knows. */
  async run(order: TrialOrder): Promise<TrialEnd | null> {
    const { number, attempt } = order;
    const started = performance.now();
    const end = (outcome: TrialEnd["outcome"]) => {
      return { number, attempt, seconds: (performance.now() - started) / 1000, outcome };
    };
    try {
      const { judged } = this.#parts;
      return end({ metrics: judged.length === 1 ? await this.#holdOut(order) : await this.#folds(order) });
    } catch (error) {
      if (error instanceof TaskCancelled) throw error;
      return error instanceof TrialPruned ? null : end({ problem: problemOf(error) });
    }
  }

  // Internal

  async #holdOut(order: TrialOrder): Promise<Record<string, number>> {
    const { task, context, judged } = this.#parts;
    return this.#fit(order, judged[0], async ({ step, total, unit, validationLoss }) => {
      if (validationLoss === undefined || !isReported(step, total)) {
        return context.report({ stage: "fit", step, total });
      }
      await this.#report(order, { step, total, unit, value: valueOfLoss(validationLoss, task.metric) });
    });
  }

  async #folds(order: TrialOrder): Promise<Record<string, number>> {
    const { task, context, judged } = this.#parts;
    const folds: Record<string, number>[] = [];
    for (const part of judged) {
      folds.push(await this.#fit(order, part, ({ step, total }) => context.report({ stage: "fit", step, total })));
      const { [task.metric]: value = Number.NaN } = meanOf(folds);
      await this.#report(order, { step: folds.length, total: judged.length, unit: "fold", value });
    }
    return meanOf(folds);
  }

  async #fit(
    { pipeline }: TrialOrder,
    { train, validation }: Judged,
    report: (progress: Progress) => Promise<void>,
  ): Promise<Record<string, number>> {
    const { task, runtime } = this.#parts;
    const context = { runtime, seed: task.seed, report, watched: validation, weights: train.weights };
    const fitted = await fitPipeline(pipeline, train, context);
    return evaluate(task.task, validation.target, fitted.predict(validation.table));
  }

  async #report(
    { number, attempt }: TrialOrder,
    at: { step: number; total: number; unit: string; value: number },
  ): Promise<void> {
    const report = { number, attempt, ...at };
    if ((await this.#parts.context.ask({ kind: "report", report })) === "stop") throw new TrialPruned();
  }
}

/** Means over the folds that have the figure. */
function meanOf(folds: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const mean: Record<string, number> = {};
  for (const name of new Set(folds.flatMap((figures) => Object.keys(figures)))) {
    const values = folds.flatMap((figures) => figures[name] ?? []);
    mean[name] = values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  return mean;
}
