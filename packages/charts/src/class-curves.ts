// Curves of a classifier over the unit square, one line per class against all others: ROC, precision-recall and
// calibration. Of two classes only the second is drawn: the first one's curve says the same again.
import type { ClassFigures } from "@massif/api";
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { COLOURS, DASHES, type Look, seriesColour } from "./look.ts";

export interface ClassCurvesData {
  readonly target: string;
  readonly perClass: readonly ClassFigures[];
}

/** Share of the class that is found against share of the others that is called so by mistake, over all thresholds. */
export function rocCurves({ target, perClass }: ClassCurvesData, look: Look): EChartsOption {
  const lines = drawn(perClass).flatMap(({ class: name, roc, rocAuc }) =>
    roc.length === 0 ? [] : [{ label: `${name} (area ${rocAuc?.toFixed(3)})`, points: roc }],
  );
  return unitSquare(look, {
    title: `${target}: ROC`,
    x: "false positive rate",
    y: "true positive rate",
    lines,
    reference: { label: "guessing", points: DIAGONAL },
  });
}

/** Precision against recall over all thresholds. */
export function precisionRecallCurves({ target, perClass }: ClassCurvesData, look: Look): EChartsOption {
  const lines = drawn(perClass).flatMap(({ class: name, precisionRecall, averagePrecision }) =>
    precisionRecall.length === 0
      ? []
      : [{ label: `${name} (average ${averagePrecision?.toFixed(3)})`, points: precisionRecall }],
  );
  return unitSquare(look, { title: `${target}: precision and recall`, x: "recall", y: "precision", lines });
}

/** Observed share against predicted probability: honest probabilities lie on the diagonal. */
export function calibrationCurves({ target, perClass }: ClassCurvesData, look: Look): EChartsOption {
  const lines = drawn(perClass).flatMap(({ class: name, calibration }) =>
    calibration.length === 0
      ? []
      : [{ label: name, points: calibration.map(({ predicted, observed }): Point => [predicted, observed]) }],
  );
  return unitSquare(look, {
    title: `${target}: calibration`,
    x: "predicted probability",
    y: "observed share",
    lines,
    symbols: true,
    reference: { label: "perfect", points: DIAGONAL },
  });
}

// Internal

type Point = readonly [x: number, y: number];

interface Line {
  readonly label: string;
  readonly points: readonly Point[];
}

interface SquareData {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
  readonly reference?: Line;
  readonly symbols?: boolean;
}

const DIAGONAL: readonly Point[] = [
  [0, 0],
  [1, 1],
];

/** More lines than colours cannot be told apart. */
const MOST_LINES = 6;

/** The most frequent classes, in their own order. */
function drawn(perClass: readonly ClassFigures[]): readonly ClassFigures[] {
  if (perClass.length === 2) return perClass.slice(1);
  if (perClass.length <= MOST_LINES) return perClass;
  const largest = new Set([...perClass].sort((a, b) => b.support - a.support).slice(0, MOST_LINES));
  return perClass.filter((figures) => largest.has(figures));
}

function unitSquare(look: Look, { title, x, y, lines, reference, symbols }: SquareData): EChartsOption {
  const style = numberAxisStyle(look);
  const labels = [...lines, ...(reference === undefined ? [] : [reference])].map(({ label }) => label);
  return {
    ...frame(look, { title, legend: labels }),
    xAxis: { type: "value", min: 0, max: 1, interval: 0.2, ...style, ...xName(x) },
    yAxis: { type: "value", min: 0, max: 1, interval: 0.2, ...style, ...yName(y), nameTextStyle: yNameStyle(look) },
    series: [
      ...lines.map(({ label, points }, index) => ({
        name: label,
        type: "line" as const,
        data: points.map((point) => [...point]),
        symbol: symbols === true || points.length === 1 ? "circle" : "none",
        symbolSize: 7,
        lineStyle: { color: seriesColour(look.theme, index), width: 2.5, type: dash(index) },
        itemStyle: { color: seriesColour(look.theme, index) },
      })),
      ...(reference === undefined ? [] : [referenceLine(reference, look)]),
    ],
  };
}

function referenceLine({ label, points }: Line, look: Look) {
  const colour = COLOURS[look.theme].muted;
  return {
    name: label,
    type: "line" as const,
    data: points.map((point) => [...point]),
    symbol: "none",
    lineStyle: { color: colour, width: 1.5, type: [6, 4] },
    itemStyle: { color: colour },
  };
}

function dash(index: number): "solid" | number[] {
  const pattern = DASHES[index % DASHES.length];
  return pattern.length === 0 ? "solid" : [...pattern];
}
