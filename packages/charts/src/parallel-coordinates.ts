// Parameters against the outcome: one axis per parameter, one line per complete trial, coloured by its value. The axes
// of what matters most stand nearest to the value's.
import type { Study, Trial } from "@massif/api";
import type { EChartsOption } from "echarts";
import { frame } from "./frame.ts";
import { axisNumber, COLOURS, FONT, type Look, seriesColour } from "./look.ts";
import { completeTrials, type StudyChartData } from "./study-history.ts";

/** Parallel coordinates of the complete trials; the best one is drawn thicker. */
export function parallelCoordinates({ study, trials }: StudyChartData, look: Look): EChartsOption {
  const complete = completeTrials(trials);
  const names = byInfluence(Object.keys(study.space), complete);
  const sign = study.better === "higher" ? -1 : 1;
  const order = [...complete].sort((a, b) => sign * (b.value - a.value));
  const { series } = COLOURS[look.theme];
  const base = frame(look, { title: `Study ${study.name}: parameters and ${study.metric}` });
  return {
    ...base,
    grid: undefined,
    parallel: {
      left: 48,
      right: 64,
      top: (look.titled === false ? 34 : 68) + 8,
      bottom: 40,
      parallelAxisDefault: { nameLocation: "end" },
    },
    parallelAxis: [
      ...names.map((name, dim) => axisOf(name, { dim, space: study.space, trials: complete, look })),
      { dim: names.length, name: study.metric, type: "value" as const, scale: true, ...styleOf(look, 0) },
    ],
    // The best is drawn last, over the others.
    series: order.map((trial, i) => ({
      type: "parallel" as const,
      name: `trial ${trial.number}`,
      silent: true,
      lineStyle: {
        width: i === order.length - 1 ? 3 : 1.2,
        opacity: i === order.length - 1 ? 1 : 0.7,
        color: i === order.length - 1 ? series[1] : shade(look, order.length < 2 ? 1 : i / (order.length - 1)),
      },
      data: [[...names.map((name) => cell(trial.params[name])), trial.value]],
    })),
  };
}

// Internal

type Value = Trial["params"][string];

interface AxisParts {
  readonly dim: number;
  readonly space: Study["space"];
  readonly trials: readonly Pick<Trial, "params">[];
  readonly look: Look;
}

function axisOf(name: string, { dim, space, trials, look }: AxisParts) {
  const declared = space[name] as { type?: string; log?: boolean; min?: number; max?: number; choices?: unknown[] };
  const shared = { dim, name: shortName(name), ...styleOf(look, dim) };
  if (declared?.type === "categorical") {
    return { ...shared, type: "category" as const, data: (declared.choices ?? []).map(String) };
  }
  const values = trials.flatMap(({ params }) => (typeof params[name] === "number" ? [params[name]] : []));
  const { min = Math.min(...values), max = Math.max(...values) } = declared ?? {};
  return { ...shared, type: declared?.log === true ? ("log" as const) : ("value" as const), min, max };
}

function styleOf({ theme, width }: Look, dim: number) {
  const colours = COLOURS[theme];
  return {
    axisLine: { lineStyle: { color: colours.muted } },
    axisTick: { show: false },
    axisLabel: { color: colours.muted, fontSize: 10, formatter: label, hideOverlap: true },
    splitLine: { show: false },
    // Names of neighbours stand at two heights, or they would touch.
    nameGap: dim % 2 === 0 || width > 1200 ? 10 : 24,
    nameTextStyle: { color: colours.text, fontSize: 11, fontFamily: FONT },
  };
}

function label(value: number | string): string {
  return typeof value === "number" ? axisNumber(value) : value;
}

/** `steps.0.numbers` is told from others by its end. */
function shortName(name: string): string {
  return name.length > 18 ? `…${name.slice(-17)}` : name;
}

/** What does not exist for a trial leaves a gap in its line. */
function cell(value: Value | undefined): number | string {
  if (typeof value === "number") return value;
  return value === undefined ? "-" : String(value);
}

function shade({ theme }: Look, goodness: number): string {
  const { points } = COLOURS[theme];
  return goodness >= 0.5 ? seriesColour(theme, 0) : points;
}

/** Names by rising rank correlation (Spearman 1904) with the value, so that the strongest stands beside it. */
function byInfluence(
  names: readonly string[],
  trials: readonly (Pick<Trial, "params"> & { value: number })[],
): string[] {
  const strength = new Map(names.map((name) => [name, influence(name, trials)]));
  return [...names].sort((a, b) => strength.get(a)! - strength.get(b)!);
}

function influence(name: string, trials: readonly (Pick<Trial, "params"> & { value: number })[]): number {
  const pairs = trials.flatMap(({ params, value }) =>
    typeof params[name] === "number" ? [[params[name], value]] : [],
  );
  if (pairs.length < 3) return 0;
  const [x, y] = [ranks(pairs.map(([one]) => one)), ranks(pairs.map(([, other]) => other))];
  const middle = (pairs.length - 1) / 2;
  const covariance = x.reduce((sum, rank, i) => sum + (rank - middle) * (y[i] - middle), 0);
  const variance = (of: readonly number[]) => of.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  return Math.abs(covariance) / Math.sqrt(variance(x) * variance(y) || 1);
}

function ranks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  // Ties share the mean of their places.
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}
