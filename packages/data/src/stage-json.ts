// JSON (an array of objects, or objects one after another) into the table `staged`.
import { DataError } from "./data-error.ts";
import { type Engine, engineFault } from "./engine.ts";
import { scanJson } from "./json-scan.ts";
import type { ScannedSource } from "./source-scan.ts";
import { literal } from "./sql-text.ts";
import { stageTyped } from "./stage-typed.ts";
import type { ReadLimits, StagedTable } from "./staged-table.ts";

/** Reads a scanned JSON text into `staged`. */
export async function stageJson(engine: Engine, source: ScannedSource, limits: ReadLimits): Promise<StagedTable> {
  const { path, name: file } = source;
  const layout = await scanJson(path, { name: file });
  if (layout === "object") refuseDocument(source);
  // The depth limit turns a value below it into JSON text, which is refused by row; dates are typed by inference.
  const options = `format = '${layout === "array" ? "array" : "newline_delimited"}', sample_size = -1, records = true`;
  const relation = `read_json(${literal(path)}, ${options}, maximum_object_size = ${MAX_OBJECT_BYTES})`;
  try {
    return await stageTyped(engine, relation, { file, limits });
  } catch (error) {
    if (error instanceof DataError || engineFault(error)?.type !== "Invalid Input") throw error;
    throw await diagnose(source, error);
  }
}

// Internal

const MAX_OBJECT_BYTES = 64 << 20;

/** One object is a table of one row only if it is flat; else it is a document around a table. */
function refuseDocument({ head, name, whole }: ScannedSource): void {
  if (whole && !/[[{]/.test(head.slice(head.indexOf("{") + 1).replace(/"(?:[^"\\]|\\.)*"/g, ""))) return;
  throw new DataError(
    "NOT_A_TABLE",
    `${name} is one nested object, not a table; give the array inside it, [{"a": 1}, …], or one object per line`,
  );
}

/** Finds the first record that is no JSON, or has a key twice, and names it. */
async function diagnose({ path, name }: ScannedSource, cause: unknown): Promise<DataError> {
  let found: DataError | undefined;
  await scanJson(path, {
    name,
    onRecord: ({ text, row, line }) => {
      if (found) return;
      const where = `row ${row} (line ${line}) of ${name}`;
      if (!isJson(text)) {
        found = new DataError("INVALID_JSON", `${where} is not valid JSON; correct it`, { row, cause });
      } else if (text.length > MAX_OBJECT_BYTES) {
        found = new DataError("LINE_TOO_LONG", `${where} has more than ${MAX_OBJECT_BYTES} bytes; split it`, {
          row,
          cause,
        });
      }
    },
  });
  return (
    found ?? new DataError("INVALID_JSON", `${name} cannot be read as JSON; check commas and repeated keys`, { cause })
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
