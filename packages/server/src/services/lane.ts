// A lane: a place of a study in which trials are done, one after the other, by one process at a time. It asks and tells
// the study in transactions that lock its row, so that any number of lanes, in any number of servers and workers, share
// one study. What a lane holds in memory may be lost at any moment: its trial is then waiting, and done again.
import type { ApiError, PipelineSpec } from "@massif/api";
import type { Outcome, Study } from "@massif/tune";
import type { Transaction } from "kysely";
import { type DeathKind, TaskDied, TaskFailed } from "../runtime/task-error.ts";
import { NOTHING_USED, type TaskProblem, type TaskUsage } from "../runtime/task-protocol.ts";
import type { TaskQuestion, TrialEnd, TrialOrder, TrialReport, TrialTask } from "../runtime/trial-protocol.ts";
import { findDatasetVersion } from "../store/dataset-versions.ts";
import type { Row, Schema } from "../store/schema.ts";
import { changeStudy, lockStudy, type StudyChange } from "../store/studies.ts";
import {
  changeTrial,
  findTrial,
  firstWaitingTrial,
  hasRunningTrials,
  insertTrial,
  putBackTrials,
  type TrialChange,
  writeReports,
} from "../store/trials.ts";
import { applyReports, type Current } from "./current-trial.ts";
import { toApiError } from "./failures.ts";
import { enqueueLane, type LaneRef } from "./lane-ref.ts";
import type { Means } from "./means.ts";
import { persist } from "./persist.ts";
import { endStudy } from "./study-end.ts";
import { withParams } from "./study-plan.ts";
import type { StudyStates } from "./study-state.ts";
import type { UsageLog } from "./usage-log.ts";

/** What lanes work with. */
export interface LaneMeans {
  readonly means: Pick<Means, "store" | "blobs" | "queue" | "bell" | "clock" | "log" | "limits">;
  readonly usage: UsageLog;
  readonly states: StudyStates;
}

/** What a lane does at the end of a trial: goes on, lets others have its cores, or hands over to a new job. */
export type Way = "on" | "yield" | "hand over";

/** How often processes may die over one trial before it counts as failed. */
const MOST_DEATHS = 3;
/** How often one trial may begin altogether, deaths of whole servers included. */
const MOST_ATTEMPTS = 10;
/** Reports are written this often, or with the end of the trial; lost ones are reported again by the next attempt. */
const FLUSH_MS = 1000;

/** One session after the other, each a process; make a new lane for each job. */
export class Lane {
  readonly #ref: LaneRef;
  readonly #parts: LaneMeans;
  #current: Current | undefined;
  /** What of the process's usage has been written. */
  #metered: TaskUsage = NOTHING_USED;
  #used: TaskUsage = NOTHING_USED;
  #over = false;
  #limit = Number.POSITIVE_INFINITY;
  #owner: { readonly projectId: string; readonly keyId: string | null } | undefined;

  constructor(ref: LaneRef, parts: LaneMeans) {
    this.#ref = ref;
    this.#parts = parts;
  }

  /** Whether there is nothing left to do in this lane for this job. */
  get over(): boolean {
    return this.#over;
  }

  /** Who pays; undefined before a session was opened. */
  get owner(): { readonly projectId: string; readonly keyId: string | null } | undefined {
    return this.#owner;
  }

  /** What the session used that is not written yet. */
  get unwritten(): TaskUsage {
    return difference(this.#used, this.#metered);
  }

  /** When the trial that was handed out last must be stopped, in milliseconds since 1970. */
  get limit(): number {
    return this.#limit;
  }

  /** Begins a session: what a process is told; undefined when the lane's turn is over. */
  async open(): Promise<TrialTask | undefined> {
    const { store, blobs } = this.#parts.means;
    const { studyId, lane } = this.#ref;
    [this.#current, this.#metered, this.#used] = [undefined, NOTHING_USED, NOTHING_USED];
    const row = await this.#locked(async (step) => {
      // Left behind by an attempt of this job that is dead, or will find out that it is late.
      await putBackTrials(step.tx, { studyId, lane, revision: step.row.revision + 1 });
      return step.row;
    });
    if (row === undefined) return undefined;
    this.#owner = { projectId: row.project_id, keyId: row.key_id };
    const version = await findDatasetVersion(store.db, { projectId: row.project_id, id: row.dataset_version_id });
    return taskOf(row, await blobs.path(version?.blob ?? ""));
  }

