// Recommending: low-rank ratings found again, real use of packages predicted better than by popularity, and callers who
// name users and items in every way.
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, test } from "vitest";
import { ParamError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import type { NumberColumn, Table, Target } from "../../src/base/table.ts";
import { MatrixFactorization } from "../../src/recommend/matrix-factorization.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

describe("explicit ratings", () => {
  test("of two tastes are predicted where they were held out, far better than by averages", async () => {
    const { train, held } = tastes(4000);
    const model = await new MatrixFactorization({ factors: 4, regularization: 0.02, iterations: 30 }).fit(
      train.table,
      train.target,
      context,
    );
    const averages = await new MatrixFactorization({ factors: 1, regularization: 1000 }).fit(
      train.table,
      train.target,
      context,
    );
    const [found, plain] = [model, averages].map((each) => rmse(each.predict(held.table), held.target));
    expect(found).toBeLessThan(0.15);
    expect(plain).toBeGreaterThan(0.9);
  });

  test("recommend what the user's own taste likes, without what the user has, best first", async () => {
    const { train, likes } = tastes(4000);
    const options = { factors: 4, regularization: 0.02, iterations: 30 };
    const model = await new MatrixFactorization(options).fit(train.table, train.target, context);
    for (const user of [0, 1, 2, 3]) {
      const { known, items } = model.recommend(user, 5);
      expect(known).toBe(true);
      const scores = items.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      const seen = seenBy(train.table, user);
      for (const { item, score } of items) {
        expect(seen.has(item as number)).toBe(false);
        expect(Math.abs(score - likes(user, item as number))).toBeLessThan(0.6);
      }
      const withSeen = model.recommend(user, 50, { excludeSeen: false }).items.map(({ item }) => item);
      expect(withSeen.some((item) => seen.has(item as number))).toBe(true);
    }
  });

  test("are not refused for users nobody knows, for whom the best for all are given", async () => {
    const { train } = tastes(500);
    const model = await new MatrixFactorization({ factors: 2 }).fit(train.table, train.target, context);
    const [byNumber, byText] = [model.recommend(-7, 3), model.recommend("nobody", 3)];
    expect(byNumber).toEqual(byText);
    expect(byNumber.known).toBe(false);
    expect(byNumber.items).toHaveLength(3);
    expect(model.recommend("3", 3)).toEqual(model.recommend(3, 3));
    expect(model.recommend(3, 0).items).toEqual([]);
  });
});

describe("implicit use", () => {
  test("of packages by their owners is predicted better than by popularity (one of each owner's held out)", async () => {
    const uses = readUses();
    const params = { feedback: "implicit", factors: 16, alpha: 1, regularization: 3 } as const;
    let [found, popular, all] = [0, 0, 0];
    for (const seed of [1, 2, 3]) {
      const held = oneOfEach(uses, seed);
      const rest = uses.filter((one) => !held.includes(one));
      const { table, target } = tableOf(rest, uses);
      const model = await new MatrixFactorization(params).fit(table, target, context);
      for (const { user, item } of held) {
        const best = model.recommend(user, 10).items;
        if (best.some((one) => one.item === item)) found++;
        if (mostPopular(rest, user).includes(item)) popular++;
        all++;
      }
    }
    expect(found / all).toBeGreaterThan(0.5);
    expect(found).toBeGreaterThan(1.3 * popular);
  });

  test("added up over rows is the same as given at once, and what was used 0 times is no choice", async () => {
    const twice = [use("a", "x", 1), use("a", "x", 2), use("b", "y", 1), use("b", "x", 1), use("c", "y", 0)];
    const once = [use("a", "x", 3), use("b", "x", 1), use("b", "y", 1), use("c", "y", 0)];
    const fit = async (uses: Use[]) => {
      const { table, target } = tableOf(uses, twice);
      return new MatrixFactorization({ feedback: "implicit", factors: 2 }).fit(table, target, context);
    };
    const [first, second] = [await fit(twice), await fit(once)];
    expect(first.recommend("b", 2, { excludeSeen: false })).toEqual(second.recommend("b", 2, { excludeSeen: false }));
    expect(first.recommend("c", 2).known).toBe(false);
  });

  test("below zero is refused by row", async () => {
    const { table, target } = tableOf([use("a", "x", 1), use("b", "x", -2)]);
    const fit = new MatrixFactorization({ feedback: "implicit" }).fit(table, target, context);
    await expect(fit).rejects.toThrow('row 1 of the target "uses" is -2; implicit feedback counts use, from 0 up');
  });
});

describe("the columns of users and items", () => {
  test("are found by name wherever they stand, and named when they are not there", async () => {
    const { table, target } = tableOf([use("a", "x", 1), use("b", "x", 2), use("b", "y", 3)]);
    const turned = { ...table, columns: [...table.columns].reverse() };
    const model = await new MatrixFactorization({ user: "owner" }).fit(turned, target, context);
    expect(model.columns).toEqual({ user: "owner", item: "package" });
    const absent = new MatrixFactorization({ item: "film" }).fit(table, target, context);
    await expect(absent).rejects.toThrow(ParamError);
    await expect(absent).rejects.toThrow('there is no column "film"; there are owner, package');
    const alone = new MatrixFactorization().fit({ rows: 3, columns: table.columns.slice(1) }, target, context);
    await expect(alone).rejects.toThrow("a column of users and another of items");
  });
});

// Internal

interface Use {
  readonly user: string;
  readonly item: string;
  readonly uses: number;
}

function use(user: string, item: string, uses: number): Use {
  return { user, item, uses };
}

/** Ratings 3 + user·item + noise over 60 users and 50 items, both with vectors of two components. */
function tastes(count: number) {
  const random = new Random(3);
  const vectors = Array.from({ length: 110 }, () => [random.normal(), random.normal()]);
  const likes = (user: number, item: number) => {
    const [u, i] = [vectors[user], vectors[60 + item]];
    return 3 + u[0] * i[0] + u[1] * i[1];
  };
  const rows = Array.from({ length: count }, () => [random.below(60), random.below(50)]);
  const part = (chosen: number[][]) => ({
    table: {
      rows: chosen.length,
      columns: [
        { kind: "number", name: "user", values: Float64Array.from(chosen, ([user]) => user) },
        { kind: "number", name: "item", values: Float64Array.from(chosen, ([, item]) => item) },
      ],
    } satisfies Table,
    target: {
      kind: "number",
      name: "rating",
      values: Float64Array.from(chosen, ([user, item]) => likes(user, item) + 0.1 * random.normal()),
    } satisfies Target,
  });
  const cut = Math.floor(count / 4);
  return { train: part(rows.slice(cut)), held: part(rows.slice(0, cut)), likes };
}

function seenBy(table: Table, user: number): Set<number> {
  const [users, items] = table.columns as readonly NumberColumn[];
  return new Set([...items.values].filter((_, row) => users.values[row] === user));
}

function rmse(prediction: ReturnType<MatrixFactorization["predict"]>, target: Target): number {
  if (prediction.kind !== "number" || target.kind !== "number") throw new Error("ratings are numbers");
  const { values } = target;
  return Math.sqrt(prediction.values.reduce((sum, value, i) => sum + (value - values[i]) ** 2, 0) / values.length);
}

function readUses(): Use[] {
  const text = readFileSync(new URL("../../../../examples/data/npm_tools.csv", import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .map(([user, item, uses]) => use(user, item, Number(uses)));
}

/** A use of each owner that has more than four, drawn. */
function oneOfEach(uses: readonly Use[], seed: number): Use[] {
  const random = new Random(seed);
  const owners = [...new Set(uses.map(({ user }) => user))];
  return owners.flatMap((owner) => {
    const own = uses.filter(({ user }) => user === owner);
    return own.length > 4 ? [own[random.below(own.length)]] : [];
  });
}

function mostPopular(uses: readonly Use[], owner: string): string[] {
  const owns = new Set(uses.filter(({ user }) => user === owner).map(({ item }) => item));
  const counts = new Map<string, number>();
  for (const { item } of uses) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts]
    .filter(([item]) => !owns.has(item))
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([item]) => item);
}

function tableOf(uses: readonly Use[], all: readonly Use[] = uses): { table: Table; target: Target } {
  const column = (name: string, key: "user" | "item") => {
    const categories = [...new Set(all.map((one) => one[key]))].sort();
    const codes = Int32Array.from(uses, (one) => categories.indexOf(one[key]));
    return { kind: "category", name, codes, categories } as const;
  };
  return {
    table: { rows: uses.length, columns: [column("owner", "user"), column("package", "item")] },
    target: { kind: "number", name: "uses", values: Float64Array.from(uses, ({ uses: count }) => count) },
  };
}
