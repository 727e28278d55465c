// Whether the best run of a comparison is better than the others by more than chance, where all were cross-validated on
// the same folds: the corrected resampled t-test, all p-values raised together by Holm's steps.
import type { LeaderboardEntry, Metrics, Split } from "@massif/api";
import { correctedTTest, holmAdjusted } from "@massif/learn";
import type { Row } from "../store/schema.ts";

/** By run: the mean difference of the ranking metric to the first of `rows`, and how likely chance alone gives it. */
export function foldDifferences(
  rows: readonly Row<"runs">[],
  metric: string,
): ReadonlyMap<string, NonNullable<LeaderboardEntry["difference"]>> {
  const [best, ...others] = rows;
  const first = best === undefined ? undefined : foldsOf(best, metric);
  if (first === undefined) return new Map();
  const tested = others.flatMap((row) => {
    const own = foldsOf(row, metric);
    if (own === undefined || own.length !== first.length) return [];
    const differences = own.map((value, fold) => value - first[fold]);
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const { folds } = row.split as unknown as FoldSplit;
    return [{ id: row.id, mean, p: correctedTTest(differences, { testShare: 1 / (folds - 1) }).p }];
  });
  const adjusted = holmAdjusted(tested.map(({ p }) => p));
  return new Map(tested.map(({ id, mean }, i) => [id, { mean, p: adjusted[i] }]));
}

// Internal

type FoldSplit = Extract<Split, { kind: "folds" }>;

/** The metric of each fold; undefined where there are no folds that the test allows: in time order they differ in size. */
function foldsOf({ chart, split }: Row<"runs">, metric: string): number[] | undefined {
  const how = split as unknown as Split;
  const folds = (chart as { folds?: Metrics[] | null } | null)?.folds ?? null;
  if (folds === null || how.kind !== "folds" || how.time !== undefined) return undefined;
  const values = folds.map((figures) => figures[metric]);
  return values.every((value) => typeof value === "number" && Number.isFinite(value)) ? values : undefined;
}
