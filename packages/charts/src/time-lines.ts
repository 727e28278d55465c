// Figures over time: the traffic of an endpoint, its replicas, spending. Levels that hold until they change are drawn as
// steps.
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { DASHES, type Look, seriesColour } from "./look.ts";

export interface TimeLine {
  readonly label: string;
  /** Milliseconds since 1970, and the value; null where nothing is known. */
  readonly points: readonly (readonly [at: number, value: number | null])[];
}

export interface TimeLinesData {
  readonly title: string;
  /** What is measured, with its unit. */
  readonly y: string;
  readonly lines: readonly TimeLine[];
  /** Each value holds until the next: replicas, not rates. */
  readonly steps?: boolean;
  /** Milliseconds that the axis shows at least, up to the last point. */
  readonly span?: number;
}

export function timeLines({ title, y, lines, steps, span }: TimeLinesData, look: Look): EChartsOption {
  const style = numberAxisStyle(look);
  const points = lines.flatMap((line) => line.points);
  const whole = points.every(([, value]) => value === null || Number.isInteger(value));
  return {
    ...frame(look, { title, legend: lines.map(({ label }) => label) }),
    xAxis: {
      type: "time",
      ...(span === undefined ? {} : rangeOf(points, span)),
      ...style,
      // Dates and times are short by themselves; numbers' format would print milliseconds.
      axisLabel: { ...style.axisLabel, formatter: undefined },
      splitLine: { show: false },
      ...xName("time"),
    },
    yAxis: {
      type: "value",
      min: 0,
      ...(whole ? { minInterval: 1 } : {}),
      ...style,
      ...yName(y),
      nameTextStyle: yNameStyle(look),
    },
    series: lines.map(({ label, points: own }, index) => ({
      name: label,
      type: "line" as const,
      data: own.map((point) => [...point]),
      step: steps === true ? ("end" as const) : undefined,
      // A point between gaps has no line to be seen by.
      symbol: own.length === 1 || own.some(([, value]) => value === null) ? "circle" : "none",
      symbolSize: own.length === 1 ? 7 : 4,
      lineStyle: { color: seriesColour(look.theme, index), width: 2, type: dash(index) },
      itemStyle: { color: seriesColour(look.theme, index) },
    })),
  };
}

// Internal

function rangeOf(points: readonly TimeLine["points"][number][], span: number): { min?: number; max?: number } {
  if (points.length === 0) return {};
  const times = points.map(([at]) => at);
  const max = times.reduce((a, b) => Math.max(a, b));
  return {
    min: Math.min(
      max - span,
      times.reduce((a, b) => Math.min(a, b)),
    ),
    max,
  };
}

function dash(index: number): "solid" | number[] {
  const pattern = DASHES[index % DASHES.length];
  return pattern.length === 0 ? "solid" : [...pattern];
}
