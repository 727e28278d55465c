// The parts of ECharts that our charts use, registered once: everything else stays out of bundles.
import { BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import {
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkPointComponent,
  ParallelComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

/** `init` of an ECharts that knows our charts and draws SVG. */
export function registered(): typeof init {
  if (!done) {
    use([
      BarChart,
      CustomChart,
      HeatmapChart,
      LineChart,
      ParallelChart,
      ScatterChart,
      GraphicComponent,
      GridComponent,
      LegendComponent,
      MarkPointComponent,
      ParallelComponent,
      TitleComponent,
      TooltipComponent,
      VisualMapComponent,
      SVGRenderer,
    ]);
    done = true;
  }
  return init;
}

// Internal

let done = false;
