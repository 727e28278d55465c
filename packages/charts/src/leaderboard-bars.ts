// The leaderboard of a comparison as horizontal bars, best on top, in the comparison's own metric.
import type { Comparison } from "@massif/api";
import type { EChartsOption } from "echarts";
import { axisStyle, frame, isNarrow, numberAxisStyle, xName } from "./frame.ts";
import { COLOURS, type Look, seriesColour, shortNumber } from "./look.ts";

export interface LeaderboardData {
  readonly leaderboard: Comparison["leaderboard"];
  readonly sortedBy: Comparison["sortedBy"];
}

/** Bars of the finished entries; the best one has the first series colour, the others are grey. */
export function leaderboardBars({ leaderboard, sortedBy }: LeaderboardData, look: Look): EChartsOption {
  const style = axisStyle(look);
  const entries = leaderboard
    .flatMap(({ estimator, metrics }) => {
      const value = metrics?.[sortedBy.metric];
      return value === undefined || !Number.isFinite(value) ? [] : [{ estimator, value }];
    })
    .sort((a, b) => (sortedBy.better === "higher" ? b.value - a.value : a.value - b.value));
  const name = `${sortedBy.metric} (${sortedBy.better} is better)`;
  return {
    ...frame(look, { title: `Leaderboard by ${sortedBy.metric}` }),
    grid: { ...frame(look, { title: "" }).grid, left: labelRoom(entries, look), right: 64 },
    xAxis: { type: "value", ...numberAxisStyle(look), ...xName(name) },
    yAxis: {
      type: "category",
      inverse: true,
      data: entries.map((entry) => entry.estimator),
      ...style,
      splitLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...style.axisLabel,
        hideOverlap: false,
        interval: 0,
        color: COLOURS[look.theme].text,
        width: labelRoom(entries, look) - 24,
        overflow: "truncate",
      },
    },
    series: [
      {
        type: "bar",
        barMaxWidth: 22,
        data: entries.map(({ value }, index) => ({
          value,
          itemStyle: { color: index === 0 ? seriesColour(look.theme, 0) : COLOURS[look.theme].points },
        })),
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

// Internal

function labelRoom(entries: readonly { readonly estimator: string }[], look: Look): number {
  const longest = Math.max(0, ...entries.map(({ estimator }) => estimator.length));
  return Math.min(longest * 7 + 24, isNarrow(look) ? 130 : 240);
}
