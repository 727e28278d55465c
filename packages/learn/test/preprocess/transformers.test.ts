// Powers, quantiles, polynomials, splines and encoders against scikit-learn (bench/peers/transformers_reference.py).
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalQuantile } from "../../src/base/normal-quantile.ts";
import {
  Binarizer,
  CountEncoder,
  CyclicFeatures,
  fitPipeline,
  MissingIndicator,
  Normalizer,
  PolynomialFeatures,
  PowerTransformer,
  QuantileTransformer,
  SplineTransformer,
  type Table,
  TargetEncoder,
  type Transformer,
} from "../../src/index.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/transformers.json" with { type: "json" };
import { classData, regressionData } from "../mixed-data.ts";
import { categories, noKernels, numbers, table } from "../tables.ts";

const { columns: reference, encoders } = fixture;

function valuesOf({ columns }: Table): Float64Array[] {
  return columns.map((column) => {
    if (column.kind !== "number") throw new Error(`${column.name} is no number column`);
    return column.values;
  });
}

const NAMES = ["alcohol", "malic_acid", "color_intensity", "proline"];
const all = example("wine", false).table;
const wine = { rows: all.rows, columns: NAMES.map((name) => all.columns.find((column) => column.name === name)!) };
const centred = table(
  ...valuesOf(wine).map((values, i) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return numbers(
      ["a", "b", "c", "d"][i],
      [...values].map((value) => value - mean),
    );
  }),
);

async function made(transformer: Transformer, train: Table, shown = train, step = 25): Promise<number[][]> {
  await transformer.fit(train, undefined, noKernels);
  return valuesOf(transformer.transform(shown)).map((values) => [...values].filter((_, row) => row % step === 0));
}

function expectClose(actual: readonly number[][], expected: readonly number[][], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((values, i) => void expect(distance(values, expected[i])).toBeLessThan(tolerance));
}

describe("PowerTransformer", () => {
  it.each([
    ["yeoJohnson", centred],
    ["boxCox", wine],
  ] as const)("finds scikit-learn's powers by %s to 1e-6", async (method, data) => {
    const transformer = new PowerTransformer({ method });
    expectClose(await made(transformer, data), reference.powers[method].columns, 1e-6);
    expect(distance(transformer.powers, reference.powers[method].powers)).toBeLessThan(1e-6);
  });

  it("refuses boxCox of numbers that are not above 0, and makes later ones missing", async () => {
    const boxCox = new PowerTransformer({ method: "boxCox" });
    await expect(boxCox.fit(table(numbers("x", [1, 0])), undefined, noKernels)).rejects.toThrow('row 1 of "x" is 0');
    await boxCox.fit(table(numbers("x", [1, 2, 4])), undefined, noKernels);
    expect(valuesOf(boxCox.transform(table(numbers("x", [-1]))))[0][0]).toBeNaN();
  });

  it("keeps the order of values, and the finite finite", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 2 }), async (values) => {
        const sorted = table(
          numbers(
            "x",
            values.sort((a, b) => a - b),
          ),
        );
        const [bent] = await made(new PowerTransformer(), sorted, sorted, 1);
        expect(bent.every(Number.isFinite)).toBe(true);
        for (let i = 1; i < bent.length; i++) expect(bent[i]).toBeGreaterThanOrEqual(bent[i - 1]);
      }),
      { numRuns: 50 },
    ));
});

describe("QuantileTransformer", () => {
  it.each(["uniform", "normal"] as const)("agrees with scikit-learn on %s output to 1e-8", async (output) => {
    expectClose(
      await made(new QuantileTransformer({ quantiles: 50, output }), wine),
      reference.quantiles[output],
      1e-8,
    );
  });

  it("has normal quantiles of 14 digits", () => {
    // From SciPy: ndtri.
    const known = [
      [0.5, 0],
      [0.975, 1.959963984540054],
      [1e-3, -3.090232306167813],
      [1e-20, -9.26234008979841],
    ];
    for (const [share, value] of known) expect(Math.abs(normalQuantile(share) - value)).toBeLessThan(1e-14);
  });
});