  /** Answers the process; `way` is asked at the end of a trial. */
  answer(question: TaskQuestion, usage: TaskUsage, way: () => Way): Promise<TrialOrder | null | "continue" | "stop"> {
    this.#used = usage;
    return question.kind === "next" ? this.#next(question.ended, way()) : this.#report(question.report);
  }

  /** Writes down how a session ended that did not end by itself; false when that is not for the lane to judge. */
  async settle(error: unknown, late: boolean): Promise<boolean> {
    if (error instanceof TaskFailed) return this.#fail(error);
    if (!(error instanceof TaskDied)) return false;
    this.#used = { ...this.#used, ...error.usage };
    const current = this.#current;
    await this.#locked(async (step) => {
      if (current === undefined || (await this.#hold(step.tx, current)) !== "mine") return;
      const kind = late ? "timeout" : error.kind;
      await this.#meter(step, current);
      if (isWaiting(kind, current.attempt, this.#isPast(step.row))) {
        const attempts = kind === "stopping" ? current.attempt - 1 : current.attempt;
        await this.#change(step, current.number, { state: "waiting", lane: null, attempts });
      } else {
        const limit = `took longer than the ${this.#parts.means.limits.trainMs / 1000} s that one trial may take`;
        const reason = kind === "timeout" ? limit : `its process ${error.message}`;
        await this.#tell(step, current, { outcome: { state: "failed", reason } });
      }
      if (this.#isPast(step.row)) await this.#endIfDone(step);
    });
    return true;
  }

  /** Ends the study as failed because whatever works in this lane keeps dying; it can be resumed. */
  async giveUp(reason: string): Promise<void> {
    await this.#failStudy({ code: "INTERRUPTED", message: `gave up after several attempts: ${reason}` });
  }

  /** Ends the study as failed in the middle of a session, for a reason that is none of its trials'. */
  async breakOff({ code, message }: ApiError): Promise<void> {
    await this.#failStudy({ code, message });
    this.#current = undefined;
    this.#over = true;
  }

  // Internal

  async #next(ended: TrialEnd | null, way: Way): Promise<TrialOrder | null> {
    const order = await this.#locked(async (step) => {
      const { row } = step;
      const current = this.#current;
      this.#current = undefined;
      if (current !== undefined && ended?.number === current.number) {
        const held = await this.#hold(step.tx, current);
        if (held === "lost") return undefined;
        if (held === "mine") {
          await this.#meter(step, current);
          await this.#tell(step, current, this.#resultOf(ended, row.metric));
        }
      }
      if (this.#isPast(row)) return this.#endIfDone(step);
      if (way === "hand over") return this.#handOver(step);
      if (way === "yield") return null;
      return (await this.#begin(step)) ?? this.#endIfDone(step);
    });
    if (order === undefined) this.#over = true;
    return order ?? null;
  }

  /** The next trial: one that waits, else one that is asked for. */
  async #begin(step: Step): Promise<TrialOrder | undefined> {
    const { row, study, tx, revision } = step;
    const { studyId, lane } = this.#ref;
    const at = new Date(this.#parts.means.clock());
    for (;;) {
      const waiting = await firstWaitingTrial(tx, { studyId, lane });
      if (waiting === undefined) break;
      const { number, attempts } = waiting;
      if (attempts < MOST_ATTEMPTS) {
        await changeTrial(tx, { studyId, number }, { state: "running", lane, attempts: attempts + 1, revision });
        return this.#order(row, { number, attempt: attempts + 1, params: study.trials[number].params });
      }
      const outcome = { state: "failed" as const, reason: `whatever ran it ended, ${attempts} times` };
      await this.#tell(step, { number, attempt: attempts, reports: [], written: 0, writtenAt: 0 }, { outcome });
    }
    if (study.trials.length >= row.trials) return undefined;
    const trial = study.ask();
    if (trial === null) return undefined;
    const { number, params, seed } = trial;
    await insertTrial(tx, { studyId, number, params: { ...params }, seed, lane, revision, at });
    return this.#order(row, { number, attempt: 1, params });
  }

  #order(
    row: Row<"studies">,
    { number, attempt, params }: { number: number; attempt: number; params: Study["trials"][number]["params"] },
  ): TrialOrder {
    const { clock, limits } = this.#parts.means;
    this.#limit = Math.min(clock() + limits.trainMs, row.deadline?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#current = { number, attempt, reports: [], written: 0, writtenAt: clock() };
    return { number, attempt, pipeline: withParams(row.pipeline as unknown as PipelineSpec, params) };
  }

