// Alternating least squares against dense solutions by numpy and against the `implicit` package
// (bench/peers/recommend_reference.py), and the properties that every pass must have.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AlsSizes,
  explicitLoss,
  implicitLoss,
  implicitScore,
  solveExplicit,
  solveImplicit,
} from "../../src/recommend/als.ts";
import { addedUp, byItem, byUser, type Sparse } from "../../src/recommend/ratings.ts";
import reference from "../fixtures/recommend.json" with { type: "json" };

const entries = (values: readonly number[]) => ({
  users: Int32Array.from(reference.ratings, ([user]) => user),
  items: Int32Array.from(reference.ratings, ([, item]) => item),
  values: Float64Array.from(values),
});

describe("the vectors after some passes", () => {
  test("of explicit ratings are those that numpy finds by dense ridge regressions", () => {
    const { regularization, mean, start, users, items } = reference.explicit;
    const ratings = entries(reference.ratings.map(([, , value]) => value));
    const [ofUsers, ofItems] = [byUser(ratings, reference.users), byItem(ratings, reference.items)];
    const sizes: AlsSizes = { width: reference.factors + 1, regularization };
    const mine = new Float64Array(reference.users * sizes.width);
    const theirs = Float64Array.from(start.flat());
    for (let pass = 0; pass < reference.passes; pass++) {
      solveExplicit(mine, { others: theirs, ratings: ofUsers, mean, ...sizes });
      solveExplicit(theirs, { others: mine, ratings: ofItems, mean, ...sizes });
    }
    expect(farthest(mine, users.flat())).toBeLessThan(1e-10);
    expect(farthest(theirs, items.flat())).toBeLessThan(1e-10);
  });

  test("of implicit use are those numpy finds over all pairs, and the implicit package in single precision", () => {
    const { regularization, alpha, start, users, items, package: peer } = reference.implicit;
    const counts = entries(reference.counts);
    const [ofUsers, ofItems] = [byUser(counts, reference.users), byItem(counts, reference.items)];
    const sizes: AlsSizes = { width: reference.factors, regularization };
    const mine = new Float64Array(reference.users * sizes.width);
    const theirs = Float64Array.from(start.flat());
    for (let pass = 0; pass < reference.passes; pass++) {
      solveImplicit(mine, { others: theirs, ratings: ofUsers, alpha, ...sizes });
      solveImplicit(theirs, { others: mine, ratings: ofItems, alpha, ...sizes });
    }
    expect(farthest(mine, users.flat())).toBeLessThan(1e-10);
    expect(farthest(theirs, items.flat())).toBeLessThan(1e-10);
    expect(farthest(mine, peer.users.flat())).toBeLessThan(1e-6);
    expect(farthest(theirs, peer.items.flat())).toBeLessThan(1e-6);
  });
});

describe("every half pass", () => {
  const problem = fc.record({
    entries: fc.array(fc.tuple(fc.nat(5), fc.nat(4), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 25 }),
    start: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 }),
    regularization: fc.double({ min: 0.01, max: 2, noNaN: true }),
  });

  test("makes what it minimises no larger", () => {
    fc.assert(
      fc.property(problem, ({ entries: found, start, regularization }) => {
        const ratings = { ...columnsOf(found), values: Float64Array.from(found, ([, , value]) => value) };
        const sum = addedUp(byUser(ratings, 6));
        const [ofUsers, ofItems] = [byUser(ratings, 6), byItem(ratings, 5)];
        const sizes = { width: 3, regularization };
        const items = Float64Array.from(start.slice(0, 15));
        const users = Float64Array.from(start.slice(12, 30));
        const loss = () => explicitLoss(users, { items, ratings: ofUsers, mean: 2, ...sizes });
        const first = loss();
        solveExplicit(users, { others: items, ratings: ofUsers, mean: 2, ...sizes });
        const second = loss();
        solveExplicit(items, { others: users, ratings: ofItems, mean: 2, ...sizes });
        expect(second).toBeLessThanOrEqual(first * (1 + 1e-9));
        expect(loss()).toBeLessThanOrEqual(second * (1 + 1e-9));
        const strength = () => implicitLoss(users, { items, ratings: sum, alpha: 0.5, ...sizes });
        solveImplicit(users, { others: items, ratings: sum, alpha: 0.5, ...sizes });
        const before = strength();
        solveImplicit(users, { others: items, ratings: sum, alpha: 0.5, ...sizes });
        expect(strength()).toBeLessThanOrEqual(before * (1 + 1e-9) + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test("reports the loss over all pairs, chosen or not", () => {
    const counts = entries(reference.counts);
    const ofUsers = byUser(counts, reference.users);
    const { users, items, alpha, regularization } = reference.implicit;
    const both = { users: Float64Array.from(users.flat()), items: Float64Array.from(items.flat()), width: 3 };
    const told = implicitLoss(both.users, { items: both.items, ratings: ofUsers, alpha, width: 3, regularization });
    const squares = [...both.users, ...both.items].reduce((sum, value) => sum + value * value, 0);
    let dense = regularization * squares;
    for (let user = 0; user < reference.users; user++) {
      for (let item = 0; item < reference.items; item++) {
        const strength = strengthOf(ofUsers, user, item);
        const error = (strength > 0 ? 1 : 0) - implicitScore(both, user, item);
        dense += (1 + alpha * strength) * error * error;
      }
    }
    expect(told).toBeCloseTo(dense / reference.counts.length, 10);
  });
});

// Internal

function columnsOf(found: readonly (readonly [number, number, number])[]) {
  return { users: Int32Array.from(found, ([user]) => user), items: Int32Array.from(found, ([, item]) => item) };
}

function strengthOf({ offsets, others, values }: Sparse, user: number, item: number): number {
  for (let e = offsets[user]; e < offsets[user + 1]; e++) if (others[e] === item) return values[e];
  return 0;
}

function farthest(found: ArrayLike<number>, wanted: readonly number[]): number {
  expect(found).toHaveLength(wanted.length);
  return wanted.reduce((most, value, i) => Math.max(most, Math.abs(found[i] - value)), 0);
}
