// Counts in bins as touching bars. Bins may differ in width, which a bar series cannot draw.
import type { HistogramBin } from "@massif/api";
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { type Look, seriesColour } from "./look.ts";

export interface HistogramData {
  readonly title: string;
  readonly x: string;
  readonly bins: readonly HistogramBin[];
}

export interface ResidualsData {
  readonly target: string;
  /** Actual minus predicted. */
  readonly residuals: readonly HistogramBin[];
}

/** Rows by value. */
export function histogramBars({ title, x, bins }: HistogramData, look: Look): EChartsOption {
  const style = numberAxisStyle(look);
  return {
    ...frame(look, { title }),
    xAxis: {
      type: "value",
      min: bins[0]?.from,
      max: bins.at(-1)?.to,
      ...style,
      splitLine: { show: false },
      ...xName(x),
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      ...style,
      // Residuals reach below zero; the axis stays at the left edge.
      axisLine: { ...style.axisLine, onZero: false },
      ...yName("rows"),
      nameTextStyle: yNameStyle(look),
    },
    series: [
      {
        type: "custom",
        renderItem: (_params, api) => {
          const from = api.coord([api.value(0), api.value(2)]);
          const to = api.coord([api.value(1), 0]);
          return {
            type: "rect",
            shape: { x: from[0] + 0.5, y: from[1], width: Math.max(1, to[0] - from[0] - 1), height: to[1] - from[1] },
            style: { fill: seriesColour(look.theme, 0) },
          };
        },
        data: bins.map((bin) => [bin.from, bin.to, bin.count]),
        encode: { x: [0, 1], y: 2 },
      },
    ],
  };
}

export interface ScoresData {
  /** Anomaly scores. */
  readonly scores: readonly HistogramBin[];
}

/** How unusual rows are, with a line at 0, above which a row is an outlier. */
export function scoreHistogram({ scores }: ScoresData, look: Look): EChartsOption {
  const bars = histogramBars({ title: "Anomaly scores", x: "score; outliers are above 0", bins: scores }, look);
  const [series] = bars.series as readonly object[];
  const threshold = { xAxis: 0, label: { formatter: "threshold" }, lineStyle: { color: seriesColour(look.theme, 1) } };
  const from = Math.min(scores[0]?.from ?? 0, 0);
  const to = Math.max(scores.at(-1)?.to ?? 0, 0);
  const markLine = { silent: true, symbol: "none", data: [threshold] };
  return {
    ...bars,
    xAxis: { ...(bars.xAxis as object), min: from, max: to },
    series: [{ ...series, markLine }] as EChartsOption["series"],
  };
}

/** How far off predictions are, and whether they lean to one side. */
export function residualHistogram({ target, residuals }: ResidualsData, look: Look): EChartsOption {
  return histogramBars({ title: `${target}: residuals`, x: "actual − predicted", bins: residuals }, look);
}
