// A study as JSON, and the check of one that was read from elsewhere: no trial lost, none twice, each state whole.
import { inWords, StudyError } from "./errors.ts";
import type { PrunerSpec, SamplerSpec } from "./settings.ts";
import { isRecord } from "./space/check-parameter.ts";
import type { Params, SpaceSpec } from "./space/parameter.ts";
import type { StudySpec } from "./study.ts";
import type { Direction, Report, Trial } from "./trial.ts";

/** What `Study.toJSON` writes. */
export interface StudySnapshot {
  readonly format: "massif-study";
  readonly version: 1;
  readonly space: SpaceSpec;
  readonly direction: Direction;
  readonly seed: number;
  readonly sampler: SamplerSpec;
  readonly pruner: PrunerSpec;
  readonly trials: readonly Trial[];
  /** Parameters enqueued and not yet asked for. */
  readonly queue: readonly Params[];
}

/** The parts of a snapshot, whose trials are checked but for their parameters; throws StudyError. */
export function readSnapshot(json: unknown): { spec: StudySpec; trials: readonly Trial[]; queue: readonly Params[] } {
  if (!isRecord(json) || json.format !== "massif-study")
    refuse("format", `this is no study: \`format\` must be "massif-study"`, isRecord(json) ? json.format : json);
  if (json.version !== 1) refuse("version", "this version of studies is not known; it must be 1", json.version);
  const { trials, queue } = json;
  if (!Array.isArray(trials)) refuse("trials", "`trials` must be a list", trials);
  if (!Array.isArray(queue)) refuse("queue", "`queue` must be a list", queue);
  for (const [i, trial] of trials.entries()) checkTrial(i, trial);
  const { space, direction, seed, sampler, pruner } = json;
  return { spec: { space, direction, seed, sampler, pruner } as StudySpec, trials, queue };
}

// Internal

const STATES: readonly unknown[] = ["running", "complete", "pruned", "failed"];

function checkTrial(i: number, trial: unknown): asserts trial is Trial {
  const where = `trials[${i}]`;
  if (!isRecord(trial)) refuse(where, `\`${where}\` must be an object`, trial);
  const { number, seed, state, value, reports, reason, attempts } = trial;
  if (number !== i)
    refuse(`${where}.number`, `trial ${i} is missing or twice: \`${where}.number\` must be ${i}`, number);
  if (!STATES.includes(state))
    refuse(`${where}.state`, `\`${where}.state\` must be one of ${STATES.join(", ")}`, state);
  if (state === "complete" ? !Number.isFinite(value) : value !== null)
    refuse(`${where}.value`, `\`${where}.value\` must be ${state === "complete" ? "a finite number" : "null"}`, value);
  if (!isWhole(seed)) refuse(`${where}.seed`, `\`${where}.seed\` must be a whole number >= 0`, seed);
  if (!isWhole(attempts) || attempts < 1)
    refuse(`${where}.attempts`, `\`${where}.attempts\` must be a whole number >= 1`, attempts);
  if (reason !== null && typeof reason !== "string")
    refuse(`${where}.reason`, `\`${where}.reason\` must be a text or null`, reason);
  checkReports(where, reports);
}

function checkReports(where: string, reports: unknown): asserts reports is Report[] {
  if (!Array.isArray(reports)) refuse(`${where}.reports`, `\`${where}.reports\` must be a list`, reports);
  let last = -1;
  for (const [i, report] of reports.entries()) {
    const field = `${where}.reports[${i}]`;
    if (!isRecord(report) || !isWhole(report.step) || !(report.value === null || Number.isFinite(report.value)))
      refuse(field, `\`${field}\` must have a whole \`step\` and a finite \`value\` or null`, report);
    if (report.step <= last)
      refuse(`${field}.step`, `steps must rise: \`${field}.step\` must be > ${last}`, report.step);
    last = report.step;
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function refuse(field: string, rule: string, value: unknown): never {
  throw new StudyError("bad-snapshot", field, `${rule}, got ${inWords(value)}`);
}
