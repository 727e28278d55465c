// The charts of a run as SVG files: what each kind of run has, by name.
import { ApiError, type Run, type RunChart } from "@massif/api";
import {
  calibrationCurves,
  confusionMatrix,
  type Look,
  lossCurves,
  precisionRecallCurves,
  predictedActual,
  renderSvg,
  residualHistogram,
  rocCurves,
  scoreHistogram,
} from "@massif/charts";
import type { ChartKind } from "./chart-kinds.ts";

/** One chart of a run as SVG text; without a kind, the one that says most. Throws when the run has no such chart. */
export function runChartSvg(run: Run, chart: RunChart | undefined, kind?: ChartKind): string {
  const drawings = drawingsOf(run, chart);
  const [name, draw] = [...drawings].find(([name]) => kind === undefined || name === kind) ?? [];
  if (name === undefined || draw === undefined) {
    const has = [...drawings.keys()].join(", ") || "none";
    const wanted = kind === undefined ? "no chart" : `no chart "${kind}"`;
    throw new ApiError("NOT_FOUND", `the run ${run.id} (${run.status}) has ${wanted}; its charts: ${has}`);
  }
  const look: Look = { theme: "light", width: WIDTH };
  return renderSvg(draw(look), { width: WIDTH, height: HEIGHT, theme: "light", id: name });
}

// Internal

const WIDTH = 920;
const HEIGHT = 560;

type Drawing = (look: Look) => ReturnType<typeof lossCurves>;

function drawingsOf(run: Run, chart: RunChart | undefined): Map<ChartKind, Drawing> {
  const { target } = run;
  const drawings = new Map<ChartKind, Drawing>();
  if (chart?.kind === "classification" && target !== null) {
    const { classes, confusion: counts, perClass } = chart;
    drawings.set("confusion", (look) => confusionMatrix({ target, classes, counts }, look));
    drawings.set("roc", (look) => rocCurves({ target, perClass }, look));
    drawings.set("precision-recall", (look) => precisionRecallCurves({ target, perClass }, look));
    drawings.set("calibration", (look) => calibrationCurves({ target, perClass }, look));
  }
  if (chart?.kind === "regression" && target !== null) {
    const pairs = chart.actual.map((actual, i) => ({ actual, predicted: chart.predicted[i] }));
    drawings.set("predicted-actual", (look) => predictedActual({ target, pairs }, look));
    drawings.set("residuals", (look) => residualHistogram({ target, residuals: chart.residuals }, look));
  }
  if (chart?.kind === "outliers") drawings.set("scores", (look) => scoreHistogram({ scores: chart.scores }, look));
  const { label, history, error } = run;
  if (history.length > 0) {
    const curves = [{ label, history, diverged: error?.code === "DIVERGED" }];
    drawings.set("loss", (look) => lossCurves({ title: "Loss while training", unit: "step", curves }, look));
  }
  return drawings;
}
