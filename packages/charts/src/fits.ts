// Straight-line fits over the points they were fitted to, and how far each is from a reference line: fits that agree
// to a thousandth lie on top of each other in the first picture and are told apart in the second.
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { COLOURS, DASHES, type Look, seriesColour } from "./look.ts";

export interface LineFit {
  readonly label: string;
  readonly slope: number;
  readonly intercept: number;
}

export interface FitsData {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly fits: readonly LineFit[];
}

/** A scatter of the points under all fitted lines; the first line is the widest, later ones lie on top, dashed. */
export function scatterFits(data: FitsData, look: Look): EChartsOption {
  const [low, high] = range(data.points.map(([x]) => x));
  return {
    ...frame(look, { title: data.title, legend: ["data", ...labels(data.fits)] }),
    ...axes(data.x, data.y, look),
    series: [
      {
        name: "data",
        type: "scatter",
        data: data.points.map((point) => [...point]),
        symbolSize: 6,
        itemStyle: { color: COLOURS[look.theme].points, opacity: 0.75 },
      },
      ...data.fits.map((fit, index) =>
        line(fit, { index, count: data.fits.length, look, xs: [low, high], base: ZERO }),
      ),
    ],
  };
}

/** Each fit minus `reference`, over the same range of x. */
export function fitDifferences(data: FitsData, reference: LineFit, look: Look): EChartsOption {
  const others = data.fits.filter((fit) => fit.label !== reference.label);
  const [low, high] = range(data.points.map(([x]) => x));
  return {
    ...frame(look, { title: data.title, legend: labels(others) }),
    ...axes(data.x, data.y, look),
    series: others.map((fit) => {
      // The same colour and dash as in the scatter.
      const index = data.fits.indexOf(fit);
      return line(fit, { index, count: 1, look, xs: [low, high], base: reference });
    }),
  };
}

// Internal

const ZERO: LineFit = { label: "", slope: 0, intercept: 0 };

interface LineOptions {
  readonly index: number;
  readonly count: number;
  readonly look: Look;
  readonly xs: readonly number[];
  readonly base: LineFit;
}

function line(fit: LineFit, { index, count, look, xs, base }: LineOptions) {
  const slope = fit.slope - base.slope;
  const intercept = fit.intercept - base.intercept;
  return {
    name: fit.label,
    type: "line" as const,
    data: xs.map((x) => [x, slope * x + intercept]),
    symbol: "none",
    lineStyle: {
      color: seriesColour(look.theme, index),
      // Widest below, so that every line of a bundle shows at its edges.
      width: count === 1 ? 2 : Math.max(1.5, 5 - index),
      type: dash(index),
      opacity: count > 1 && index === 0 ? 0.45 : 1,
    },
    itemStyle: { color: seriesColour(look.theme, index) },
  };
}

function dash(index: number): "solid" | number[] {
  const pattern = DASHES[index % DASHES.length];
  return pattern.length === 0 ? "solid" : [...pattern];
}

function labels(fits: readonly LineFit[]): string[] {
  return fits.map((fit) => fit.label);
}

function axes(x: string, y: string, look: Look) {
  const style = numberAxisStyle(look);
  return {
    xAxis: { type: "value" as const, ...style, ...xName(x), scale: true },
    yAxis: {
      type: "value" as const,
      ...style,
      ...yName(y),
      nameTextStyle: yNameStyle(look),
      scale: true,
    },
  };
}

function range(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return values.length === 0 ? [0, 1] : [low, high];
}