describe("products, curves and sizes", () => {
  it.each([
    ["all", { degree: 3, includeBias: true }],
    ["distinct", { degree: 3, interactionOnly: true, includeBias: true }],
  ] as const)("PolynomialFeatures names and multiplies %s products as scikit-learn", async (name, params) => {
    const renamed = table(...valuesOf(wine).map((values, i) => numbers(["a", "b", "c", "d"][i], [...values])));
    const polynomial = new PolynomialFeatures(params);
    expectClose(await made(polynomial, renamed, renamed, 60), reference.polynomials[name].columns, 1e-12);
    expect(polynomial.outputs().map((output) => output.name)).toEqual(reference.polynomials[name].names);
  });

  it("PolynomialFeatures refuses to make more columns than memory holds", async () => {
    const wide = table(...Array.from({ length: 300 }, (_, i) => numbers(`c${i}`, [1])));
    await expect(new PolynomialFeatures().fit(wide, undefined, noKernels)).rejects.toThrow("45450 columns");
  });

  it.each([
    ["uniform", {}],
    ["quantile", { placing: "quantile", knots: 7, degree: 2, includeBias: false }],
  ] as const)("SplineTransformer agrees on %s knots to 1e-10, beyond the training range too", async (name, params) => {
    const train = table(...valuesOf(wine).map((values, i) => numbers(NAMES[i], [...values.subarray(0, 120)])));
    expectClose(await made(new SplineTransformer(params), train, wine, 40), reference.splines[name], 1e-10);
  });

  it("splines sum to 1", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), async (values) => {
        for (const placing of ["uniform", "quantile"] as const) {
          const data = table(numbers("x", values));
          const curves = await made(new SplineTransformer({ placing }), data, data, 1);
          for (let row = 0; row < values.length; row++) {
            const sum = curves.reduce((total, curve) => total + curve[row], 0);
            if (new Set(values).size > 1) expect(sum).toBeCloseTo(1, 9);
            else expect(Number.isFinite(sum)).toBe(true);
          }
        }
      }),
      { numRuns: 30 },
    ));

  it.each(["l1", "l2", "max"] as const)("Normalizer agrees on %s to 1e-12", async (norm) => {
    expectClose(await made(new Normalizer({ norm }), centred, centred, 30), reference.norms[norm], 1e-12);
  });

  it("Normalizer leaves a row of zeros, and what is missing", async () => {
    const data = table(numbers("a", [0, 3]), numbers("b", [0, null]), numbers("c", [0, 4]));
    expect(await made(new Normalizer(), data, data, 1)).toEqual([
      [0, 0.6],
      [0, Number.NaN],
      [0, 0.8],
    ]);
  });

  it("Binarizer, CyclicFeatures and MissingIndicator do what they say", async () => {
    const data = table(numbers("x", [0, 6, 12, null]), categories("c", ["a", null, "b", "a"]));
    const x = { rows: 4, columns: data.columns.slice(0, 1) };
    expect(await made(new Binarizer({ threshold: 6 }), x, x, 1)).toEqual([[0, 0, 1, Number.NaN]]);
    const circle = await made(new CyclicFeatures(), x, x, 1);
    expectClose(
      circle.map((values) => values.slice(0, 3)),
      [
        [0, 1, 0],
        [1, 0, -1],
      ],
      1e-12,
    );
    const flags = await new MissingIndicator().fit(data, undefined, noKernels);
    expect(flags.outputs().map(({ name }) => name)).toEqual(["x", "c", "x was missing", "c was missing"]);
    expect(valuesOf({ rows: 4, columns: flags.transform(data).columns.slice(2) }).map((own) => [...own])).toEqual([
      [0, 0, 0, 1],
      [0, 1, 0, 0],
    ]);
  });
});

