import type { EChartsOption } from "echarts";
import { describe, expect, test } from "vitest";
import {
  COLOURS,
  confusionMatrix,
  fitDifferences,
  type Look,
  leaderboardBars,
  lossCurves,
  MAX_POINTS,
  parallelCoordinates,
  predictedActual,
  rocCurves,
  scatterFits,
  studyHistory,
  timeLines,
} from "../src/index.ts";
import { CHARTS, CURVES, FIGURES, FITS, LEADERBOARD, STUDY, TRAFFIC } from "./samples.ts";

const LIGHT: Look = { theme: "light", width: 900 };

interface PlainSeries {
  name: string;
  type: string;
  data: unknown[];
  markPoint?: unknown;
}

function series(option: EChartsOption): PlainSeries[] {
  return option.series as unknown as PlainSeries[];
}

describe.each(Object.entries(CHARTS))("%s", (_, draw) => {
  test("is a pure function: the same data and look give an equal option", () => {
    expect(JSON.stringify(draw(LIGHT))).toBe(JSON.stringify(draw(LIGHT)));
  });

  test("takes the colours of the theme and the title when asked", () => {
    expect(draw({ ...LIGHT, theme: "dark" }).backgroundColor).toBe(COLOURS.dark.background);
    expect(draw(LIGHT).title).toBeDefined();
    expect(draw({ ...LIGHT, titled: false }).title).toBeUndefined();
  });
});

test("the scatter holds all points and one line per fit, drawn over the range of x", () => {
  const [points, ...lines] = series(scatterFits(FITS, LIGHT));
  expect(points).toMatchObject({ type: "scatter", name: "data" });
  expect(points.data).toEqual(FITS.points);
  expect(lines.map(({ name }) => name)).toEqual(["least squares", "SGD", "momentum"]);
  expect(lines[1].data).toEqual([
    [1, 2.01 + 0.5],
    [5, 2.01 * 5 + 0.5],
  ]);
});

test("differences are taken from the reference, which is not drawn itself", () => {
  const lines = series(fitDifferences(FITS, FITS.fits[0], LIGHT));
  expect(lines.map(({ name }) => name)).toEqual(["SGD", "momentum"]);
  const [, [x, difference]] = lines[0].data as [number, number][];
  expect(x).toBe(5);
  expect(difference).toBeCloseTo(0.01 * 5 - 0.1, 12);
});

test("a diverging loss curve leaves through the top of a scale made for the others, and is named there", () => {
  const option = lossCurves(CURVES, LIGHT);
  const axis = option.yAxis as { type: string; min: number; max: number };
  expect(axis).toMatchObject({ type: "log", min: 0.1, max: 1e6 });
  const [steady, diverging] = series(option);
  expect(steady.data).toHaveLength(4);
  expect(steady.markPoint).toBeUndefined();
  expect(diverging.data.at(-1)).toMatchObject({ 1: axis.max });
  expect(diverging.markPoint).toBeDefined();
});

test("infinite, zero and missing losses draw no nonsense", () => {
  const history = [Number.POSITIVE_INFINITY, 0, Number.NaN].map((loss, step) => ({ step: step + 1, loss }));
  const option = lossCurves({ title: "t", curves: [{ label: "a", history }] }, LIGHT);
  for (const [step, loss] of series(option)[0].data as [number, number][]) {
    expect(Number.isFinite(step) && loss > 0 && Number.isFinite(loss)).toBe(true);
  }
  expect(series(lossCurves({ title: "t", curves: [] }, LIGHT))).toEqual([]);
});

test("the leaderboard is ordered best first by its metric and leaves out what failed", () => {
  const option = leaderboardBars(LEADERBOARD, LIGHT);
  expect((option.yAxis as { data: string[] }).data).toEqual(["GradientBoostingRegressor", "Ridge"]);
  const higher = leaderboardBars({ ...LEADERBOARD, sortedBy: { metric: "rmse", better: "higher" } }, LIGHT);
  expect((higher.yAxis as { data: string[] }).data[0]).toBe("Ridge");
});

test("predicted against actual has a diagonal over both ranges and thins many points evenly", () => {
  const pairs = Array.from({ length: 10 * MAX_POINTS }, (_, i) => ({ actual: i, predicted: i + 7 }));
  const [points, diagonal] = series(predictedActual({ target: "price", pairs }, LIGHT));
  expect(points.data).toHaveLength(MAX_POINTS);
  const [low, high] = diagonal.data as [number, number][];
  expect(low).toEqual([0, 0]);
  expect(high[0]).toBe(high[1]);
  expect(high[1]).toBeGreaterThan(10 * MAX_POINTS - 20);
});

