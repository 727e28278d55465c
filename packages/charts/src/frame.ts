// The parts that every chart shares: title, plot area, legend and axes, laid out for the width of the paper.
import type { EChartsOption } from "echarts";
import { axisNumber, COLOURS, FONT, type Look, NARROW_PX } from "./look.ts";

export interface FrameOptions {
  readonly title: string;
  /** Entries of the legend, in order; none: no legend. */
  readonly legend?: readonly string[];
  /** Pixels kept free at the right, for labels beside bars. */
  readonly right?: number;
  /** Pixels kept free at the left, when axis labels are drawn by the series. */
  readonly left?: number;
}

/** Title, grid and legend of a chart; axes are added with `axis`. */
export function frame(look: Look, options: FrameOptions): EChartsOption {
  const colours = COLOURS[look.theme];
  const titled = look.titled !== false;
  const legend = options.legend ?? [];
  const legendRows = rowsOfLegend(legend, look.width);
  return {
    animation: false,
    backgroundColor: colours.background,
    color: [...colours.series],
    textStyle: { fontFamily: FONT, color: colours.text },
    title: titled
      ? { text: options.title, left: 12, top: 10, textStyle: { fontSize: 16, fontWeight: 600, color: colours.text } }
      : undefined,
    legend:
      legend.length === 0
        ? undefined
        : {
            data: [...legend],
            bottom: 8,
            left: 12,
            right: 12,
            itemWidth: LEGEND_ICON,
            itemHeight: 10,
            itemGap: LEGEND_GAP,
            textStyle: { color: colours.text, fontSize: 12 },
          },
    grid: {
      top: titled ? 68 : 34,
      left: options.left ?? 58,
      right: options.right ?? 22,
      bottom: 46 + (legendRows > 0 ? 6 + legendRows * LEGEND_ROW : 0),
    },
  };
}

/** Axis lines, ticks and labels in the theme's colours. */
export function axisStyle(look: Look) {
  const colours = COLOURS[look.theme];
  return {
    axisLine: { show: true, lineStyle: { color: colours.muted } },
    axisTick: { show: true, lineStyle: { color: colours.muted } },
    axisLabel: { color: colours.muted, fontSize: 12, hideOverlap: true },
    splitLine: { show: true, lineStyle: { color: colours.grid } },
    nameTextStyle: { color: colours.text, fontSize: 12 },
  } as const;
}

/** An axis of numbers with short labels, and fewer of them where there is little room. */
export function numberAxisStyle(look: Look) {
  const style = axisStyle(look);
  return {
    ...style,
    axisLabel: { ...style.axisLabel, formatter: axisNumber },
    splitNumber: isNarrow(look) ? 4 : 6,
  };
}

/** Places an axis name below the middle of a horizontal axis. */
export function xName(name: string) {
  return { name, nameLocation: "middle" as const, nameGap: 28 };
}

/** Places an axis name above the vertical axis, where it is read without turning one's head. */
export function yName(name: string) {
  return { name, nameLocation: "end" as const, nameGap: 12 };
}

/** Puts the name of a vertical axis flush with the left edge of the plot's labels. */
export function yNameStyle(look: Look) {
  return { color: COLOURS[look.theme].text, fontSize: 12, align: "left" as const, padding: [0, 0, 0, -46] };
}

export function isNarrow(look: Look): boolean {
  return look.width < NARROW_PX;
}

// Internal

const LEGEND_ICON = 28;
const LEGEND_GAP = 14;
const LEGEND_ROW = 24;
/** Mean advance of a 12 px sans-serif character, on the wide side. */
const CHARACTER_PX = 6.8;

// The legend wraps by itself, but the plot must leave room for its rows, so they are counted here.
function rowsOfLegend(entries: readonly string[], width: number): number {
  const room = width - 24;
  let rows = entries.length === 0 ? 0 : 1;
  let used = 0;
  for (const entry of entries) {
    const needed = LEGEND_ICON + 5 + entry.length * CHARACTER_PX + LEGEND_GAP;
    if (used > 0 && used + needed > room) {
      rows += 1;
      used = 0;
    }
    used += needed;
  }
  return rows;
}
