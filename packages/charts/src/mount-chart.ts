// A chart inside a page, drawn as SVG by the same code as without a browser, with a tooltip on top. Nothing is written
// as inline style or HTML, so a page with a strict content security policy may use it.
import type { EChartsOption } from "echarts";
import { registered } from "./echarts.ts";
import { COLOURS, FONT, type Look } from "./look.ts";

export interface MountedChart {
  /** Draws anew; what was drawn before is forgotten. */
  draw(option: EChartsOption, look: Look, height: number): void;
  dispose(): void;
}

/** Makes an element of the page a chart. */
export function mountChart(element: Parameters<ReturnType<typeof registered>>[0]): MountedChart {
  const chart = registered()(element, null, { renderer: "svg" });
  return {
    draw(option, look, height) {
      chart.resize({ width: look.width, height });
      chart.setOption({ darkMode: look.theme === "dark", tooltip: tooltip(look), ...option }, { notMerge: true });
    },
    dispose: () => chart.dispose(),
  };
}

// Internal

function tooltip({ theme }: Look): EChartsOption["tooltip"] {
  const { background, text, grid } = COLOURS[theme];
  return {
    trigger: "item",
    renderMode: "richText",
    confine: true,
    backgroundColor: background,
    borderColor: grid,
    textStyle: { color: text, fontFamily: FONT, fontSize: 12 },
  };
}
