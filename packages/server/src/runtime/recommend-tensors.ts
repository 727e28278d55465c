// Recommendations travel to a replica and back as tensors, on the way that foreign models have: `user` (BYTES), `k`
// (INT64) and `excludeSeen` (BOOL) in; `items` (BYTES), `scores` (FP64) and `known` (BOOL) out.
import type { Recommendations, Recommender } from "@massif/learn";
import type { NamedTensor, TensorAnswer } from "./replica.ts";

/** What is asked. */
export interface RecommendAsk {
  readonly user: string | number;
  readonly k: number;
  readonly excludeSeen: boolean;
}

/** The question as tensors. */
export function recommendInputs({ user, k, excludeSeen }: RecommendAsk): NamedTensor[] {
  return [
    { name: "user", datatype: "BYTES", shape: [1], data: [String(user)] },
    { name: "k", datatype: "INT64", shape: [1], data: BigInt64Array.of(BigInt(k)) },
    { name: "excludeSeen", datatype: "BOOL", shape: [1], data: Uint8Array.of(excludeSeen ? 1 : 0) },
  ];
}

/** The answer out of its tensors; `number` when items are numbers. */
export function recommendOutputs(
  [items, scores, known]: readonly NamedTensor[],
  { number }: { number: boolean },
): Recommendations {
  const values = scores.data as Float64Array;
  return {
    known: (known.data as Uint8Array)[0] === 1,
    items: (items.data as readonly string[]).map((item, i) => ({
      item: number ? Number(item) : item,
      score: values[i],
    })),
  };
}

/** Answers a question; throws for a model that recommends nothing. */
export function answerRecommend(recommender: Recommender | undefined, inputs: readonly NamedTensor[]): TensorAnswer {
  if (recommender === undefined) throw new Error("this model takes rows, not tensors");
  const started = performance.now();
  const [user, k, excludeSeen] = inputs.map(({ data }) => (data as ArrayLike<string | bigint | number>)[0]);
  const options = { excludeSeen: excludeSeen === 1 };
  const { known, items } = recommender.recommend(user as string, Number(k), options);
  const shape = [items.length];
  return {
    ok: true,
    outputs: [
      { name: "items", datatype: "BYTES", shape, data: items.map(({ item }) => String(item)) },
      { name: "scores", datatype: "FP64", shape, data: Float64Array.from(items, ({ score }) => score) },
      { name: "known", datatype: "BOOL", shape: [1], data: Uint8Array.of(known ? 1 : 0) },
    ],
    cpuSeconds: (performance.now() - started) / 1000,
  };
}
