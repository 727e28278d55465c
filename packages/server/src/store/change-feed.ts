// Tells every process on the same database that something they may hold in memory has changed. A change carries what
// changed and never the new state: whoever hears it looks the row up again, so a change told twice, or told of nothing,
// costs a query and harms nobody. PostgreSQL's NOTIFY delivers it when, and only when, its transaction commits. While
// nothing can be heard (the server is away, or a pooler between swallows LISTEN) listeners are told once a second that
// anything may have changed.
//
// How to use it: `await store.changes.announce(tx, { kind: "endpoint", id })` in the transaction that writes the row,
// and once, where the cache is made, `store.changes.onChange(({ kind, id, own }) => …)`. Listeners run in every
// process, the announcing one too (`own`), must not throw, and must treat `kind: "any"` as "everything may have changed".
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Executor } from "./database.ts";

/** What a change is about; `any` is only heard, never announced. Topics of event streams travel as `topic`. */
export type ChangeKind = "endpoint" | "model" | "key" | "budget" | "project" | "topic" | "any";

/** Something that changed, by the id of its row (or its topic); `any` has an empty id. */
export interface Change {
  readonly kind: ChangeKind;
  readonly id: string;
}

/** A change as it is heard. */
export interface HeardChange extends Change {
  /** Whether this process announced it. */
  readonly own: boolean;
}

/** News between the processes on one database. */
export interface ChangeFeed {
  /** Hears every change from now on; the answer ends that. */
  onChange(listener: (change: HeardChange) => void): () => void;
  /** Tells all processes when the transaction commits; outside one, at once. */
  announce(executor: Executor, change: Change & { readonly kind: Exclude<ChangeKind, "any"> }): Promise<void>;
  /** Whether changes by others are heard at once; false while they are only looked for. */
  readonly live: boolean;
}

/** Where announcements are heard; one implementation per engine. */
export interface ChangeSource {
  /** Begins to hear; `heard` gets payloads as they were sent, `unsure` says that some may have been missed. */
  start(ears: { heard(payload: string): void; unsure(): void }): Promise<void>;
  stop(): Promise<void>;
  readonly live: boolean;
}

/** The name under which changes are notified. */
export const CHANGE_CHANNEL = "massif_changes";

/** Makes the feed over a source; `stop` ends hearing. */
export async function openChangeFeed(source: ChangeSource): Promise<ChangeFeed & { stop(): Promise<void> }> {
  const listeners = new Set<(change: HeardChange) => void>();
  const process = randomUUID();
  const tell = (change: HeardChange) => {
    for (const listener of listeners) listener(change);
  };
  await source.start({
    heard(payload) {
      const { from, kind, id } = JSON.parse(payload) as Change & { from: string };
      tell({ kind, id, own: from === process });
    },
    unsure: () => tell({ kind: "any", id: "", own: false }),
  });
  return {
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async announce(executor, { kind, id }) {
      const payload = JSON.stringify({ from: process, kind, id });
      await sql`select pg_notify(${CHANGE_CHANNEL}, ${payload})`.execute(executor);
    },
    get live() {
      return source.live;
    },
    stop: () => source.stop(),
  };
}
