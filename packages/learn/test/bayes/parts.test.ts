// Naive Bayes learned in parts against all rows at once.
import { describe, expect, it } from "vitest";
import { takeRows, takeTarget } from "../../src/base/take-rows.ts";
import { BernoulliNB, ComplementNB, GaussianNB, MultinomialNB } from "../../src/index.ts";
import { classTargetOf, distance, example } from "../example-data.ts";
import { noKernels } from "../tables.ts";

const wine = example("wine", false);
const target = classTargetOf(wine);
const KINDS = { GaussianNB, MultinomialNB, ComplementNB, BernoulliNB } as const;
const names = ["GaussianNB", "MultinomialNB", "ComplementNB", "BernoulliNB"] as const;

/** The rows are sorted by class, so that the first part has one class only. */
const PARTS = [0, 40, 41, 120, wine.table.rows].flatMap((begin, i, borders) =>
  i + 1 < borders.length ? [Uint32Array.from({ length: borders[i + 1] - begin }, (_, row) => begin + row)] : [],
);
const placeOf = (i: number) => ({ pass: 0, passes: 1, endsPass: i === PARTS.length - 1, share: 1 });

describe.each(names)("%s", (name) => {
  const all = () => new KINDS[name]().fit(wine.table, target, noKernels);
  const learn = async (model: InstanceType<(typeof KINDS)[typeof name]>, from: number) => {
    for (let i = from; i < PARTS.length; i++) {
      const place = Object.assign(Object.create(noKernels), placeOf(i));
      await model.partialFit(takeRows(wine.table, PARTS[i]), takeTarget(target, PARTS[i]), place);
    }
    return model;
  };
  const agree = async (model: InstanceType<(typeof KINDS)[typeof name]>) => {
    const [found, expected] = [model.predict(wine.table), (await all()).predict(wine.table)];
    if (found.kind !== "class" || expected.kind !== "class") throw new Error("a classifier predicts classes");
    expect(distance(found.probabilities, expected.probabilities)).toBeLessThan(1e-9);
  };

  it("learns from parts what it learns from all rows at once", async () => {
    const model = await new KINDS[name]().beginPartial(wine.table, target);
    expect(model.passes()).toBe(1);
    await agree(await learn(model, 0));
  });

  it("goes on from a model that was saved, and leaves that as it was", async () => {
    const rows = PARTS[0];
    const own = { ...takeTarget(target, rows), classes: target.classes };
    const first = await new KINDS[name]().fit(takeRows(wine.table, rows), own, noKernels);
    const before = structuredClone(first.getState());
    const model = new KINDS[name]();
    model.setState(first.getState());
    await agree(await learn(model, 1));
    expect(first.getState()).toEqual(before);
  });

  it("says so where a saved state has nothing to add to", async () => {
    const { tensors, meta } = (await all()).getState();
    const model = new KINDS[name]();
    model.setState({ tensors, meta: { ...meta, resumes: false } });
    expect(model.predict(wine.table).kind).toBe("class");
    await expect(learn(model, 0)).rejects.toThrow("fit it to all rows again");
  });
});