test("the confusion matrix shades by share of the true class and shows counts", () => {
  const counts = [
    [30, 10],
    [0, 0],
  ];
  const option = confusionMatrix({ target: "t", classes: ["a", "b"], counts }, LIGHT);
  const cells = series(option)[0].data as { value: number[]; label: { formatter: string } }[];
  expect(cells.map(({ value }) => value)).toEqual([
    [0, 0, 0.75],
    [1, 0, 0.25],
    [0, 1, 0],
    [1, 1, 0],
  ]);
  expect(cells.map(({ label }) => label.formatter)).toEqual(["30", "10", "0", "0"]);
});

test("of two classes only the second has a ROC curve, beside the diagonal of guessing", () => {
  const names = (perClass: typeof FIGURES) =>
    series(rocCurves({ target: "t", perClass }, LIGHT)).map(({ name }) => name);
  expect(names(FIGURES.slice(0, 2))).toEqual(["Chinstrap (area 0.930)", "guessing"]);
  expect(names(FIGURES)).toHaveLength(4);
});

test("of many classes the most frequent are drawn, in their own order", () => {
  const many = Array.from({ length: 12 }, (_, i) => ({ ...FIGURES[0], class: `c${i}`, support: i }));
  const names = series(rocCurves({ target: "t", perClass: many }, LIGHT)).map(({ name }) => name.split(" ")[0]);
  expect(names).toEqual(["c6", "c7", "c8", "c9", "c10", "c11", "guessing"]);
});

test("a class without a curve is left out", () => {
  const perClass = [...FIGURES.slice(0, 2), { ...FIGURES[2], roc: [], rocAuc: null }];
  expect(series(rocCurves({ target: "t", perClass }, LIGHT))).toHaveLength(3);
});

test("levels over time are steps, rates are not, and gaps stay gaps", () => {
  const steps = series(timeLines({ ...TRAFFIC, steps: true }, LIGHT)) as unknown as { step?: string }[];
  expect(steps[0].step).toBe("end");
  const [, failed] = series(timeLines(TRAFFIC, LIGHT));
  expect(failed.data[1]).toEqual([TRAFFIC.lines[1].points[1][0], null]);
});

test("the best value of a study only gets better, from its first complete trial to its last trial", () => {
  const [points, line, marks] = series(studyHistory(STUDY, LIGHT));
  expect(points.data).toHaveLength(18);
  const steps = line.data as [number, number][];
  expect(steps[0][0]).toBe(0);
  expect(steps.at(-1)?.[0]).toBe(23);
  for (let i = 1; i < steps.length; i++) expect(steps[i][1]).toBeLessThanOrEqual(steps[i - 1][1]);
  expect(steps.at(-1)?.[1]).toBe(Math.min(...STUDY.trials.flatMap(({ value }) => value ?? [])));
  expect(marks.data).toHaveLength(6);
  const higher = { ...STUDY, study: { ...STUDY.study, better: "higher" as const } };
  const rising = series(studyHistory(higher, LIGHT))[1].data as [number, number][];
  expect(rising.at(-1)?.[1]).toBe(Math.max(...STUDY.trials.flatMap(({ value }) => value ?? [])));
});

test("parallel coordinates have an axis per parameter and a line per complete trial, the best one last", () => {
  const option = parallelCoordinates(STUDY, LIGHT) as EChartsOption & {
    parallelAxis: { name: string; type: string }[];
  };
  const names = option.parallelAxis.map(({ name }) => name);
  expect([...names].sort()).toEqual(["depth", "gamma", "kind", "learningRate", "rmse"]);
  expect(names.at(-1)).toBe("rmse");
  // The value falls with the trial's number, and so does nothing as surely as the learning rate rises.
  expect(names.at(-2)).toBe("learningRate");
  expect(option.parallelAxis.find(({ name }) => name === "learningRate")?.type).toBe("log");
  expect(option.parallelAxis.find(({ name }) => name === "kind")?.type).toBe("category");
  const lines = series(option);
  expect(lines).toHaveLength(18);
  const values = STUDY.trials.flatMap(({ value }) => value ?? []);
  const [best] = lines[17].data as number[][];
  expect(best.at(-1)).toBe(Math.min(...values));
  const gamma = names.indexOf("gamma");
  expect(lines.filter(({ data }) => (data[0] as unknown[])[gamma] === "-")).not.toHaveLength(0);
});
