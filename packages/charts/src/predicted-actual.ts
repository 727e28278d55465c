// Predicted against actual values of a regression: a perfect model lies on the diagonal.
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { COLOURS, type Look, seriesColour } from "./look.ts";

export interface PredictedActualData {
  readonly target: string;
  readonly pairs: readonly { readonly actual: number; readonly predicted: number }[];
}

/** At most this many points are drawn, evenly taken: more only paint over one another. */
export const MAX_POINTS = 2000;

export function predictedActual({ target, pairs }: PredictedActualData, look: Look): EChartsOption {
  const style = numberAxisStyle(look);
  const shown = thin(pairs.filter(({ actual, predicted }) => Number.isFinite(actual) && Number.isFinite(predicted)));
  const values = shown.flatMap(({ actual, predicted }) => [actual, predicted]);
  const low = values.reduce((a, b) => Math.min(a, b), values[0] ?? 0);
  const high = values.reduce((a, b) => Math.max(a, b), values[0] ?? 1);
  const diagonal = "perfect prediction";
  return {
    ...frame(look, {
      title: `${target}: predicted against actual`,
      legend: ["held-out rows", diagonal],
    }),
    xAxis: { type: "value", scale: true, ...style, ...xName(`actual ${target}`) },
    yAxis: {
      type: "value",
      scale: true,
      ...style,
      ...yName(`predicted ${target}`),
      nameTextStyle: yNameStyle(look),
    },
    series: [
      {
        name: "held-out rows",
        type: "scatter",
        data: shown.map(({ actual, predicted }) => [actual, predicted]),
        symbolSize: shown.length > 300 ? 4 : 6,
        itemStyle: { color: seriesColour(look.theme, 0), opacity: shown.length > 300 ? 0.45 : 0.75 },
      },
      {
        name: diagonal,
        type: "line",
        data: [
          [low, low],
          [high, high],
        ],
        symbol: "none",
        lineStyle: { color: COLOURS[look.theme].text, width: 1.5, type: [6, 4] },
        itemStyle: { color: COLOURS[look.theme].text },
      },
    ],
  };
}

// Internal

function thin<T>(items: readonly T[]): readonly T[] {
  if (items.length <= MAX_POINTS) return items;
  return Array.from({ length: MAX_POINTS }, (_, i) => items[Math.floor((i * items.length) / MAX_POINTS)]);
}
