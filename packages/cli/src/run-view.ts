// Runs for readers: one in full, many in a table.
import type { Run } from "@massif/api";
import { bytes, duration, figure, moment } from "./figures.ts";
import type { Session } from "./session.ts";
import { facts, table } from "./table.ts";
import { metricWords, orderedMetrics } from "./training-lines.ts";

type RunSummary = Omit<Run, "history">;

/** Everything worth knowing of one run. */
export function runText(run: Run, session: Session): string {
  const rows: (readonly [string, string])[] = [
    ["run", `${session.colours.bold(run.id)} (${statusText(run.status, session)})`],
    ["pipeline", [...run.pipeline.steps.map(({ type }) => type), run.pipeline.estimator.type].join(" → ")],
    ["data", `${run.dataset} version ${run.version}, ${run.target === null ? run.task : `target ${run.target} (${run.task})`}`],
    ["split", splitText(run)],
    ...orderedMetrics(run.metrics ?? {}).map(([name, value]) => [name, figure(value, 6)] as const),
    ["fit", duration(run.fitSeconds)],
    ["one row", run.predictMicros === null ? "–" : duration(run.predictMicros / 1e6)],
    ["model", run.modelHash === null ? "–" : `${run.modelHash.slice(0, 16)}… (${bytes(run.modelBytes)})`],
    ["seed", String(run.seed)],
  ];
  if (run.linear !== null) rows.push(["line", lineText(run.linear)]);
  if (run.error !== null) rows.push(["error", `${run.error.code}: ${run.error.message}`]);
  return facts(rows, session);
}

/** Runs, one a line. */
export function runTable(runs: readonly RunSummary[], session: Session): string {
  return table(
    [
      { head: "run" },
      { head: "label", max: 32 },
      { head: "data set" },
      { head: "target" },
      { head: "status" },
      { head: "quality" },
      { head: "fit", number: true },
      { head: "created" },
    ],
    runs.map((run) => [
      run.id,
      run.label,
      `${run.dataset} v${run.version}`,
      run.target ?? run.task,
      statusText(run.status, session),
      run.error === null ? metricWords(run.metrics).join("  ") : run.error.code,
      duration(run.fitSeconds),
      moment(run.createdAt),
    ]),
    { session, none: "no runs yet: `massif train` or `massif compare` makes some" },
  );
}

/** A linear model in the columns' own units, its largest weights first. */
export function lineText({ intercept, weights }: NonNullable<Run["linear"]>): string {
  const largest = [...weights].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MAX_WEIGHTS);
  const terms = largest.map(({ feature, weight }) => `${figure(weight, 6)} ${feature}`);
  const left = weights.length - largest.length;
  return [...terms, ...(left > 0 ? [`… ${left} more`] : []), figure(intercept, 6)].join(" + ").replaceAll("+ -", "− ");
}

// Internal

const MAX_WEIGHTS = 8;

function statusText(status: Run["status"], { colours }: Session): string {
  if (status === "succeeded") return colours.green(status);
  return status === "failed" ? colours.red(status) : status;
}

function splitText({ split }: Run): string {
  return split.kind === "none" ? "none: metrics of the training rows" : `${split.testFraction * 100}% held out`;
}
