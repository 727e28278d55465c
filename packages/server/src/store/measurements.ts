// The table `measurements`: what work took on which machine. Append only; a key counts once.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import type { Row } from "./schema.ts";

/** What is written down of one measurement. */
export interface NewMeasurement {
  readonly key: string;
  readonly machine: string;
  readonly version: string;
  readonly phase: string;
  readonly family: string;
  readonly source: "calibration" | "run";
  readonly threads: number;
  readonly units: number;
  readonly value: number;
}

/** Adds measurements; those whose key is there already are left out. */
export async function insertMeasurements(db: Executor, measurements: readonly NewMeasurement[]): Promise<void> {
  if (measurements.length === 0) return;
  await db
    .insertInto("measurements")
    .values(measurements.map((measurement) => ({ id: newId("msr"), ...measurement })))
    .onConflict((on) => on.constraint("measurements_key_unique").doNothing())
    .execute();
}

/** The newest measurements of these families on a machine by a version, at most so many of each family and phase. */
export async function listMeasurements(
  db: Executor,
  { machine, version, families, each }: { machine: string; version: string; families: readonly string[]; each: number },
): Promise<Row<"measurements">[]> {
  const rows = await db
    .selectFrom("measurements")
    .selectAll()
    .where("machine", "=", machine)
    .where("version", "=", version)
    .where("family", "in", families)
    .orderBy("id", "desc")
    .limit(LIMIT)
    .execute();
  const counts = new Map<string, number>();
  return rows.filter(({ phase, family, source }) => {
    const kind = `${phase} ${family} ${source}`;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= each;
  });
}

// Internal

/** Enough for the newest of each phase; older ones say little of what the machine does now. */
const LIMIT = 1000;
