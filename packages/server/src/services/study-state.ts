// A study of the tuner from its rows, which are the only truth; kept between two looks as long as the row's revision says
// that nothing else has changed.
import { type Params, Study, type StudySpec } from "@massif/tune";
import type { Transaction } from "kysely";
import type { Row, Schema } from "../store/schema.ts";
import { listReports, listTrials } from "../store/trials.ts";

/** Studies as they were at a revision. */
export class StudyStates {
  readonly #kept = new Map<string, { readonly revision: number; readonly study: Study }>();

  /** The study of a row, as of its revision; whoever changes it says so with `keep`, or `forget`s it. */
  async load(tx: Transaction<Schema>, row: Row<"studies">): Promise<Study> {
    const kept = this.#kept.get(row.id);
    if (kept?.revision === row.revision) return kept.study;
    const study = await studyFromRows(tx, row);
    this.keep(row, study);
    return study;
  }

  /** The study as it was kept last; undefined when it was not. */
  peek(id: string): Study | undefined {
    return this.#kept.get(id)?.study;
  }

  keep({ id, revision }: Pick<Row<"studies">, "id" | "revision">, study: Study): void {
    this.#kept.set(id, { revision, study });
  }

  forget(id: string): void {
    this.#kept.delete(id);
  }
}

// Internal

async function studyFromRows(tx: Transaction<Schema>, row: Row<"studies">): Promise<Study> {
  const trials = await listTrials(tx, { studyId: row.id });
  const reports = await listReports(tx, { studyId: row.id });
  return Study.fromJSON({
    format: "massif-study",
    version: 1,
    ...(row.spec as unknown as Required<StudySpec>),
    trials: trials.map(({ number, params, seed, state, value, reason, attempts }) => ({
      number,
      params: params as Params,
      seed,
      // The tuner knows asked and told; whether a process is at it right now is not its concern.
      state: state === "waiting" ? "running" : state,
      value,
      reports: reports.get(number) ?? [],
      reason,
      attempts,
    })),
    queue: trials.length === 0 && row.start !== null ? [row.start as Params] : [],
  });
}
