// All benchmarks, by suite: `npm run bench -- learn`.
import type { BenchCase } from "./case.ts";
import { DATA_CASES } from "./data/import.ts";
import { LEARN_CASES } from "./learn/cases.ts";
import { PREDICT_CASES } from "./learn/predict-cases.ts";
import { TREE_CASES } from "./learn/tree-cases.ts";
import { WIDER_CASES } from "./learn/wider-cases.ts";
import { TUNE_CASES } from "./tune/suggest.ts";

export const CASES: Readonly<Record<string, readonly BenchCase[]>> = {
  learn: [...LEARN_CASES, ...TREE_CASES, ...WIDER_CASES, ...PREDICT_CASES],
  data: DATA_CASES,
  tune: TUNE_CASES,
};
