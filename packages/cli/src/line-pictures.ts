// The worked example's charts: SVG files, and one page with all of them.

import {
  type FitsData,
  fitDifferences,
  type Look,
  lossCurves,
  type PageChart,
  renderHtml,
  renderSvg,
  scatterFits,
} from "@massif/charts";
import type { LineResult } from "./line-example.ts";

export interface Picture {
  /** File name. */
  readonly name: string;
  readonly text: string;
}

/** The files, by name and content. */
export function linePictures(result: LineResult): Picture[] {
  const charts = lineCharts(result);
  const svgs = charts.map(({ file, draw, height }) => {
    const look: Look = { theme: "light", width: SVG_WIDTH };
    return { name: `${file}.svg`, text: renderSvg(draw(look), { width: SVG_WIDTH, height, theme: "light", id: file }) };
  });
  return [...svgs, { name: "line.html", text: page(result, charts) }];
}

// Internal

const SVG_WIDTH = 920;

interface LineChart extends PageChart {
  readonly file: string;
  readonly height: number;
}

function lineCharts({ points, fits, leastSquares, leastSquaresNoIntercept, diverged }: LineResult): LineChart[] {
  const lines = [leastSquares, ...fits, leastSquaresNoIntercept];
  const data: FitsData = { title: "All fits over the points", x: "x", y: "y", points, fits: lines };
  const differences = { ...data, title: "How far each fit is from least squares", y: "difference in y" };
  const lastStep = Math.max(...fits.map(({ history }) => history.at(-1)?.step ?? 1));
  const curves = [
    // The floor no fit gets below; first as in the scatter, so that each fit has the same colour in both.
    { label: leastSquares.label, history: [1, lastStep].map((step) => ({ step, loss: leastSquares.mse })) },
    ...fits.map(({ label, history }) => ({ label, history })),
    { label: "raw column, rate 0.01", history: diverged.history, diverged: true },
  ];
  return [
    {
      file: "fits",
      title: data.title,
      caption: "The 100 points and every fitted line. The lines agree so well that they cover one another.",
      draw: (look) => scatterFits(data, look),
      height: 460,
    },
    {
      file: "differences",
      title: differences.title,
      caption: "Each fitted line minus the line of least squares: what the first picture cannot show.",
      draw: (look) => fitDifferences(differences, leastSquares, look),
      height: 340,
    },
    {
      file: "loss",
      title: "Loss while training",
      caption:
        "Mean squared error after each epoch, on a logarithmic scale. On the raw column, learning rate 0.01 leaves through the top.",
      draw: (look) => lossCurves({ title: "Loss while training", curves, loss: "mean squared error" }, look),
      height: 440,
    },
  ];
}

function page({ fits, leastSquares, leastSquaresNoIntercept, diverged }: LineResult, charts: LineChart[]): string {
  const rows = [...fits, leastSquares, leastSquaresNoIntercept].map(({ label, slope, intercept, mse }) => [
    label,
    slope,
    intercept,
    mse,
  ]);
  return renderHtml(
    "A line fitted by gradient descent",
    charts,
    [{ title: "Fits", head: ["fit", "slope", "intercept", "MSE"], rows, decimals: 5 }],
    {
      introduction: [
        "100 points around y = 2x, fitted by stochastic, mini-batch and momentum gradient descent on the standardised column, beside least squares in closed form. Slopes and intercepts are in the column's own units.",
        `With learning rate ${diverged.learningRate} on the raw column, ${diverged.reason}.`,
      ],
    },
  );
}
