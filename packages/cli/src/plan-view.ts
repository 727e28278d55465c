// Plans for readers: the options side by side, and of a run what was predicted beside what it took.
import type { Estimate, Plan, PlanOption, RunPlan } from "@massif/api";
import { bytes, count, duration } from "./figures.ts";
import type { Session } from "./session.ts";
import { table } from "./table.ts";

/** The plan in full. */
export function planText(plan: Plan, session: Session): string {
  const { colours } = session;
  const { calibrations, runs } = plan.basis;
  const { cores, taskMemoryMb } = plan.machine;
  const lines = [
    `${colours.bold(plan.estimator)} on ${plan.dataset} version ${plan.version}: ${count(plan.rows)} rows, ${count(plan.features)} features`,
    `choice: ${colours.bold(modeWords(plan.choice))}, because ${plan.reason}`,
    "",
    optionTable(plan.options, session),
    "",
    colours.dim(
      `from ${calibrations} calibrations and ${runs} earlier fits on this machine (${cores} cores, ${taskMemoryMb} MB for a training)`,
    ),
    ...plan.warnings.map((warning) => colours.yellow(`note: ${warning}`)),
  ];
  return lines.join("\n");
}

/** The rows that a run's plan adds to its facts. */
export function planRows(plan: RunPlan): (readonly [string, string])[] {
  const { mode, threads, chunkRows, seconds, memoryBytes, actual } = plan;
  const how =
    mode === "outofcore"
      ? `, ${count(chunkRows)} rows at a time`
      : `, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  const rows: (readonly [string, string])[] = [["plan", `${modeWords(mode)}${how}`]];
  const met = actual === null ? "" : actual.withinBand ? " (as planned)" : " (outside the plan's band)";
  rows.push([
    "time",
    `${band(seconds, duration)} planned${actual === null ? "" : `, ${duration(actual.seconds)} taken${met}`}`,
  ]);
  rows.push([
    "memory",
    `${band(memoryBytes, bytes)} planned${actual === null ? "" : `, ${bytes(actual.memoryBytes)} taken`}`,
  ]);
  return rows;
}

// Internal

function optionTable(options: readonly PlanOption[], session: Session): string {
  return table(
    [
      { head: "how" },
      { head: "time", number: true },
      { head: "nine of ten" },
      { head: "memory", number: true },
      { head: "price", number: true },
      { head: "", max: 90 },
    ],
    options.map(({ mode, threads, ranks, seconds, memoryBytes, cost, feasible, reason }) => [
      `${modeWords(mode)}${mode === "threads" ? ` (${threads})` : mode === "ranks" && feasible ? ` (${ranks})` : ""}`,
      seconds === null ? "–" : duration(seconds.expected),
      seconds === null ? "–" : `${duration(seconds.low)} – ${duration(seconds.high)}`,
      memoryBytes === null ? "–" : bytes(memoryBytes.expected),
      cost === null ? "–" : `${cost.amount.toPrecision(2)} ${cost.currency}`,
      feasible ? reason : session.colours.red(`not possible: ${reason}`),
    ]),
    { session, none: "no options" },
  );
}

function modeWords(mode: PlanOption["mode"]): string {
  return { memory: "in memory", threads: "threads", outofcore: "out of core", ranks: "ranks" }[mode];
}

function band(estimate: Estimate | null, words: (value: number) => string): string {
  if (estimate === null) return "nothing";
  return `${words(estimate.expected)} (${words(estimate.low)} – ${words(estimate.high)})`;
}
