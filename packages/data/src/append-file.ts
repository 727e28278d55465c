// The next version of a data set: all rows of the version before, then the rows of a file. The file's columns must be
// those of the version, by name and kind. Both go through the engine, which keeps on disk what memory does not hold.
import { basename, dirname } from "node:path";
import type { ColumnInfo, ColumnKind, ColumnStorage } from "./column-info.ts";
import { DataError, shown } from "./data-error.ts";
import { describeColumns } from "./describe-columns.ts";
import { attachParquet, type Engine, type EngineOptions, engineError, withEngine } from "./engine.ts";
import { type ImportProgress, type ImportResult, Stages } from "./import-file.ts";
import { profileOf } from "./profile.ts";
import { refuseMissing, storedColumns } from "./read-table.ts";
import { identifier } from "./sql-text.ts";
import { type ReadOptions, stageFile } from "./stage-file.ts";
import type { StagedTable } from "./staged-table.ts";
import { type TypedColumn, typeColumns } from "./type-columns.ts";
import { writeVersion } from "./version-file.ts";

/** What to append to what. */
export interface AppendOptions extends EngineOptions, ReadOptions {
  /** The Parquet file of the version before, and what is known of its columns. */
  base: string;
  columns: readonly ColumnInfo[];
  source: string;
  outPath: string;
  /** Columns that the file lacks are missing in its rows; otherwise such a file is refused. */
  fillMissing?: boolean;
  onProgress?: (progress: ImportProgress) => void;
}

/** A version, the last `appendedRows` rows of which are new. */
export interface AppendResult extends ImportResult {
  appendedRows: number;
}

/** Writes old and new rows as the Parquet file `outPath`. Errors: COLUMN_MISMATCH, and those of an import. */
export async function appendFile(options: AppendOptions): Promise<AppendResult> {
  const { base, columns, source, outPath, onProgress } = options;
  await refuseMissing(base);
  try {
    return await withEngine({ ...options, workDir: options.workDir ?? dirname(outPath) }, async (engine) => {
      const stages = new Stages(engine, onProgress);
      try {
        await attachParquet(engine, "version", base);
        const stored = await storedColumns(engine, base);
        stages.enter("read");
        const staged = await stageFile(engine, source, options);
        const names = matchNames(staged, columns, { ...options, source });
        stages.enter("infer", staged.rows);
        const fresh = await typeColumns(engine, staged, kindsOf(columns, names), { strict: true });
        const joined = columns.map((info, i) =>
          join(info, { stored: stored.find(({ name }) => name === info.name)?.storage ?? info.storage, fresh, id: i }),
        );
        const rows = await joinRows(engine, joined);
        const infos = keepRoles(await describeColumns(engine, joined.map(typedOf), rows), columns);
        stages.enter("write", rows);
        const written = infos.map((info, i) => ({ sql: joined[i].id, info }));
        const file = await writeVersion(engine, "typed", { columns: written, path: outPath });
        stages.enter("profile", rows);
        const profile = await profileOf(engine, "typed", { sources: written, rows });
        return { rows, columns: infos, profile, warnings: staged.warnings, ...file, appendedRows: staged.rows };
      } finally {
        stages.stop();
      }
    });
  } catch (error) {
    throw engineError(error, options.signal);
  }
}

// Internal

/** One column of the result: how its old and its new values are read, and what they are stored as. */
interface Joined {
  readonly id: string;
  readonly info: ColumnInfo;
  readonly storage: ColumnStorage;
  readonly old: string;
  readonly new: string;
}

