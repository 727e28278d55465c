// Charts to SVG text without a browser, by ECharts' own server-side renderer. The same option gives the same text.
import type { EChartsOption } from "echarts";
import { registered } from "./echarts.ts";
import type { Theme } from "./look.ts";

export interface RenderOptions {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  /** Prefix of the ids inside, which must differ between pictures on one page. Default "chart". */
  readonly id?: string;
}

/** The chart as one `<svg>` element that scales to its container and keeps its proportions. */
export function renderSvg(option: EChartsOption, { width, height, theme, id = "chart" }: RenderOptions): string {
  const chart = registered()(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ darkMode: theme === "dark", ...option });
    return settled(chart.renderToSVGString(), id);
  } finally {
    chart.dispose();
  }
}

// Internal

// ECharts numbers ids from counters of the process (`zr7-c12`): they are numbered anew for every picture. Hover styles
// and data indices serve scripts that these pictures do not have.
function settled(svg: string, id: string): string {
  const names = new Map<string, string>();
  return svg
    .replace(/<style ?>[\s\S]*?<\/style>/g, "")
    .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, "")
    .replace(/\bzr\d+-\w+/g, (name) => {
      const known = names.get(name) ?? `${id}-${names.size}`;
      names.set(name, known);
      return known;
    });
}
