// The charts of a study as SVG files.
import type { Study, TrialReports } from "@massif/api";
import { type Look, parallelCoordinates, renderSvg, studyHistory } from "@massif/charts";
import type { StudyChartKind } from "./chart-kinds.ts";

/** One chart of a study as SVG text. */
export function studyChartSvg(study: Study, trials: readonly TrialReports[], kind: StudyChartKind): string {
  const draw = kind === "parallel" ? parallelCoordinates : studyHistory;
  const width = kind === "parallel" ? Math.max(WIDTH, 110 * (Object.keys(study.space).length + 1)) : WIDTH;
  const look: Look = { theme: "light", width };
  return renderSvg(draw({ study, trials }, look), { width, height: HEIGHT, theme: "light", id: kind });
}

// Internal

const WIDTH = 920;
const HEIGHT = 480;
