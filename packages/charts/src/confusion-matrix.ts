// The confusion matrix of a classification as a heat map: rows are the true class, columns the predicted one. Shade is
// the share of the row, so that rare classes are as readable as frequent ones; the figures are counts.
import type { EChartsOption } from "echarts";
import { axisStyle, frame, isNarrow, xName, yName, yNameStyle } from "./frame.ts";
import { COLOURS, type Look } from "./look.ts";

export interface ConfusionData {
  readonly target: string;
  readonly classes: readonly string[];
  /** `counts[actual][predicted]`. */
  readonly counts: readonly (readonly number[])[];
}

export function confusionMatrix({ target, classes, counts }: ConfusionData, look: Look): EChartsOption {
  const colours = COLOURS[look.theme];
  const style = axisStyle(look);
  const labels = { ...style.axisLabel, interval: 0, hideOverlap: false, overflow: "truncate" as const };
  const longest = Math.max(1, ...classes.map((name) => name.length));
  const left = Math.min(longest * 7 + 24, isNarrow(look) ? 100 : 180);
  const base = frame(look, { title: `${target}: true against predicted class` });
  const category = {
    type: "category" as const,
    data: [...classes],
    ...style,
    splitLine: { show: false },
    axisTick: { show: false },
  };
  // A label must fit its column; long class names are turned.
  const columnPx = (look.width - left - 22) / Math.max(1, classes.length);
  const turned = longest * 7 > columnPx;
  return {
    ...base,
    grid: { ...base.grid, left, bottom: turned ? 108 : 46 },
    xAxis: {
      ...category,
      axisLabel: { ...labels, rotate: turned ? 45 : 0, width: turned ? 96 : columnPx - 4 },
      ...xName("predicted"),
      nameGap: turned ? 86 : 28,
    },
    yAxis: {
      ...category,
      inverse: true,
      axisLabel: { ...labels, width: left - 16 },
      ...yName("true"),
      nameLocation: "start",
      nameTextStyle: { ...yNameStyle(look), padding: [0, 0, 0, 12 - left] },
    },
    visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: [...colours.ramp] } },
    series: [
      {
        type: "heatmap",
        data: counts.flatMap((row, actual) => cells(row, actual, look)),
        encode: { x: 0, y: 1, value: 2 },
        itemStyle: { borderColor: colours.background, borderWidth: 2 },
      },
    ],
  };
}

// Internal

function cells(row: readonly number[], actual: number, look: Look) {
  const colours = COLOURS[look.theme];
  const total = row.reduce((sum, count) => sum + count, 0);
  return row.map((count, predicted) => {
    const share = total === 0 ? 0 : count / total;
    return {
      value: [predicted, actual, share],
      label: {
        show: true,
        formatter: String(count),
        // The ramp passes the middle grey at about half.
        color: share > 0.5 ? colours.background : colours.text,
        fontSize: isNarrow(look) ? 11 : 13,
      },
    };
  });
}
