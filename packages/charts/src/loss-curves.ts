// Loss against training steps on a logarithmic scale. A diverging run may reach 1e300: the scale follows the runs that
// converge, and the diverging curve leaves through the top, named where it leaves.
import type { Run } from "@massif/api";
import type { EChartsOption } from "echarts";
import { frame, isNarrow, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { DASHES, type Look, seriesColour } from "./look.ts";

export interface LossCurve {
  readonly label: string;
  readonly history: Run["history"];
  readonly diverged?: boolean;
}

export interface LossCurvesData {
  readonly title: string;
  readonly curves: readonly LossCurve[];
  /** What a step is. Default "epoch". */
  readonly unit?: string;
  /** Name of the loss. Default "loss". */
  readonly loss?: string;
}

export function lossCurves(data: LossCurvesData, look: Look): EChartsOption {
  const style = numberAxisStyle(look);
  const scale = lossScale(data.curves);
  const lastStep = Math.max(2, ...data.curves.map((curve) => curve.history.at(-1)?.step ?? 0));
  return {
    ...frame(look, {
      title: data.title,
      legend: data.curves.map((curve) => curve.label),
      right: isNarrow(look) ? 22 : 40,
    }),
    xAxis: {
      // Most of the way down is covered in the first steps of a long run: those need the room.
      type: lastStep > LONG_RUN_STEPS ? "log" : "value",
      min: 1,
      max: lastStep,
      minInterval: 1,
      ...style,
      ...xName(data.unit ?? "epoch"),
    },
    yAxis: {
      type: "log",
      ...scale,
      ...style,
      ...yName(data.loss ?? "loss"),
      nameTextStyle: yNameStyle(look),
    },
    series: data.curves.map((curve, index) => series(curve, { index, look, max: scale.max, lastStep })),
  };
}

// Internal

const LONG_RUN_STEPS = 50;

interface SeriesOptions {
  readonly index: number;
  readonly look: Look;
  readonly max: number;
  readonly lastStep: number;
}

function series(curve: LossCurve, { index, look, max, lastStep }: SeriesOptions) {
  const colour = seriesColour(look.theme, index);
  const pattern = DASHES[index % DASHES.length];
  const points = visible(curve, max);
  const leaves = curve.diverged === true && points.length > 0;
  const out = points.at(-1);
  const late = out !== undefined && out[0] > lastStep / 2;
  return {
    name: curve.label,
    type: "line" as const,
    data: points,
    // A single point has no line to be seen by.
    symbol: points.length === 1 ? "circle" : "none",
    symbolSize: 7,
    lineStyle: { color: colour, width: 2.5, type: pattern.length === 0 ? ("solid" as const) : [...pattern] },
    itemStyle: { color: colour },
    markPoint: leaves
      ? {
          symbol: "triangle",
          symbolSize: 10,
          data: [{ name: curve.label, coord: out }],
          itemStyle: { color: colour },
          label: {
            show: true,
            formatter: isNarrow(look) ? "diverges" : `${curve.label} diverges`,
            position: late ? ("left" as const) : ("right" as const),
            color: colour,
            fontSize: 12,
            fontWeight: 600 as const,
          },
        }
      : undefined,
  };
}

// The points up to the top of the scale; the first one above it is moved onto the edge, along a straight line in log
// space, so that the curve is seen to leave.
function visible(curve: LossCurve, max: number): [number, number][] {
  const points: [number, number][] = [];
  for (const { step, loss } of curve.history) {
    const value = Number.isFinite(loss) ? loss : Number.MAX_VALUE;
    if (value <= 0) continue;
    if (value <= max) {
      points.push([step, value]);
      continue;
    }
    const before = points.at(-1);
    if (before === undefined) return [[step, max]];
    const share = Math.log(max / before[1]) / Math.log(value / before[1]);
    points.push([before[0] + share * (step - before[0]), max]);
    break;
  }
  return points;
}

function lossScale(curves: readonly LossCurve[]): { min: number; max: number } {
  const steady = curves.filter((curve) => curve.diverged !== true);
  const losses = (steady.length > 0 ? steady : curves)
    .flatMap((curve) => curve.history.map(({ loss }) => loss))
    .filter((loss) => Number.isFinite(loss) && loss > 0);
  if (losses.length === 0) return { min: 0.1, max: 10 };
  const low = losses.reduce((a, b) => Math.min(a, b));
  const high = losses.reduce((a, b) => Math.max(a, b));
  // Room above the steady curves for the one that leaves.
  const room = steady.length < curves.length ? 100 : 1;
  return { min: 10 ** Math.floor(Math.log10(low)), max: 10 ** Math.ceil(Math.log10(high * room * 1.0001)) };
}
