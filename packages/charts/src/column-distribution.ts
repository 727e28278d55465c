// The distribution of one column from its profile: a histogram of numbers, or bars of the most frequent values.
import type { ColumnProfile } from "@massif/api";
import type { EChartsOption } from "echarts";
import { axisStyle, frame, isNarrow, numberAxisStyle, xName } from "./frame.ts";
import { histogramBars } from "./histogram.ts";
import { COLOURS, type Look, seriesColour, shortNumber } from "./look.ts";

/** A histogram where the profile has one, else its most frequent values, else an empty frame that says so. */
export function columnDistribution(profile: ColumnProfile, look: Look): EChartsOption {
  if (profile.histogram !== null && profile.histogram.length > 0) {
    const title = `Distribution of ${profile.name}`;
    return histogramBars({ title, x: profile.name, bins: profile.histogram }, look);
  }
  if (profile.top !== null && profile.top.length > 0) return frequentValues(profile, profile.top, look);
  return {
    ...frame(look, { title: profile.name }),
    graphic: {
      type: "text",
      left: "center",
      top: "middle",
      style: { text: "no values to show", fill: COLOURS[look.theme].muted, fontSize: 14 },
    },
  };
}

// Internal

function frequentValues(profile: ColumnProfile, top: NonNullable<ColumnProfile["top"]>, look: Look): EChartsOption {
  const style = axisStyle(look);
  const longest = Math.max(...top.map(({ value }) => value.length));
  const left = Math.min(longest * 7 + 24, isNarrow(look) ? 130 : 220);
  const base = frame(look, { title: `Most frequent values of ${profile.name}` });
  return {
    ...base,
    grid: { ...base.grid, left, right: 64 },
    xAxis: { type: "value", ...numberAxisStyle(look), ...xName("rows") },
    yAxis: {
      type: "category",
      inverse: true,
      data: top.map(({ value }) => value),
      ...style,
      splitLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...style.axisLabel, interval: 0, hideOverlap: false, width: left - 16, overflow: "truncate" },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: 22,
        data: top.map(({ count }) => count),
        itemStyle: { color: seriesColour(look.theme, 0) },
        label: {
          show: true,
          position: "right",
          color: COLOURS[look.theme].text,
          fontSize: 12,
          formatter: ({ value }) => shortNumber(Number(value)),
        },
      },
    ],
  };
}
