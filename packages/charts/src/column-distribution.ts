// The distribution of one column from its profile: a histogram of numbers, or bars of the most frequent values.
import type { ColumnProfile } from "@massif/api";
import type { EChartsOption } from "echarts";
import { axisStyle, frame, isNarrow, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { COLOURS, type Look, seriesColour, shortNumber } from "./look.ts";

/** A histogram where the profile has one, else its most frequent values, else an empty frame that says so. */
export function columnDistribution(profile: ColumnProfile, look: Look): EChartsOption {
  if (profile.histogram !== null && profile.histogram.length > 0) return histogram(profile, profile.histogram, look);
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

function histogram(profile: ColumnProfile, bins: NonNullable<ColumnProfile["histogram"]>, look: Look): EChartsOption {
  const style = numberAxisStyle(look);
  return {
    ...frame(look, { title: `Distribution of ${profile.name}` }),
    xAxis: {
      type: "value",
      min: bins[0].from,
      max: bins[bins.length - 1].to,
      ...style,
      splitLine: { show: false },
      ...xName(profile.name),
    },
    yAxis: { type: "value", ...style, ...yName("rows"), nameTextStyle: yNameStyle(look) },
    series: [
      {
        type: "custom",
        // A bar series cannot have bars of different width, and bins need not be equal.
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
