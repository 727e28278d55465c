// The plan that a run keeps, and what is learned from it when the run has ended: how right it was, and measurements for
// the plans to come.
import type { RunPlan } from "@massif/api";
import { VERSION } from "@massif/learn";
import type { TaskUsage } from "../runtime/task-protocol.ts";
import type { RunOutcome } from "../runtime/train-protocol.ts";
import type { Executor } from "../store/database.ts";
import { insertMeasurements, type NewMeasurement } from "../store/measurements.ts";
import { setRunPlan } from "../store/runs.ts";
import type { Row } from "../store/schema.ts";
import { asJson } from "./dataset-resource.ts";
import { READING } from "./plan-rules.ts";

/** A plan with what later measurements are compared by. */
export interface StoredPlan extends RunPlan {
  readonly work: {
    readonly machine: string;
    readonly family: string;
    readonly fit: number;
    readonly evaluate: number;
    readonly cells: number;
    readonly stopsEarly: boolean;
    /** Beyond those of the empty process. */
    readonly bytes: number;
  };
}

/** What a retraining starts from. */
export interface RunGrowth {
  /** SHA-256 of the model in use. */
  readonly artifact: string;
  readonly seenRows: number;
  readonly incremental: boolean;
  /** Its number. */
  readonly version: number;
}

export function planOf(run: Pick<Row<"runs">, "plan">): StoredPlan | null {
  return run.plan as unknown as StoredPlan | null;
}

export function growthOf(run: Pick<Row<"runs">, "growth">): RunGrowth | null {
  return run.growth as unknown as RunGrowth | null;
}

/** The plan as the API shows it. */
export function planResource(run: Pick<Row<"runs">, "plan">): RunPlan | null {
  const plan = planOf(run);
  if (plan === null) return null;
  const { work: _, ...shown } = plan;
  return shown;
}

/** Writes down how right the plan of a run was, and its measurements. */
export async function settlePlan(
  db: Executor,
  run: Row<"runs">,
  { outcome, usage }: { outcome: RunOutcome; usage: TaskUsage },
): Promise<void> {
  const plan = planOf(run);
  if (plan === null) return;
  const { seconds, peakMemoryBytes: memoryBytes } = usage;
  const within = (value: number, band: RunPlan["seconds"]) =>
    band === null || (value >= band.low && value <= band.high);
  const withinBand = within(seconds, plan.seconds) && within(memoryBytes, plan.memoryBytes);
  const settled = { ...plan, actual: { seconds, memoryBytes, withinBand } };
  await setRunPlan(db, { id: run.id, plan: asJson(settled) });
  await insertMeasurements(db, measurementsOf(run, plan, { outcome, usage }));
}

// Internal

function measurementsOf(
  run: Row<"runs">,
  { mode, work }: StoredPlan,
  { outcome, usage }: { outcome: RunOutcome; usage: TaskUsage },
): NewMeasurement[] {
  const { phases } = outcome;
  const kind = (run.split as { kind?: string }).kind;
  if (phases === undefined) return [];
  const share = Math.min(1, phases.steps / phases.totalSteps);
  const isChunked = mode === "outofcore";
  const measured: Pick<NewMeasurement, "phase" | "units" | "value">[] = [
    { phase: "fit", units: work.fit * share, value: outcome.fitSeconds },
    { phase: "memory", units: work.bytes, value: usage.peakMemoryBytes },
  ];
  if (kind !== "folds") measured.push({ phase: "evaluate", units: work.evaluate, value: phases.evaluateSeconds });
  if (work.stopsEarly) measured.push({ phase: "steps", units: 1, value: share });
  // In chunks only the target is read before the fit.
  if (!isChunked) measured.push({ phase: "read", units: work.cells, value: phases.readSeconds });
  return measured.map((one) => ({
    ...one,
    key: `run:${run.id}:${one.phase}`,
    family: one.phase === "read" ? READING : work.family,
    machine: work.machine,
    version: VERSION,
    source: "run",
    threads: phases.threads,
  }));
}
