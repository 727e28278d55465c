import { describe, expect, it } from "vitest";
import {
  averagePrecision,
  calibrationCurve,
  histogram,
  precisionRecallCurve,
  rocCurve,
} from "../../src/metrics/curves.ts";
import reference from "../fixtures/curves.json" with { type: "json" };

// Absolute; all are shares of small counts, or means of at most 300 probabilities.
const TOLERANCE = 1e-12;

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(worst).toBeLessThanOrEqual(TOLERANCE);
}

describe.each(Object.entries(reference.curves))("on scikit-learn's curves of %s", (_, example) => {
  const rows = { scores: Float64Array.from(example.scores), positive: Uint8Array.from(example.positive) };

  it("gives the same ROC curve, and the area under it", () => {
    const curve = rocCurve(rows);
    expect(curve[0]).toEqual({ threshold: Number.POSITIVE_INFINITY, falsePositiveRate: 0, truePositiveRate: 0 });
    const fpr = curve.map((point) => point.falsePositiveRate);
    const tpr = curve.map((point) => point.truePositiveRate);
    expectClose(fpr, example.roc.fpr);
    expectClose(tpr, example.roc.tpr);
    expectClose(
      curve.slice(1).map((point) => point.threshold),
      example.roc.thresholds,
    );
    const area = fpr.reduce((sum, x, i) => (i === 0 ? 0 : sum + ((x - fpr[i - 1]) * (tpr[i] + tpr[i - 1])) / 2), 0);
    expectClose([area], [example.auc]);
  });

  it("gives the same precision-recall curve and average precision", () => {
    const curve = precisionRecallCurve(rows);
    const rising = [...curve].reverse();
    expectClose(
      rising.map((point) => point.precision),
      example.precisionRecall.precision,
    );
    expectClose(
      rising.map((point) => point.recall),
      example.precisionRecall.recall,
    );
    expectClose(
      rising.map((point) => point.threshold),
      example.precisionRecall.thresholds,
    );
    expectClose([averagePrecision(curve)], [example.averagePrecision]);
  });

  it("gives the same calibration curve, and counts every row", () => {
    const curve = calibrationCurve(rows, example.bins);
    expectClose(
      curve.map((bin) => bin.observed),
      example.calibration.observed,
    );
    expectClose(
      curve.map((bin) => bin.predicted),
      example.calibration.predicted,
    );
    expect(curve.reduce((sum, bin) => sum + bin.rows, 0)).toBe(rows.scores.length);
  });
});

describe.each(Object.entries(reference.histograms))("on NumPy's histogram of %s", (_, example) => {
  it("gives the same counts and edges", () => {
    const found = histogram(Float64Array.from(example.values), example.bins);
    expect(found.map(({ count }) => count)).toEqual(example.counts);
    const scale = Math.max(...example.edges.map(Math.abs));
    [...found.map(({ from }) => from), found.at(-1)!.to].forEach((edge, i) => {
      expect(Math.abs(edge - example.edges[i])).toBeLessThanOrEqual(1e-15 * scale * 4);
    });
  });
});

describe("without rows of one kind", () => {
  const scores = Float64Array.of(0.1, 0.9);

  it("has no ROC curve", () => {
    expect(rocCurve({ scores, positive: Uint8Array.of(1, 1) })).toEqual([]);
    expect(rocCurve({ scores, positive: Uint8Array.of(0, 0) })).toEqual([]);
  });

  it("has no precision-recall curve without a positive row", () => {
    expect(precisionRecallCurve({ scores, positive: Uint8Array.of(0, 0) })).toEqual([]);
    expect(averagePrecision([])).toBeNaN();
  });

  it("has no histogram without a value", () => {
    expect(histogram(new Float64Array(0), 5)).toEqual([]);
  });
});
