// Every chart as a pure function from API data and a look to ECharts options; SVG and HTML without a browser.

export { type ClassCurvesData, calibrationCurves, precisionRecallCurves, rocCurves } from "./class-curves.ts";
export { columnDistribution } from "./column-distribution.ts";
export { type ConfusionData, confusionMatrix } from "./confusion-matrix.ts";
export { type EvaluationCurvesData, evaluationCurves, spreadOf } from "./evaluation-curves.ts";
export { type FitsData, fitDifferences, type LineFit, scatterFits } from "./fits.ts";
export {
  type HistogramData,
  histogramBars,
  type ResidualsData,
  residualHistogram,
  type ScoresData,
  scoreHistogram,
} from "./histogram.ts";
export { type LeaderboardData, leaderboardBars } from "./leaderboard-bars.ts";
export { COLOURS, FONT, type Look, shortNumber, type Theme } from "./look.ts";
export { type LossCurve, type LossCurvesData, lossCurves } from "./loss-curves.ts";
export { type MountedChart, mountChart } from "./mount-chart.ts";
export { parallelCoordinates } from "./parallel-coordinates.ts";
export { MAX_POINTS, type PredictedActualData, predictedActual } from "./predicted-actual.ts";
export { type PageChart, type PageTable, type PageText, renderHtml } from "./render-html.ts";
export { type RenderOptions, renderSvg } from "./render-svg.ts";
export { type StudyChartData, studyHistory } from "./study-history.ts";
export { type TimeLine, type TimeLinesData, timeLines } from "./time-lines.ts";
