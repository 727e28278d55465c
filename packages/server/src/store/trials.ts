// The tables `trials` and `trial_reports`: evaluations of a study, and the values they reported on their way. A trial
// goes waiting <-> running -> complete | pruned | failed; who writes has locked the study (see studies.ts).
import type { Executor } from "./database.ts";
import { json, jsonOrNull } from "./json.ts";
import type { JsonObject, Row, TrialState } from "./schema.ts";

/** A trial that begins. */
export interface NewTrial {
  studyId: string;
  number: number;
  params: JsonObject;
  seed: number;
  lane: number;
  revision: number;
  at: Date;
}

/** What of a trial may change. */
export interface TrialChange {
  state?: TrialState;
  value?: number | null;
  metrics?: JsonObject | null;
  reason?: string | null;
  attempts?: number;
  lane?: number | null;
  step?: number;
  total?: number | null;
  unit?: string | null;
  seconds?: number | null;
  revision: number;
  startedAt?: Date;
  finishedAt?: Date | null;
}

/** An intermediate value; null where it was no finite number. */
export interface ReportRow {
  step: number;
  value: number | null;
}

/** Adds a running trial. */
export async function insertTrial(db: Executor, trial: NewTrial): Promise<void> {
  const { studyId, number, params, seed, lane, revision, at } = trial;
  const row = { study_id: studyId, number, params: json(params), seed, lane, revision, started_at: at };
  await db
    .insertInto("trials")
    .values({ ...row, state: "running" })
    .execute();
}

/** Changes a trial. */
export async function changeTrial(
  db: Executor,
  { studyId, number }: { studyId: string; number: number },
  { metrics, startedAt, finishedAt, ...change }: TrialChange,
): Promise<void> {
  const set = {
    ...change,
    metrics: metrics === undefined ? undefined : jsonOrNull(metrics),
    started_at: startedAt,
    finished_at: finishedAt,
  };
  await db.updateTable("trials").set(set).where("study_id", "=", studyId).where("number", "=", number).execute();
}

/** Puts running trials back among the waiting: all of a study, or those of a lane. */
export async function putBackTrials(
  db: Executor,
  { studyId, lane, revision }: { studyId: string; lane?: number; revision: number },
): Promise<void> {
  await db
    .updateTable("trials")
    .set({ state: "waiting", lane: null, revision })
    .where("study_id", "=", studyId)
    .where("state", "=", "running")
    .$if(lane !== undefined, (query) => query.where("lane", "=", lane!))
    .execute();
}

/** The trials of a study by number. */
export function listTrials(
  db: Executor,
  { studyId, from = 0, limit }: { studyId: string; from?: number; limit?: number },
): Promise<Row<"trials">[]> {
  return db
    .selectFrom("trials")
    .selectAll()
    .where("study_id", "=", studyId)
    .where("number", ">=", from)
    .orderBy("number")
    .$if(limit !== undefined, (query) => query.limit(limit!))
    .execute();
}

/** The trials of a study that changed after a revision, by number. */
export function listChangedTrials(
  db: Executor,
  { studyId, after }: { studyId: string; after: number },
): Promise<Row<"trials">[]> {
  return db
    .selectFrom("trials")
    .selectAll()
    .where("study_id", "=", studyId)
    .where("revision", ">", after)
    .orderBy("number")
    .execute();
}

/** One trial. */
export function findTrial(
  db: Executor,
  { studyId, number }: { studyId: string; number: number },
): Promise<Row<"trials"> | undefined> {
  return db
    .selectFrom("trials")
    .selectAll()
    .where("study_id", "=", studyId)
    .where("number", "=", number)
    .executeTakeFirst();
}

/**
 * The waiting trial of the lowest number. One that is running in this very lane, which asks for its next, is no longer:
 * the lane never heard that it had begun.
 */
export function firstWaitingTrial(
  db: Executor,
  { studyId, lane }: { studyId: string; lane: number },
): Promise<Row<"trials"> | undefined> {
  return db
    .selectFrom("trials")
    .selectAll()
    .where("study_id", "=", studyId)
    .where((eb) => eb.or([eb("state", "=", "waiting"), eb.and([eb("state", "=", "running"), eb("lane", "=", lane)])]))
    .orderBy("number")
    .limit(1)
    .executeTakeFirst();
}

/** Whether some process is at a trial of the study. */
export async function hasRunningTrials(db: Executor, studyId: string): Promise<boolean> {
  const row = await db
    .selectFrom("trials")
    .select("number")
    .where("study_id", "=", studyId)
    .where("state", "=", "running")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many trials of each of these studies are in each state, and the steps of all of them. */
export async function countTrials(
  db: Executor,
  studyIds: readonly string[],
): Promise<{ study_id: string; state: TrialState; count: number; steps: number }[]> {
  if (studyIds.length === 0) return [];
  const rows = await db
    .selectFrom("trials")
    .select((eb) => ["study_id", "state", eb.fn.countAll().as("count"), eb.fn.sum("step").as("steps")])
    .where("study_id", "in", studyIds)
    .groupBy(["study_id", "state"])
    .execute();
  return rows.map(({ study_id, state, count, steps }) => ({
    study_id,
    state,
    count: Number(count),
    steps: Number(steps),
  }));
}

/** The complete trial with the best value, the earliest of equals; undefined before there is one. */
export function bestTrial(
  db: Executor,
  { studyId, better }: { studyId: string; better: "higher" | "lower" },
): Promise<Row<"trials"> | undefined> {
  return db
    .selectFrom("trials")
    .selectAll()
    .where("study_id", "=", studyId)
    .where("state", "=", "complete")
    .orderBy("value", better === "higher" ? "desc" : "asc")
    .orderBy("number")
    .limit(1)
    .executeTakeFirst();
}

/** Writes reports of a trial; earlier ones from the first of these steps on are replaced. */
export async function writeReports(
  db: Executor,
  { studyId, number, reports }: { studyId: string; number: number; reports: readonly ReportRow[] },
): Promise<void> {
  if (reports.length === 0) return;
  await db
    .deleteFrom("trial_reports")
    .where("study_id", "=", studyId)
    .where("number", "=", number)
    .where("step", ">=", reports[0].step)
    .execute();
  const rows = reports.map(({ step, value }) => ({ study_id: studyId, number, step, value }));
  await db.insertInto("trial_reports").values(rows).execute();
}

/** The reports of a study's trials from a number on, by trial, each by rising step. */
export async function listReports(
  db: Executor,
  { studyId, from = 0 }: { studyId: string; from?: number },
): Promise<Map<number, ReportRow[]>> {
  const rows = await db
    .selectFrom("trial_reports")
    .select(["number", "step", "value"])
    .where("study_id", "=", studyId)
    .where("number", ">=", from)
    .orderBy("number")
    .orderBy("step")
    .execute();
  const byTrial = new Map<number, ReportRow[]>();
  for (const { number, step, value } of rows) {
    const reports = byTrial.get(number);
    if (reports === undefined) byTrial.set(number, [{ step, value }]);
    else reports.push({ step, value });
  }
  return byTrial;
}
