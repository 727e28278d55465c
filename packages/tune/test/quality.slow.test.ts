// TPE against random search and against Optuna 5 on all functions there are, by the protocol of Dewancker et al. 2016:
// 80 trials, 30 seeds, one rank test per function at alpha 0.0005; wins and losses are counted over functions.
import { beforeAll, describe, expect, it } from "vitest";
import { bestValues } from "./best-values.ts";
import reference from "./fixtures/optuna.json" with { type: "json" };
import { PROBLEMS } from "./functions.ts";
import { probabilitySmaller } from "./rank-test.ts";

const ALPHA = 0.0005;
const SEEDS = 30;

interface Score {
  wins: string[];
  losses: string[];
}

let ours: number[][];

function score(theirs: readonly (readonly number[])[]): Score {
  const result: Score = { wins: [], losses: [] };
  for (const [i, { name }] of PROBLEMS.entries()) {
    if (probabilitySmaller(rounded(ours[i]), rounded(theirs[i])) < ALPHA) result.wins.push(name);
    if (probabilitySmaller(rounded(theirs[i]), rounded(ours[i])) < ALPHA) result.losses.push(name);
  }
  return result;
}

// The reference has ten digits; ties must stay ties.
function rounded(values: readonly number[]): number[] {
  return values.map((value) => Number(value.toPrecision(10)));
}

describe(`TPE on ${PROBLEMS.length} functions`, () => {
  beforeAll(() => {
    ours = PROBLEMS.map((problem) => bestValues(problem, { name: "tpe" }, SEEDS));
  });

  it("is better than random on most and worse on none", () => {
    const { wins, losses } = score(PROBLEMS.map((problem) => bestValues(problem, { name: "random" }, SEEDS)));
    expect(losses).toEqual([]);
    expect(wins.length).toBeGreaterThan(PROBLEMS.length / 2);
  });

  it("is worse than Optuna's default on none", () => {
    expect(score(reference.functions.map(({ peer }) => peer.default)).losses).toEqual([]);
  });

  it("is not worse than Optuna's former default on more functions than it is better", () => {
    const { wins, losses } = score(reference.functions.map(({ peer }) => peer.independent));
    expect(losses.length).toBeLessThanOrEqual(wins.length);
  });
});
