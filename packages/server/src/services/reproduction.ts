// Whether a run that trained again what another had trained came to the same model, and what may explain it if not. The
// second run is an ordinary one; its first event names the first.
import type { Reproduction, Run } from "@massif/api";
import { VERSION } from "@massif/learn";
import type { Executor } from "../store/database.ts";
import { listRunEvents } from "../store/run-events.ts";
import type { JsonObject } from "../store/schema.ts";

/** What a training ran on, as its `started` event keeps it. */
export function environment(): JsonObject {
  return { massif: VERSION, node: process.version, machine: `${process.platform} ${process.arch}` };
}

/** The run that `id` trains again; undefined: none. */
export async function reproducedBy(db: Executor, id: string): Promise<string | undefined> {
  const [first] = await listRunEvents(db, { runId: id, limit: 1 });
  return typeof first?.data.reproduces === "string" ? first.data.reproduces : undefined;
}

/** What the two runs came to. Without a second model there is no verdict. */
export async function compareRuns(db: Executor, original: Run, again: Run): Promise<Reproduction> {
  const same = again.modelHash === null ? null : again.modelHash === original.modelHash;
  const [before, now] = await Promise.all([circumstances(db, original), circumstances(db, again)]);
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const differences = names
    .filter((name) => before[name] !== now[name])
    .map((name) => ({ what: name, original: before[name] ?? null, again: now[name] ?? null }));
  return { run: again.id, original: original.id, status: again.status, same, differences };
}

// Internal

type Circumstances = Record<string, string | number>;

/** What a model's bytes could depend on, and what it came to. */
async function circumstances(db: Executor, run: Run): Promise<Circumstances> {
  const events = await listRunEvents(db, { runId: run.id });
  const started = events.findLast(({ type }) => type === "started")?.data ?? {};
  const found: Circumstances = {};
  for (const name of ["massif", "node", "machine"]) {
    const value = started[name];
    if (typeof value === "string") found[name] = value;
  }
  if (run.plan?.chunkRows != null) found.chunkRows = run.plan.chunkRows;
  if (run.ranks !== null) found.ranks = run.ranks.count;
  if (run.modelHash === null) return found;
  found.model = run.modelHash;
  for (const [name, value] of Object.entries(run.metrics ?? {})) found[`metric ${name}`] = value;
  return found;
}
