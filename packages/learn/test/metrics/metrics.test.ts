import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.ts";
import type { Prediction, Table, Target } from "../../src/base/table.ts";
import { confusionMatrix } from "../../src/metrics/confusion.ts";
import { evaluate, METRICS } from "../../src/metrics/evaluate.ts";
import reference from "../fixtures/metrics.json" with { type: "json" };

// Relative; sums are ordered differently from NumPy's.
const TOLERANCE = 1e-12;

function expectFigures(actual: Record<string, number>, expected: Record<string, number>): void {
  for (const [name, value] of Object.entries(expected)) {
    expect(Math.abs(actual[name] - value), `${name}: ${actual[name]} against ${value}`).toBeLessThanOrEqual(
      TOLERANCE * Math.max(Math.abs(value), 1),
    );
  }
}

describe.each(Object.entries(reference.regression))("on scikit-learn's %s regression", (_, example) => {
  it("gives the same figures", () => {
    const target: Target = { kind: "number", name: "y", values: Float64Array.from(example.actual) };
    const prediction: Prediction = { kind: "number", values: Float64Array.from(example.predicted) };
    expectFigures(evaluate("regression", target, prediction), example.expected);
  });
});

describe.each(Object.entries(reference.classification))("on scikit-learn's %s classification", (_, example) => {
  const classes = Array.from({ length: example.classes }, (_, k) => `class ${k}`);
  const codes = Int32Array.from(example.predicted);
  const target: Target = { kind: "class", name: "y", codes: Int32Array.from(example.actual), classes };
  const prediction: Prediction = {
    kind: "class",
    classes,
    codes,
    probabilities: Float64Array.from(example.probabilities),
  };

  it("gives the same figures", () => {
    expectFigures(evaluate("classification", target, prediction), example.expected);
  });

  it("gives the same confusion matrix", () => {
    expect([...confusionMatrix(target.codes, codes, classes).counts]).toEqual(example.confusion);
  });

  it("does not depend on the order in which the target lists its classes", () => {
    const reversed = target.codes.map((code) => classes.length - 1 - code);
    const same: Target = { kind: "class", name: "y", codes: reversed, classes: [...classes].reverse() };
    expect(evaluate("classification", same, prediction)).toEqual(evaluate("classification", target, prediction));
  });
});

describe("evaluate", () => {
  const one: Prediction = {
    kind: "class",
    classes: ["a", "b"],
    codes: Int32Array.of(0, 0),
    probabilities: Float64Array.of(1, 0, 1, 0),
  };

  const points: Table = { rows: 3, columns: [{ kind: "number", name: "x", values: Float64Array.of(0, 1, 9) }] };
  const groups: Prediction = {
    kind: "cluster",
    clusters: 2,
    codes: Int32Array.of(0, 0, 1),
    distances: Float64Array.of(0.5, 9, 0.5, 8, 8.5, 0),
  };

  it("judges clusters by their points alone", () => {
    // Rows 0 and 1: a = 1, b = 9 and 8; row 2 is alone.
    expect(evaluate("clustering", undefined, groups, points)).toEqual({
      inertia: 0.5,
      silhouette: (8 / 9 + 7 / 8 + 0) / 3,
      // Means 0.5 and 9 about 10/3: 289/6 between against 1/2 within.
      calinskiHarabasz: expect.closeTo(289 / 3, 9),
      daviesBouldin: expect.closeTo(0.5 / 8.5, 12),
    });
    expect(evaluate("clustering", undefined, groups)).toEqual({ inertia: 0.5 });
    expect(evaluate("clustering", undefined, { ...groups, codes: new Int32Array(3) }, points)).toEqual({
      inertia: 0.5,
    });
    expect(() => evaluate("clustering", undefined, one)).toThrow(ShapeError);
    expect(() => evaluate("classification", undefined, one)).toThrow(ShapeError);
  });

  it("leaves out what a single class leaves undefined", () => {
    const figures = evaluate(
      "classification",
      { kind: "class", name: "y", codes: Int32Array.of(0, 0), classes: ["a", "b"] },
      one,
    );
    expect(figures).not.toHaveProperty("rocAuc");
    expect(figures).toMatchObject({ accuracy: 1, mcc: 0 });
  });

  it("names every figure it gives in the table, for its task", () => {
    const target: Target = { kind: "class", name: "y", codes: Int32Array.of(0, 1), classes: ["a", "b"] };
    const numbers = Float64Array.of(1, 2);
    const letters = ["a", "b", "c", "d"];
    const many: Prediction = {
      kind: "class",
      classes: letters,
      codes: Int32Array.of(0, 1),
      probabilities: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0),
    };
    const scores = { kind: "number", values: Float64Array.of(-6, -5, -4, -3, -2, -1, 1) } as const;
    const scored = { rows: 7, columns: [{ kind: "number", name: "a", values: scores.values }] } as const;
    const given = [
      ...Object.keys(evaluate("classification", target, one)).map((name) => `classification ${name}`),
      ...Object.keys(evaluate("classification", { ...target, classes: letters }, many))
        .filter((name) => name === "top3Accuracy")
        .map((name) => `classification ${name}`),
      ...Object.keys(
        evaluate("regression", { kind: "number", name: "y", values: numbers }, { kind: "number", values: numbers }),
      ).map((name) => `regression ${name}`),
      ...Object.keys(evaluate("clustering", undefined, groups, points)).map((name) => `clustering ${name}`),
      ...Object.keys(evaluate("outliers", undefined, scores, scored)).map((name) => `outliers ${name}`),
    ];
    expect(given.sort()).toEqual(METRICS.map(({ task, name }) => `${task} ${name}`).sort());
  });

  it("refuses targets and predictions that do not belong together", () => {
    const target: Target = { kind: "class", name: "y", codes: Int32Array.of(0), classes: ["a"] };
    expect(() => evaluate("classification", target, one)).toThrow(ShapeError);
    expect(() => evaluate("regression", target, one)).toThrow(ShapeError);
    const other: Target = { kind: "class", name: "y", codes: Int32Array.of(0, 0), classes: ["c"] };
    expect(() => evaluate("classification", other, one)).toThrow("row 0 is of class c");
  });
});
