// A learning or validation curve for readers: a table with a bar per place, what it says in words, and an SVG.
import type { Curve } from "@massif/api";
import { evaluationCurves, renderSvg, spreadOf } from "@massif/charts";
import { figure } from "./figures.ts";
import type { Session } from "./session.ts";
import { table } from "./table.ts";

/** The curve as a table with a plot of both sides, and the best place. */
export function curveText(curve: Curve, session: Session): string {
  const { points, metric, param, higherIsBetter, label, warnings } = curve;
  const rows = points.map(({ at, train, test }) => ({ at: String(at), train: spreadOf(train), test: spreadOf(test) }));
  const means = rows.flatMap(({ train, test }) => [train.mean, test.mean]).filter((mean) => mean !== null);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const cell = ({ mean, spread }: ReturnType<typeof spreadOf>) =>
    mean === null ? "–" : `${figure(mean)} ± ${figure(spread, 3)}`;
  const heads = [
    { head: param ?? "rows", number: true },
    { head: `${metric}, learned from`, number: true },
    { head: "held out", number: true },
    { head: `${figure(low)} … ${figure(high)}` },
  ] as const;
  const lines = rows.map(({ at, train, test }) => {
    return [at, cell(train), cell(test), plotted(train.mean, test.mean, { low, high })];
  });
  const better = (a: number, b: number) => (higherIsBetter ? a > b : a < b);
  let best: { at: string; mean: number } | undefined;
  for (const { at, test } of rows) {
    if (test.mean !== null && (best === undefined || better(test.mean, best.mean))) best = { at, mean: test.mean };
  }
  const said =
    best && `best held out: ${figure(best.mean)} at ${param === null ? `${best.at} rows` : `${param}=${best.at}`}`;
  const title = `${label}: ${metric} over ${points[0]?.test.length ?? 0} folds (${higherIsBetter ? "higher" : "lower"} is better)`;
  const legend = session.colours.dim("o rows learned from   x rows held out");
  const parts = [...warnings, title, "", table(heads, lines, { session }), "", legend, said ?? ""];
  return parts.join("\n");
}

/** The curve as SVG text. */
export function curveSvg({ points, metric, param, label, dataset }: Curve): string {
  const what = param === null ? "Learning curve" : `Validation curve of ${param}`;
  const data = { title: `${what}: ${label} on ${dataset}`, x: param ?? "rows learned from", y: metric, points };
  const drawn = evaluationCurves(data, { theme: "light", width: WIDTH });
  return renderSvg(drawn, { width: WIDTH, height: HEIGHT, theme: "light", id: "curve" });
}

// Internal

const WIDTH = 920;
const HEIGHT = 480;
const PLOT = 31;

/** One line of the plot: both means between the lowest and the highest of all. */
function plotted(train: number | null, test: number | null, { low, high }: { low: number; high: number }): string {
  const line = new Array<string>(PLOT).fill("·");
  const place = (mean: number) => Math.round(((mean - low) / (high - low || 1)) * (PLOT - 1));
  if (train !== null) line[place(train)] = "o";
  if (test !== null) line[place(test)] = train !== null && place(train) === place(test) ? "*" : "x";
  return line.join("");
}
