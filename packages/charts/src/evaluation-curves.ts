// A learning or validation curve: the mean over folds of a figure on rows learned from and on rows held out, with one
// standard deviation as a band.
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { DASHES, type Look, seriesColour } from "./look.ts";

export interface EvaluationCurvesData {
  readonly title: string;
  /** What the places are. */
  readonly x: string;
  /** The metric. */
  readonly y: string;
  readonly points: readonly {
    readonly at: number | string | boolean | null;
    /** By fold; null where undefined. */
    readonly train: readonly (number | null)[];
    readonly test: readonly (number | null)[];
  }[];
}

const SIDES = [
  { key: "train", label: "rows learned from" },
  { key: "test", label: "rows held out" },
] as const;
/** Numbers that span so many times the least lie on a logarithmic axis. */
const WIDE_SPAN = 50;

export function evaluationCurves({ title, x, y, points }: EvaluationCurvesData, look: Look): EChartsOption {
  const style = numberAxisStyle(look);
  const numbers = points.map(({ at }) => at).filter((at) => typeof at === "number");
  const areNumbers = numbers.length === points.length;
  const least = Math.min(...numbers);
  const isWide = least > 0 && Math.max(...numbers) >= WIDE_SPAN * least;
  const names = points.map(({ at }) => String(at));
  return {
    ...frame(look, { title, legend: SIDES.map(({ label }) => label) }),
    xAxis: areNumbers
      ? { type: isWide ? ("log" as const) : ("value" as const), scale: true, ...style, ...xName(x) }
      : {
          type: "category",
          data: names,
          ...style,
          axisLabel: { ...style.axisLabel, formatter: undefined },
          ...xName(x),
        },
    yAxis: { type: "value", scale: true, ...style, ...yName(y), nameTextStyle: yNameStyle(look) },
    series: SIDES.flatMap(({ key, label }, index) => {
      const colour = seriesColour(look.theme, index);
      const figures = points.map((point) => {
        const { mean, spread } = spreadOf(point[key]);
        return { at: areNumbers ? (point.at as number) : String(point.at), mean, spread };
      });
      const line = (values: readonly (number | null)[]) => figures.map(({ at }, i) => [at, values[i]]);
      const means = figures.map(({ mean }) => mean);
      const edge = (sign: number) =>
        line(figures.map(({ mean, spread }) => (mean === null ? null : mean + sign * spread)));
      const thin = { color: colour, width: 1, opacity: 0.45 };
      const quiet = { type: "line" as const, symbol: "none", lineStyle: thin, silent: true };
      return [
        {
          name: label,
          type: "line" as const,
          data: line(means),
          symbol: index === 0 ? "circle" : "diamond",
          symbolSize: 7,
          lineStyle: { color: colour, width: 2, type: dash(index) },
          itemStyle: { color: colour },
        },
        { ...quiet, data: edge(-1) },
        { ...quiet, data: edge(1) },
      ];
    }),
  };
}

/** Mean and standard deviation of what is known. */
export function spreadOf(figures: readonly (number | null)[]): { mean: number | null; spread: number } {
  const known = figures.filter((figure) => figure !== null);
  if (known.length === 0) return { mean: null, spread: 0 };
  const mean = known.reduce((sum, figure) => sum + figure, 0) / known.length;
  const squares = known.reduce((sum, figure) => sum + (figure - mean) ** 2, 0);
  return { mean, spread: known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : 0 };
}

// Internal

function dash(index: number): "solid" | number[] {
  const pattern = DASHES[index % DASHES.length];
  return pattern.length === 0 ? "solid" : [...pattern];
}
