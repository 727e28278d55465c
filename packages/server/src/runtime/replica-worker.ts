// The entry of a thread or process that holds one of our models: loads it, tries it, says how fast it is, answers rows.
import { stat } from "node:fs/promises";
import type { Predictor, Recommender, Row } from "@massif/learn";
import { hostModel } from "./model-host.ts";
import { answerRows, loadServed, measureMicros } from "./model-predictor.ts";
import { answerRecommend } from "./recommend-tensors.ts";
import type { ModelLoad } from "./worker-replica.ts";

let predictor: Predictor;
let recommender: Recommender | undefined;

hostModel({
  async load(load) {
    const { path, sha256, example, measure } = load as ModelLoad;
    ({ predictor, recommender } = await loadServed(path, sha256));
    const tried = answerRows(predictor, [example]);
    if (!tried.ok) throw new Error(tried.problems[0].problem);
    const predictMicros = measure ? measureMicros(predictor, [example as Row]) : 0;
    return { predictMicros, bytes: (await stat(path)).size };
  },
  predict: (rows) => answerRows(predictor, rows),
  infer: (inputs) => answerRecommend(recommender, inputs),
});
