// Trainings on ranks: whether what is asked for can be, how many cores it takes here, and how a run tells of it.
import { ApiError, type RankHost, type RunRanks } from "@massif/api";
import { createEstimator } from "@massif/learn";
import type { RankFigures } from "../runtime/ranks/rank-protocol.ts";
import type { JsonValue, Row } from "../store/schema.ts";
import { asJson } from "./dataset-resource.ts";
import type { PlannedRun, TrainingPlan } from "./training-plan.ts";

/** What a request says of ranks. */
export interface RanksRequest {
  readonly ranks?: number;
  readonly hosts?: readonly RankHost[];
  readonly split: { readonly kind: string };
  readonly weights?: string;
}

/** How a run is spread, as it is stored. */
export interface StoredRanks {
  readonly count: number;
  readonly hosts: readonly RankHost[] | null;
  readonly figures?: RankFigures;
}

/** More ranks than this per core of this machine only wait for one another. */
const MOST_PER_CORE = 4;

/** What is stored of a request's ranks; undefined without. Throws INVALID_REQUEST and INVALID_PIPELINE. */
export function planRanks(
  { ranks, hosts, split, weights }: RanksRequest,
  { plan, planned, cores }: { plan: TrainingPlan; planned: PlannedRun; cores: number },
): JsonValue | undefined {
  if (ranks === undefined && hosts === undefined) return undefined;
  const slots = hosts?.reduce((sum, host) => sum + host.slots, 0);
  const count = ranks ?? (slots as number);
  if (slots !== undefined && count > slots) {
    throw refused("ranks", count, `${count} ranks do not fit ${hosts?.length} host(s) with ${slots} slot(s) in all`);
  }
  if (slots === undefined && count > MOST_PER_CORE * cores) {
    const most = MOST_PER_CORE * cores;
    throw refused(
      "ranks",
      count,
      `${count} ranks are too many for the ${cores} cores here: at most ${most}, or name hosts`,
    );
  }
  if (split.kind === "folds") {
    throw refused("split", split.kind, "cross-validation takes all rows at once; on ranks hold a part out instead");
  }
  if (weights !== undefined) {
    const problem = `ranks cannot weigh rows; train on one process, or leave \`weights\` ("${weights}") out`;
    throw new ApiError("INVALID_WEIGHTS", problem, { details: [{ field: "weights", value: weights, problem }] });
  }
  const { type } = planned.pipeline.estimator;
  if (createEstimator(type).spec.onRanks !== true) {
    const problem = `${type} cannot be trained on ranks; leave \`ranks\` out, or choose another estimator for ${plan.task}`;
    throw new ApiError("INVALID_PIPELINE", problem, {
      details: [{ field: "candidate.estimator", value: type, problem }],
    });
  }
  return asJson({ count, hosts: hosts ?? null });
}

/** How a run is spread; null: it is one process. */
export function ranksOf({ ranks }: Pick<Row<"runs">, "ranks">): StoredRanks | null {
  return ranks as unknown as StoredRanks | null;
}

/** Cores of this machine that the run takes; undefined: as many as are free. */
export function coresOf(row: Pick<Row<"runs">, "ranks">): number | undefined {
  const ranks = ranksOf(row);
  // On hosts the work is elsewhere; one core is for the process that watches it.
  return ranks === null ? undefined : ranks.hosts === null ? ranks.count : 1;
}

/** A run's ranks as the API shows them. */
export function ranksResource(row: Row<"runs">): RunRanks | null {
  const ranks = ranksOf(row);
  if (ranks === null) return null;
  const { count, hosts, figures } = ranks;
  return {
    count,
    hosts: hosts === null ? null : hosts.map((host) => ({ ...host })),
    rowsPerSecond: figures?.rowsPerSecond ?? null,
    communicationSeconds: figures?.communicationSeconds ?? null,
    library: figures?.library ?? null,
  };
}

// Internal

function refused(field: string, value: unknown, problem: string): ApiError {
  return new ApiError("INVALID_REQUEST", problem, { details: [{ field, value, problem }] });
}
