// Studies for readers: one in full, many in a table, and the trials of one.
import type { Study, Trial, TrialReports } from "@massif/api";
import { count, duration, figure, moment } from "./figures.ts";
import type { Session } from "./session.ts";
import { facts, table } from "./table.ts";

/** Everything worth knowing of one study. */
export function studyText(study: Study, session: Session): string {
  const { best, metric, better } = study;
  const rows: (readonly [string, string])[] = [
    ["study", `${session.colours.bold(study.name)} (${statusText(study, session)})`],
    ["pipeline", [...study.pipeline.steps.map(({ type }) => type), study.pipeline.estimator.type].join(" → ")],
    ["data", `${study.dataset} version ${study.version}, target ${study.target} (${study.task})`],
    ["searched", Object.keys(study.space).join(", ")],
    ["by", `${settingWords(study.sampler)}, pruner ${settingWords(study.pruner)}, seed ${study.seed}`],
    ["judged", `${metric} (${better} is better) ${evaluationText(study)}`],
    ...(study.weights === null ? [] : [["weights", `column ${study.weights}`] as const]),
    ["trials", countsText(study)],
    ["steps", count(study.steps)],
  ];
  if (best !== null) {
    rows.push(["best", `${metric} ${figure(best.value, 6)} (trial ${best.number})`]);
    for (const [name, value] of Object.entries(best.params)) rows.push([`  ${name}`, paramText(value)]);
  }
  if (study.run !== null) rows.push(["run", study.run]);
  if (study.error !== null) rows.push(["error", `${study.error.code}: ${study.error.message}`]);
  return facts(rows, session);
}

/** Studies, one a line. */
export function studyTable(studies: readonly Study[], session: Session): string {
  return table(
    [
      { head: "study" },
      { head: "label", max: 32 },
      { head: "data set" },
      { head: "target" },
      { head: "status" },
      { head: "trials", number: true },
      { head: "best" },
      { head: "created" },
    ],
    studies.map((study) => [
      study.name,
      study.label,
      `${study.dataset} v${study.version}`,
      study.target,
      statusText(study, session),
      `${endedOf(study)}/${study.trials}`,
      study.best === null ? "–" : `${study.metric} ${figure(study.best.value, 5)}`,
      moment(study.createdAt),
    ]),
    { session, none: "no studies yet: `massif tune` makes some" },
  );
}

/** Trials, one a line. */
export function trialTable(trials: readonly TrialReports[], session: Session): string {
  const columns = [
    { head: "trial", number: true as const },
    { head: "state" },
    { head: "value", number: true as const },
    { head: "steps", number: true as const },
    { head: "time", number: true as const },
    { head: "parameters", max: 120 },
    { head: "reason", max: 60 },
  ];
  const rows = trials.map((trial) => [
    String(trial.number),
    trial.attempts > 1 ? `${trial.state} (attempt ${trial.attempts})` : trial.state,
    figure(trial.value, 6),
    trial.step === 0 ? "–" : String(trial.step),
    duration(trial.seconds),
    paramsText(trial.params),
    trial.reason ?? "",
  ]);
  return table(columns, rows, { session, none: "no trials yet" });
}

/** How many trials have come to their end. */
export function endedOf({ counts }: Pick<Study, "counts">): number {
  return counts.complete + counts.pruned + counts.failed;
}

/** Parameters in one line. */
export function paramsText(params: Trial["params"]): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${paramText(value)}`)
    .join(" ");
}

// Internal

function paramText(value: Trial["params"][string]): string {
  return typeof value === "number" ? figure(value, 5) : String(value);
}

function statusText({ status }: Study, { colours }: Session): string {
  if (status === "finished") return colours.green(status);
  return status === "failed" ? colours.red(status) : status;
}

function settingWords({ name, ...settings }: Study["sampler"]): string {
  const words = Object.entries(settings).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return words.length === 0 ? String(name) : `${name} (${words.join(", ")})`;
}

function evaluationText({ evaluation, split }: Study): string {
  const kept = split.kind === "none" ? "" : `, ${percent(split.testFraction)} of the rows kept for the run`;
  return evaluation.kind === "folds"
    ? `by ${evaluation.folds} folds${kept}`
    : `on ${percent(evaluation.validationFraction)} of the training rows${kept}`;
}

function percent(share: number): string {
  return `${figure(share * 100, 3)}%`;
}

function countsText({ counts, trials }: Study): string {
  const words = Object.entries(counts).flatMap(([state, n]) => (n === 0 ? [] : [`${n} ${state}`]));
  return `${words.join(", ") || "none begun"} of ${trials}`;
}
