// The events of runs as one stream: past ones from the database, then those that come, until the runs are over. The
// database is the only source, so nothing is lost or doubled between past and live, whoever wrote it.
import type { RunEvent } from "@massif/api";
import { listRunEvents } from "../store/run-events.ts";
import { findRun, listRuns } from "../store/runs.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import { eventResource } from "./run-resource.ts";
import type { Runs } from "./runs.ts";

/** An event and the place in the stream after it, or a sign of life. */
export type StreamItem = { readonly id: string; readonly data: RunEvent } | "idle";

/** Reads event streams. */
export class RunStreams {
  readonly #means: Pick<Means, "store" | "bell">;
  readonly #runs: Runs;
  readonly #stopping: AbortSignal;

  constructor(means: Pick<Means, "store" | "bell">, runs: Runs, stopping: AbortSignal) {
    this.#means = means;
    this.#runs = runs;
    this.#stopping = stopping;
  }

  /** Events of a run after the event with the number `after`; throws NOT_FOUND. */
  async *run(
    caller: Caller,
    { id, after, signal }: { id: string; after: number; signal: AbortSignal },
  ): AsyncGenerator<StreamItem> {
    await this.#runs.find(caller, id);
    yield* this.#follow(caller, new Map([[id, after]]), { topic: id, signal });
  }

  /** Events of all runs of a comparison; `after` is the `id` of the last item that was seen. Throws NOT_FOUND. */
  async *comparison(
    caller: Caller,
    { id, after, signal }: { id: string; after?: string; signal: AbortSignal },
  ): AsyncGenerator<StreamItem> {
    await this.#runs.getComparison(caller, id);
    const rows = await listRuns(this.#means.store.db, { projectId: caller.projectId, comparisonId: id, limit: 1000 });
    const seen = readPlaces(after);
    const places = new Map(rows.reverse().map((row, i) => [row.id, seen[i] ?? 0]));
    yield* this.#follow(caller, places, { topic: id, signal });
  }

  // Internal

  async *#follow(
    caller: Caller,
    places: Map<string, number>,
    { topic, signal }: { topic: string; signal: AbortSignal },
  ): AsyncGenerator<StreamItem> {
    const single = places.size === 1 && places.has(topic);
    const until = AbortSignal.any([signal, this.#stopping]);
    const open = new Set(places.keys());
    while (!until.aborted) {
      const wait = this.#means.bell.listen(topic);
      let found = false;
      // Asked before the events are read: a run's last event is written together with its end.
      const over = await this.#over(caller, open);
      for (const runId of open) {
        const rows = await listRunEvents(this.#means.store.db, { runId, after: places.get(runId) });
        for (const row of rows) {
          found = true;
          places.set(runId, row.seq);
          const data = eventResource(row);
          yield { id: single ? String(row.seq) : [...places.values()].join("."), data };
        }
        if (over.has(runId) && rows.length === 0) open.delete(runId);
      }
      if (open.size === 0) return wait.cancel();
      if (found) wait.cancel();
      else if ((await this.#silence(wait, until)) === "idle") yield "idle";
    }
  }

  async #over({ projectId }: Caller, ids: ReadonlySet<string>): Promise<Set<string>> {
    const rows = await Promise.all([...ids].map((id) => findRun(this.#means.store.db, { projectId, id })));
    return new Set(rows.flatMap((row) => (row !== undefined && row.finished_at !== null ? [row.id] : [])));
  }

  /** On a shared database another process may write, whose bell is not heard here: look again every second. */
  async #silence(wait: ReturnType<Means["bell"]["listen"]>, until: AbortSignal): Promise<"idle" | "look"> {
    const shared = this.#means.store.kind === "postgres";
    const heard = await wait.rung(shared ? SHARED_LOOK_MS : HEARTBEAT_MS, until);
    return heard === "silence" && !until.aborted ? "idle" : "look";
  }
}

// Internal

/** Proxies close connections that are silent for about a minute. */
const HEARTBEAT_MS = 15_000;
const SHARED_LOOK_MS = 1000;

function readPlaces(after: string | undefined): number[] {
  if (after === undefined || !/^\d+(\.\d+)*$/.test(after)) return [];
  return after.split(".").map(Number);
}
