// A study on the progress board: how far, how fast, how long still, and the best so far.
import type { Study, StudyEvent } from "@massif/api";
import { figure } from "./figures.ts";
import type { WorkLine } from "./progress.ts";
import { endedOf } from "./study-view.ts";

/** Shows an event of a study. */
export function showStudy(line: WorkLine, { study }: Pick<StudyEvent, "study">): void {
  if (study.status === "running") {
    line.update({ value: endedOf(study), total: study.trials, unit: "trial", detail: bestWords(study) });
  } else if (study.status === "finished") line.done(bestWords(study));
  else line.failed(study.status === "stopped" ? "stopped on request" : (study.error?.message ?? "failed"));
}

// Internal

function bestWords({ best, metric, counts }: Study): string {
  const words = best === null ? [] : [`best ${metric} ${figure(best.value, 5)} (trial ${best.number})`];
  for (const state of ["pruned", "failed"] as const) if (counts[state] > 0) words.push(`${counts[state]} ${state}`);
  return words.join("  ");
}