/** The names of the file that the version has; throws COLUMN_MISMATCH for others, and for those it lacks. */
function matchNames(
  staged: StagedTable,
  columns: readonly ColumnInfo[],
  { fillMissing = false, source }: { fillMissing?: boolean; source: string },
): ReadonlySet<string> {
  const known = new Set(columns.map(({ name }) => name));
  const names = new Set(staged.columns.map(({ name }) => name));
  const file = basename(source);
  const extra = staged.columns.find(({ name }) => !known.has(name));
  if (extra !== undefined) {
    const some = [...known].slice(0, 12).join(", ") + (known.size > 12 ? ", …" : "");
    const problem = `${file} has a column ${shown(extra.name)} that the data set lacks; its columns are ${some}`;
    throw new DataError("COLUMN_MISMATCH", problem, { column: extra.name });
  }
  const lacking = columns.find(({ name }) => !names.has(name));
  if (lacking !== undefined && !fillMissing) {
    const problem = `${file} lacks the column ${shown(lacking.name)}; add it, or have absent columns filled with missing`;
    throw new DataError("COLUMN_MISMATCH", problem, { column: lacking.name });
  }
  return names;
}

/** How the file's columns must be read. A column that was empty so far may hold anything. */
function kindsOf(columns: readonly ColumnInfo[], names: ReadonlySet<string>): Record<string, ColumnKind> {
  const kinds: Record<string, ColumnKind> = {};
  for (const { name, kind, storage, count } of columns) {
    if (count === 0 || !names.has(name)) continue;
    if (storage === "VARCHAR") kinds[name] = kind === "text" ? "text" : "category";
    else if (storage === "TIMESTAMP") kinds[name] = "date";
    else kinds[name] = storage === "BOOLEAN" ? "boolean" : "number";
  }
  return kinds;
}

function join(
  info: ColumnInfo,
  { stored, fresh, id }: { stored: ColumnStorage; fresh: readonly TypedColumn[]; id: number },
): Joined {
  const column = fresh.find(({ name }) => name === info.name);
  const found = info.count === 0 ? (column?.storage ?? stored) : stored;
  const widened = found === "BIGINT" && column?.storage === "DOUBLE" ? "DOUBLE" : found;
  const old = info.count === 0 ? "NULL" : identifier(info.name);
  return { id: `c${id}`, info, storage: widened, old, new: column?.sql ?? "NULL" };
}

/** Makes the table `typed` of the old rows followed by the new ones, and counts them. */
async function joinRows(engine: Engine, joined: readonly Joined[]): Promise<number> {
  const select = (which: "old" | "new") =>
    joined.map((column) => `CAST(${column[which]} AS ${column.storage}) AS ${column.id}`).join(", ");
  await engine.run(`CREATE TABLE joined AS SELECT ${select("old")} FROM version`);
  await engine.run(`INSERT INTO joined SELECT ${select("new")} FROM typed`);
  await engine.run("DROP TABLE typed");
  await engine.run("ALTER TABLE joined RENAME TO typed");
  const [{ rows }] = await engine.rows("SELECT count(*)::DOUBLE AS rows FROM typed");
  return rows as number;
}

/** Words keep their kind, however many different ones there are by now; what numbers are is looked at again. */
function typedOf({ id, info, storage }: Joined): TypedColumn {
  const common = { name: info.name, sql: id, unnamed: false, storage, flags: [] };
  if (storage === "VARCHAR") {
    const forced = info.count === 0 ? undefined : info.kind === "text" ? "text" : "category";
    return { ...common, spelled: "string", forced };
  }
  const spelled = storage === "TIMESTAMP" ? "date" : storage === "BOOLEAN" ? "boolean" : "number";
  return { ...common, spelled };
}

/** What named the rows before names them still, and what described them is not taken for a name now. */
function keepRoles(found: readonly ColumnInfo[], before: readonly ColumnInfo[]): ColumnInfo[] {
  return found.map((info, i) => {
    const { role, flags } = before[i];
    const identifies = role === "identifier" && info.role === "feature";
    const described = role === "feature" && info.role === "identifier";
    if (!identifies && !described) return info;
    const others = info.flags.filter(({ code }) => code !== "identifier");
    return { ...info, role, flags: [...others, ...flags.filter(({ code }) => code === "identifier")] };
  });
}