  async #report(report: TrialReport): Promise<"continue" | "stop"> {
    const current = this.#current;
    if (current?.number !== report.number || current.attempt !== report.attempt) return "stop";
    current.reports.push(report);
    const { clock } = this.#parts.means;
    const study = this.#parts.states.peek(this.#ref.studyId);
    const due = clock() - current.writtenAt >= FLUSH_MS;
    if (study !== undefined && !due && applyReports(study, current) === "continue") return "continue";
    const verdict = await this.#locked(async (step) => {
      if ((await this.#hold(step.tx, current)) !== "mine") return undefined;
      const stop = applyReports(step.study, current) === "stop";
      if (!stop) await this.#write(step, current);
      else {
        await this.#meter(step, current);
        const reason = `at ${report.unit} ${report.step} of ${report.total} it was not among the best`;
        await this.#tell(step, current, { outcome: { state: "pruned", reason } });
      }
      return stop ? ("stop" as const) : ("continue" as const);
    });
    if (verdict !== "continue") this.#current = undefined;
    return verdict ?? "stop";
  }

  async #tell(step: Step, current: Current, { outcome, ...rest }: Told): Promise<void> {
    await this.#write(step, current);
    const { state, value, reason } = step.study.tell(current.number, outcome);
    const finishedAt = new Date(this.#parts.means.clock());
    await this.#change(step, current.number, { state, value, reason, lane: null, finishedAt, ...rest });
  }

  /** Writes the reports that are not written yet, and where the trial stands. */
  async #write(step: Step, current: Current): Promise<void> {
    applyReports(step.study, current);
    const fresh = current.reports.slice(current.written);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const rows = fresh.map((report) => ({ step: report.step, value: finiteOrNull(report.value) }));
    await writeReports(step.tx, { studyId: this.#ref.studyId, number: current.number, reports: rows });
    await this.#change(step, current.number, { step: last.step, total: last.total, unit: last.unit });
    current.written = current.reports.length;
    current.writtenAt = this.#parts.means.clock();
  }

  #change({ tx, revision }: Step, number: number, change: Omit<TrialChange, "revision">): Promise<void> {
    return changeTrial(tx, { studyId: this.#ref.studyId, number }, { ...change, revision });
  }

  #resultOf({ outcome, seconds }: TrialEnd, metric: string): Told {
    if ("problem" in outcome) return { seconds, outcome: { state: "failed", reason: this.#wordsOf(outcome.problem) } };
    const { metrics } = outcome;
    const value = metrics[metric];
    if (Number.isFinite(value)) return { seconds, metrics: { ...metrics }, outcome: { value } };
    const reason = `the validation rows give no ${metric}`;
    return { seconds, metrics: { ...metrics }, outcome: { state: "failed", reason } };
  }

  #wordsOf({ code, message }: TaskProblem): string {
    if (code !== "INTERNAL") return message;
    this.#parts.means.log.error(
      { study: this.#ref.studyId, problem: message },
      "a trial failed for a reason nobody foresaw",
    );
    return "something went wrong inside Massif; the server's log has the details";
  }

  /** What the process used since the last trial's end is this one's. */
  async #meter({ tx, row, revision }: Step, { number }: Current): Promise<void> {
    const usage = difference(this.#used, this.#metered);
    this.#metered = this.#used;
    const flushId = `${this.#ref.studyId}:${number}:${revision}`;
    const entry = { projectId: row.project_id, keyId: row.key_id ?? undefined, usage, flushId };
    await this.#parts.usage.task("train", entry, tx);
  }

  async #endIfDone(step: Step): Promise<undefined> {
    const { studyId } = this.#ref;
    if (await hasRunningTrials(step.tx, studyId)) return;
    Object.assign(step.change, await endStudy(step, this.#parts.means));
  }

  async #handOver({ tx, row, change }: Step): Promise<undefined> {
    const { lane, turn, studyId } = this.#ref;
    change.lanes = row.lanes.map((current, i) => (i === lane ? turn + 1 : current));
    await enqueueLane(this.#parts.means, tx, { studyId, lane, turn: turn + 1 });
  }

  /** A session that could not begin, or broke between trials: no other would fare better. */
  async #fail({ problem }: TaskFailed): Promise<boolean> {
    const failure = toApiError(new TaskFailed(problem, NOTHING_USED));
    if (failure?.code === "INTERNAL")
      this.#parts.means.log.error({ study: this.#ref.studyId, problem }, "a study failed for a reason nobody foresaw");
    await this.#failStudy({
      code: failure?.code ?? "TRAINING_FAILED",
      message: failure?.message ?? problem.message,
    });
    this.#over = true;
    return true;
  }

  async #failStudy(error: { code: string; message: string }): Promise<void> {
    await this.#locked(async (step) => {
      if (this.#current !== undefined) await this.#meter(step, this.#current);
      await putBackTrials(step.tx, { studyId: this.#ref.studyId, revision: step.revision });
      Object.assign(step.change, { status: "failed", error, finishedAt: new Date(this.#parts.means.clock()) });
    });
  }

  /**
   * Whether the trial is still this attempt's; `told`: its end is written already, by a commit nobody heard of; `lost`:
   * this process was taken for dead, and another one is in its lane.
   */
  async #hold(tx: Tx, { number, attempt }: Current): Promise<"mine" | "told" | "lost"> {
    const row = await findTrial(tx, { studyId: this.#ref.studyId, number });
    if (row === undefined || row.attempts !== attempt || row.state === "waiting") return "lost";
    return row.state === "running" ? "mine" : "told";
  }

  #isPast({ deadline }: Row<"studies">): boolean {
    return deadline !== null && this.#parts.means.clock() >= deadline.getTime();
  }

  /**
   * Does `work` on the locked study; undefined, and no work, when it is not this lane's turn. While the database is away
   * it waits and begins again, with what the lane held before.
   */
  async #locked<T>(work: (step: Step) => Promise<T>): Promise<T | undefined> {
    const { means, states } = this.#parts;
    const { studyId } = this.#ref;
    const restore = this.#remember();
    const attempt = async () => {
      try {
        return await this.#transaction(work);
      } catch (error) {
        restore();
        states.forget(studyId);
        throw error;
      }
    };
    const done = await persist(attempt, { log: means.log, what: "a trial of a study" });
    if (done === undefined) {
      this.#over = true;
      return undefined;
    }
    if (done.row.status === "running") states.keep(done.row, done.study);
    else states.forget(studyId);
    means.bell.ring(studyId);
    return done.result;
  }

  #transaction<T>(work: (step: Step) => Promise<T>) {
    const { means, states } = this.#parts;
    const { studyId, lane, turn } = this.#ref;
    return means.store.transaction(async (tx) => {
      const row = await lockStudy(tx, studyId);
      if (row?.status !== "running" || row.lanes[lane] !== turn) return undefined;
      const study = await states.load(tx, row);
      const step: Step = { tx, row, study, revision: row.revision + 1, change: {} };
      const result = await work(step);
      return { result, study, row: await changeStudy(tx, row, step.change) };
    });
  }

  /** What a transaction that is rolled back must not change; the answer puts it back. */
  #remember(): () => void {
    const [current, metered] = [this.#current, this.#metered];
    const { written = 0, writtenAt = 0 } = current ?? {};
    return () => {
      if (current !== undefined) Object.assign(current, { written, writtenAt });
      [this.#current, this.#metered] = [current, metered];
    };
  }
}

// Internal

type Tx = Transaction<Schema>;

/** One transaction on a locked study. */
export interface Step {
  readonly tx: Tx;
  readonly row: Row<"studies">;
  readonly study: Study;
  /** The revision that this transaction makes. */
  readonly revision: number;
  /** What it changes of the study itself. */
  readonly change: StudyChange;
}

type Told = { readonly outcome: Outcome } & Partial<Pick<TrialChange, "metrics" | "seconds">>;

function taskOf(row: Row<"studies">, data: string): TrialTask {
  const { features } = row.pipeline as unknown as PipelineSpec;
  return {
    kind: "trial",
    data,
    target: row.target,
    task: row.task as TrialTask["task"],
    features,
    split: row.split as unknown as TrialTask["split"],
    evaluation: row.evaluation as unknown as TrialTask["evaluation"],
    metric: row.metric,
    weights: row.weights ?? undefined,
    seed: (row.spec as { seed: number }).seed,
  };
}

/** Whether the trial is to be done again after its process died. */
function isWaiting(kind: DeathKind, attempts: number, past: boolean): boolean {
  if (kind === "stopping" || kind === "cancelled" || past) return true;
  return (kind === "killed" || kind === "crashed") && attempts < MOST_DEATHS;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function difference(now: TaskUsage, before: TaskUsage): TaskUsage {
  return {
    cpuSeconds: Math.max(0, now.cpuSeconds - before.cpuSeconds),
    seconds: Math.max(0, now.seconds - before.seconds),
    memoryMbSeconds: Math.max(0, now.memoryMbSeconds - before.memoryMbSeconds),
    peakMemoryBytes: now.peakMemoryBytes,
  };
}
