// The course of a study: the value of each complete trial, and the best value so far as a line that only gets better.
import type { Study, Trial } from "@massif/api";
import type { EChartsOption } from "echarts";
import { frame, numberAxisStyle, xName, yName, yNameStyle } from "./frame.ts";
import { COLOURS, type Look, seriesColour } from "./look.ts";

/** What charts of a study are drawn from. */
export interface StudyChartData {
  readonly study: Pick<Study, "name" | "metric" | "better" | "space">;
  readonly trials: readonly Pick<Trial, "number" | "state" | "value" | "params">[];
}

/** Values by trial number; trials that were pruned or failed have none, and stand as marks on the axis. */
export function studyHistory({ study, trials }: StudyChartData, look: Look): EChartsOption {
  const colours = COLOURS[look.theme];
  const style = numberAxisStyle(look);
  const complete = completeTrials(trials);
  const last = trials.reduce((most, { number }) => Math.max(most, number), 0);
  const ended = trials.filter(({ state }) => state === "pruned" || state === "failed");
  const [low, high] = spanOf(complete.map(({ value }) => value));
  return {
    ...frame(look, {
      title: `Study ${study.name}: ${study.metric} by trial`,
      legend: ["trial", "best so far", ...(ended.length > 0 ? ["pruned or failed"] : [])],
    }),
    xAxis: { type: "value", min: 0, max: Math.max(1, last), minInterval: 1, ...style, ...xName("trial") },
    yAxis: {
      type: "value",
      min: low,
      max: high,
      ...style,
      // The ends are no round numbers.
      axisLabel: { ...style.axisLabel, showMinLabel: false, showMaxLabel: false },
      ...yName(`${study.metric} (${study.better} is better)`),
      nameTextStyle: yNameStyle(look),
    },
    series: [
      {
        name: "trial",
        type: "scatter",
        data: complete.map(({ number, value }) => [number, value]),
        symbolSize: 7,
        itemStyle: { color: colours.points },
      },
      {
        name: "best so far",
        type: "line",
        step: "end",
        symbol: complete.length === 1 ? "circle" : "none",
        data: bestSoFar(complete, study.better, last),
        lineStyle: { color: seriesColour(look.theme, 0), width: 2.5 },
        itemStyle: { color: seriesColour(look.theme, 0) },
      },
      ...(ended.length === 0
        ? []
        : [
            {
              name: "pruned or failed",
              type: "scatter" as const,
              data: ended.map(({ number }) => [number, low]),
              symbol: "path://M0,0 L4,4 M4,0 L0,4",
              symbolSize: 6,
              itemStyle: { color: "none", borderColor: seriesColour(look.theme, 1), borderWidth: 1.5 },
            },
          ]),
    ],
  };
}

/** The trials that have a value. */
export function completeTrials<T extends Pick<Trial, "state" | "value">>(
  trials: readonly T[],
): (T & { readonly value: number })[] {
  return trials.flatMap((trial) => {
    const { state, value } = trial;
    return state === "complete" && value !== null ? [{ ...trial, value }] : [];
  });
}

// Internal

function bestSoFar(
  complete: readonly { readonly number: number; readonly value: number }[],
  better: Study["better"],
  last: number,
): [number, number][] {
  const line: [number, number][] = [];
  for (const { number, value } of complete) {
    const best = line.at(-1)?.[1];
    if (best === undefined || (better === "higher" ? value > best : value < best)) line.push([number, value]);
  }
  const end = line.at(-1);
  return end !== undefined && end[0] < last ? [...line, [last, end[1]]] : line;
}

/** The values' span with a little room; one very bad trial among many shall not press the others into a line. */
function spanOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const sorted = [...values].sort((a, b) => a - b);
  const quartile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  const reach = OUTLIER * (quartile(0.75) - quartile(0.25));
  const inside = sorted.filter((value) => value >= quartile(0.25) - reach && value <= quartile(0.75) + reach);
  const low = Math.min(...inside);
  const high = Math.max(...inside);
  const room = 0.06 * (high - low) || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

/** Values farther from the quartiles than this many times their distance are left out of the scale. */
const OUTLIER = 3;
