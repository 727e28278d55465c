// The losses that a run told while it ran. A run that succeeds brings its own history; of one that fails or is stopped,
// its events are all there is.
import type { Executor } from "../store/database.ts";
import { listRunEvents } from "../store/run-events.ts";
import type { JsonValue, Row } from "../store/schema.ts";

/** The losses of the last attempt by rising step, as `runs.history` holds them; undefined when none was told. */
export async function toldLosses(db: Executor, runId: string): Promise<JsonValue | undefined> {
  const losses = new Map<number, JsonValue>();
  for (let after = 0; ; ) {
    const events = await listRunEvents(db, { runId, after });
    for (const event of events) collect(event, losses);
    const last = events.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  if (losses.size === 0) return undefined;
  return [...losses].sort(([a], [b]) => a - b).map(([, point]) => point);
}

// Internal

function collect({ type, data }: Row<"run_events">, losses: Map<number, JsonValue>): void {
  // An attempt begins from the start.
  if (type === "started") losses.clear();
  const { stage, step, loss, validationLoss } = data;
  if (type !== "progress" || stage !== "fit" || typeof step !== "number" || typeof loss !== "number") return;
  losses.set(step, typeof validationLoss === "number" ? { step, loss, validationLoss } : { step, loss });
}
