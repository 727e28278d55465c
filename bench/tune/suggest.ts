// Seconds per suggestion among many finished trials, Optuna's known weak spot (its issue 3048): 12 mixed parameters.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type Params, Study, type StudySnapshot } from "@massif/tune";
import type { BenchCase } from "../case.ts";

const ASKED = 10;

const SPACE = {
  ...Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`x${i}`, { type: "float" as const, min: -5, max: 10 }] as const),
  ),
  rounds: { type: "int", min: 1, max: 500, log: true },
  depth: { type: "int", min: 2, max: 32 },
  kind: { type: "categorical", choices: ["a", "b", "c"] },
} as const;

export const TUNE_CASES: readonly BenchCase[] = [100, 1000, 10_000].map((trials) => ({
  name: `suggest-${trials}`,
  title: `one suggestion of multivariate TPE among ${trials} trials, 12 mixed parameters (seconds are of ${ASKED})`,
  peer: "optuna",
  target: 0.5,
  quality: "mean value",
  rounds: 3,
  async prepare(cache) {
    const finished = randomTrials(trials);
    const file = path.join(cache, `tune-${trials}.json`);
    writeFileSync(file, JSON.stringify(finished.trials.map(({ params, value }) => ({ params, value }))));
    return {
      peerInput: { trials: file, asked: ASKED },
      // Suggesting is single-threaded on both sides.
      async ours() {
        const study = Study.fromJSON({ ...finished, sampler: { name: "tpe" } });
        const started = performance.now();
        const values: number[] = [];
        for (let i = 0; i < ASKED; i++) {
          const { number, params } = study.ask()!;
          values.push(objective(params));
          study.tell(number, { value: values[i] });
        }
        const seconds = (performance.now() - started) / 1000;
        return { seconds, quality: values.reduce((sum, value) => sum + value, 0) / ASKED };
      },
    };
  },
}));

// Internal

function randomTrials(count: number): StudySnapshot {
  const study = new Study({ space: SPACE, seed: 20261123, sampler: { name: "random" } });
  for (let i = 0; i < count; i++) {
    const { number, params } = study.ask()!;
    study.tell(number, { value: objective(params) });
  }
  return study.toJSON();
}

/** The same in `bench/peers/serve.py`. */
function objective(params: Params): number {
  let sum = params.kind === "b" ? 0 : 1;
  for (let i = 0; i < 9; i++) sum += ((params[`x${i}`] as number) - 1) ** 2;
  return sum + Math.log((params.rounds as number) / 30) ** 2 + 0.1 * ((params.depth as number) - 7) ** 2;
}
