// A study as a stream: how it stands, then how it changes, until it is over. Each event holds the state of what changed
// since the event before; the database is the only source, so nothing is lost however late or slow the reader is.
import { setTimeout as sleep } from "node:timers/promises";
import type { StudyEvent } from "@massif/api";
import { listChangedTrials } from "../store/trials.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import type { Studies } from "./studies.ts";
import { studyResources, trialResource } from "./study-resource.ts";

/** An event and the place in the stream after it, or a sign of life. */
export type StudyItem = { readonly id: string; readonly data: StudyEvent } | "idle";

/** Reads streams of studies. */
export class StudyStreams {
  readonly #means: Pick<Means, "store" | "bell">;
  readonly #studies: Studies;
  readonly #stopping: AbortSignal;

  constructor(means: Pick<Means, "store" | "bell">, studies: Studies, stopping: AbortSignal) {
    this.#means = means;
    this.#studies = studies;
    this.#stopping = stopping;
  }

  /** What changed after the event with the number `after`; throws NOT_FOUND. */
  async *study(
    caller: Caller,
    { name, after, signal }: { name: string; after: number; signal: AbortSignal },
  ): AsyncGenerator<StudyItem> {
    const { store, bell } = this.#means;
    const until = AbortSignal.any([signal, this.#stopping]);
    for (let seen = after; !until.aborted; ) {
      const row = await this.#studies.find(caller, name);
      const wait = bell.listen(row.id);
      // Read after the wait began and before the trials: what changes from here on is in the next event as well.
      const now = await this.#studies.find(caller, name);
      if (now.revision > seen) {
        const trials = await listChangedTrials(store.db, { studyId: now.id, after: seen });
        const [study] = await studyResources(store.db, [now]);
        seen = now.revision;
        yield { id: String(seen), data: { seq: seen, study, trials: trials.map(trialResource) } };
        if (now.status === "running") await sleep(PAUSE_MS, undefined, { signal: until }).catch(() => undefined);
        wait.cancel();
      } else if (now.status !== "running") return wait.cancel();
      else if ((await wait.rung(store.kind === "postgres" ? SHARED_LOOK_MS : HEARTBEAT_MS, until)) === "silence") {
        if (!until.aborted) yield "idle";
      }
    }
  }
}

// Internal

/** Quick studies end many trials a second, of which nobody needs to hear one by one. */
const PAUSE_MS = 100;
/** Proxies close connections that are silent for about a minute. */
const HEARTBEAT_MS = 15_000;
/** On a shared database another process may write, whose bell is not heard here. */
const SHARED_LOOK_MS = 1000;
