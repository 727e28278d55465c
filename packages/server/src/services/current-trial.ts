// What a lane holds of the trial that its process is at: the reports of this attempt, of which some are written. All of
// it may be lost; the next attempt reports them again.
import type { Study } from "@massif/tune";
import type { TrialReport } from "../runtime/trial-protocol.ts";

/** One attempt at a trial, as the lane that it is in holds it. */
export interface Current {
  readonly number: number;
  readonly attempt: number;
  readonly reports: TrialReport[];
  /** How many of them are written. */
  written: number;
  writtenAt: number;
}

/** Brings all reports of the trial into the study, which may have been read anew; the verdict on the last. */
export function applyReports(study: Study, { number, reports }: Current): "continue" | "stop" {
  const known = study.trials[number];
  if (known === undefined || known.state !== "running") return "stop";
  const last = reports.at(-1);
  if (last === undefined) return "continue";
  const before = reports.at(-2);
  if (before !== undefined && known.reports.at(-1)?.step !== before.step && known.reports.at(-1)?.step !== last.step) {
    for (const { step, value } of reports.slice(0, -1)) study.report(number, step, value);
  }
  return study.report(number, last.step, last.value);
}