describe("TargetEncoder", () => {
  const stones = regressionData("diamonds", "price", 2000).whole;
  const birds = classData("penguins", "species").whole;
  const mass = birds.table.columns.find(({ name }) => name === "body_mass_g")!;
  if (mass.kind !== "number") throw new Error("a mass is a number");
  const heavy = {
    kind: "class",
    name: "heavy",
    codes: Int32Array.from(mass.values, (value) => (value > 4200 ? 1 : 0)),
    classes: ["no", "yes"],
  } as const;
  const cases = [
    ["number", stones.table, stones.target, ["cut", "clarity"]],
    ["classes", birds.table, birds.target, ["island", "sex"]],
    ["twoClasses", birds.table, heavy, ["island", "sex"]],
  ] as const;

  it.each(cases)("agrees with scikit-learn on a target of kind %s to 1e-9", async (name, data, target, features) => {
    const picked = { rows: data.rows, columns: features.map((each) => data.columns.find((c) => c.name === each)!) };
    for (const [smooth, smoothing] of [
      ["auto", null],
      ["10.0", 10],
    ] as const) {
      const { categories: known, encodings } = encoders[`${name}-${smooth}`];
      const encoder = await new TargetEncoder({ smoothing, missing: "own" }).fit(picked, target, noKernels);
      const width = encoder.outputs().length / 2;
      known.forEach((values, i) => {
        const labels = values.map((value) => (value === "NA" ? null : value));
        const asked = features.map((each) => categories(each, labels, known[i]));
        const shown = valuesOf(encoder.transform(table(...asked))).slice(i * width, (i + 1) * width);
        shown.forEach((own, k) => void expect(distance(own, encodings[i * width + k])).toBeLessThan(1e-9));
      });
    }
  });

  it("encodes each training row by rows of other folds", async () => {
    // Every row has a category of its own: what it shows can only be its own target.
    const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const data = table(categories("id", names));
    const target = { kind: "number", name: "y", values: Float64Array.from(names, (_, i) => i) } as const;
    const encoder = new TargetEncoder({ smoothing: 0 });
    const train = valuesOf(await encoder.fitTransform(data, target, noKernels))[0];
    expect(distance(valuesOf(encoder.transform(data))[0], target.values)).toBe(0);
    const means = new Set([...train].map((value) => value.toFixed(6)));
    expect(means.size).toBe(5);
    expect([...train].every((value) => Math.abs(value - 19.5) < 4)).toBe(true);
  });

  it("is used out of fold by a pipeline in training and in full afterwards", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `c${i % 30}`);
    const data = table(categories("id", names));
    const values = Float64Array.from(names, (_, i) => ((i * 37) % 60) - 30);
    const target = { kind: "number", name: "y", values } as const;
    const spec = { steps: [{ type: "TargetEncoder" }], estimator: { type: "DecisionTreeRegressor" } };
    const runtime = createRuntime({ threads: 1 });
    const fitted = await fitPipeline(spec, { table: data, target }, { runtime, seed: 1, report: async () => {} });
    runtime.close();
    const full = valuesOf(await new TargetEncoder().fit(data, target, noKernels).then((e) => e.transform(data)));
    expect([...valuesOf(fitted.transform(data))[0]]).toEqual([...full[0]]);
  });
});

describe("CountEncoder", () => {
  const data = table(categories("c", ["a", "b", "a", null, "c", "a"]));
  const seen = table(categories("c", ["a", "b", null, "z"]));
  it.each([
    ["share", "zero", [0.5, 1 / 6, 0, 0]],
    ["count", "count", [3, 1, 1, 1]],
    ["log", "zero", [Math.log(4), Math.log(2), 0, 0]],
  ] as const)("gives each category's %s", async (as, missing, expected) => {
    expect(distance((await made(new CountEncoder({ as, missing }), data, seen, 1))[0], expected)).toBeLessThan(1e-15);
  });
});
