// The name of a lane's turn, and the job that works in it.
import type { Transaction } from "kysely";
import type { Schema } from "../store/schema.ts";
import type { Means } from "./means.ts";

/** Which lane of which study; only the job of its current turn may work in it. */
export interface LaneRef {
  readonly studyId: string;
  readonly lane: number;
  readonly turn: number;
}

/** Adds the job of a lane's turn, once however often it is asked. */
export async function enqueueLane(
  { queue }: Pick<Means, "queue">,
  transaction: Transaction<Schema>,
  { studyId, lane, turn }: LaneRef,
): Promise<void> {
  const idempotencyKey = laneKey({ studyId, lane, turn });
  await queue.enqueue("trial", { studyId, lane, turn }, { transaction, idempotencyKey });
}

/** The idempotency key of a lane's job. */
export function laneKey({ studyId, lane, turn }: LaneRef): string {
  return `${studyId}:${lane}:${turn}`;
}
