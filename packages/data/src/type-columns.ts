// From the table `staged` (text) to the table `typed`: finds the form of every text column and casts it. A sample
// of the first rows only rules forms out; a column gets a form only when all its values were read in that form.
import type { ColumnFlag, ColumnKind, ColumnStorage } from "./column-info.ts";
import { DataError, shown } from "./data-error.ts";
import type { Engine } from "./engine.ts";
import { isMissing } from "./missing.ts";
import { unknownColumn } from "./read-table.ts";
import { identifier } from "./sql-text.ts";
import type { StagedColumn, StagedTable } from "./staged-table.ts";
import { otherForms, PLAIN_NUMBER, type ValueForm } from "./value-forms.ts";

/** A column of `typed`. */
export interface TypedColumn {
  name: string;
  /** The SQL that gives the column's values from `typed`, in the type of `storage`. */
  sql: string;
  unnamed: boolean;
  storage: ColumnStorage;
  /** What the values are as far as their spelling tells; a `string` is a category or a text. */
  spelled: "number" | "boolean" | "date" | "string";
  /** The kind the caller asked for. */
  forced?: ColumnKind;
  flags: ColumnFlag[];
}

/**
 * Makes the table `typed` and drops `staged`; `kinds` overrules what would be found, by column name. What does not fit
 * such a kind becomes missing; with `strict` it is a COLUMN_MISMATCH.
 */
export async function typeColumns(
  engine: Engine,
  staged: StagedTable,
  kinds: Readonly<Record<string, ColumnKind>> = {},
  { strict = false }: { strict?: boolean } = {},
): Promise<TypedColumn[]> {
  refuseUnknownKinds(staged.columns, kinds);
  const drafts = new Map<string, Draft>();
  for (const column of staged.columns) {
    const forced = Object.hasOwn(kinds, column.name) ? kinds[column.name] : undefined;
    drafts.set(column.id, { ...draftOf(column, forced), strict });
  }
  const all = [...drafts.values()];
  const likely = await likelyNumbers(engine, all.filter(isOpen));
  await settleStrings(
    engine,
    all.filter((draft) => isOpen(draft) && !likely.includes(draft)),
    staged.decimalComma,
  );
  for (const draft of likely) draft.sql = PLAIN_NUMBER.parse(draft.column.id);
  await makeTyped(engine, all);
  const mistaken = await settleNumbers(engine, likely);
  if (mistaken.length > 0) {
    await settleStrings(engine, mistaken.filter(isOpen), staged.decimalComma);
    await makeTyped(engine, all);
  }
  await engine.run("DROP TABLE staged");
  return all.map(({ column, storage, spelled, forced, flags, after }) => {
    const { id, name, unnamed } = column;
    return { sql: after ?? id, name, unnamed, storage, spelled, forced, flags };
  });
}

/** Columns looked at by one query: enough to share a scan, few enough to plan quickly. */
export const GROUP = 40;

/** Splits a list into groups of at most `size`. */
export function groups<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size));
  return result;
}

// Internal

/** A column being decided; it is settled when `sql`, which makes it from `staged`, is set. */
interface Draft {
  column: StagedColumn;
  forced?: ColumnKind;
  /** A value that does not fit `forced` is refused. */
  strict?: boolean;
  sql?: string;
  /** What is still to be done to the column of `typed` when it is read. */
  after?: string;
  storage: ColumnStorage;
  spelled: TypedColumn["spelled"];
  flags: ColumnFlag[];
}

const SAMPLE = "(SELECT * FROM staged LIMIT 50)";
/** Largest integer a double holds exactly, with all smaller ones. */
const EXACT_LIMIT = 2 ** 53;

function refuseUnknownKinds(columns: readonly StagedColumn[], kinds: Readonly<Record<string, ColumnKind>>): void {
  const names = columns.map((column) => column.name);
  const missing = Object.keys(kinds).find((name) => !names.includes(name));
  if (missing !== undefined) throw unknownColumn(missing, names);
}

function draftOf(column: StagedColumn, forced: ColumnKind | undefined): Draft {
  const draft: Draft = { column, forced, storage: column.type, spelled: "string", flags: [] };
  const asText = forced === "category" || forced === "text";
  const { id, type } = column;
  if (type === "VARCHAR") return asText ? Object.assign(draft, { sql: cleanText(id) }) : draft;
  if (asText) return Object.assign(draft, { sql: `CAST(${id} AS VARCHAR)`, storage: "VARCHAR" });
  const spelled = type === "BOOLEAN" ? "boolean" : type === "TIMESTAMP" ? "date" : "number";
  if (forced !== undefined && forced !== spelled && !(forced === "number" && spelled === "boolean")) {
    throw new DataError(
      "BAD_OPTION",
      `column ${shown(column.name)} holds ${spelled}s and cannot be read as ${forced}`,
      {
        column: column.name,
      },
    );
  }
  // Doubles of typed files go the way of numbers in text: infinities and whole numbers are looked for.
  if (type === "DOUBLE") return draft;
  return Object.assign(draft, { sql: id, spelled });
}

/**
 * Outer blanks are never meant, and blanks around "NA" do not make it a value. Spellings without blanks became
 * NULL when the file was read, so that the list is looked up for few values.
 */
function cleanText(id: string): string {
  return `CASE WHEN ${id} = trim(${id}) THEN ${id} WHEN ${isMissing(`trim(${id})`)} THEN NULL ELSE trim(${id}) END`;
}

type Counts = Record<string, number>;

/** Runs one query of aggregates over many columns; the result is keyed by column id, then by aggregate name. */
async function aggregate(
  engine: Engine,
  { from, drafts, of }: { from: string; drafts: readonly Draft[]; of: (draft: Draft) => Record<string, string> },
): Promise<Map<string, Counts>> {
  const result = new Map<string, Counts>();
  for (const group of groups(drafts, GROUP)) {
    const parts = group.flatMap((draft) =>
      Object.entries(of(draft)).map(
        ([key, sql]) => `CAST(${sql} AS DOUBLE) AS ${identifier(`${draft.column.id}/${key}`)}`,
      ),
    );
    if (parts.length === 0) continue;
    const [row] = await engine.rows(`SELECT ${parts.join(", ")} FROM ${from}`);
    for (const [name, value] of Object.entries(row)) {
      const [id, key] = [name.slice(0, name.indexOf("/")), name.slice(name.indexOf("/") + 1)];
      const counts = result.get(id) ?? {};
      counts[key] = Number(value ?? 0);
      result.set(id, counts);
    }
  }
  return result;
}

function isOpen(draft: Draft): boolean {
  return draft.sql === undefined;
}

async function makeTyped(engine: Engine, drafts: readonly Draft[]): Promise<void> {
  const columns = drafts.map((draft) => `${draft.sql} AS ${draft.column.id}`).join(", ");
  await engine.run(`CREATE OR REPLACE TABLE typed AS SELECT ${columns} FROM staged`);
}

/** Columns whose first values are all numbers; they are cast at once, and looked at again afterwards. */
async function likelyNumbers(engine: Engine, drafts: readonly Draft[]): Promise<Draft[]> {
  const of = ({ column: { id } }: Draft) => ({ count: `count(${id})`, read: `count(${PLAIN_NUMBER.parse(id)})` });
  const sample = await aggregate(engine, { from: SAMPLE, drafts, of });
  return drafts.filter((draft) => {
    const { count, read } = sample.get(draft.column.id)!;
    return read === count && (draft.forced === undefined || draft.forced === "number");
  });
}

/** Settles the columns that were cast to numbers; those that are none are opened again and returned. */
async function settleNumbers(engine: Engine, drafts: readonly Draft[]): Promise<Draft[]> {
  const before = await aggregate(engine, { from: "staged", drafts, of: stagedFacts });
  const after = await aggregate(engine, { from: "typed", drafts, of: numberFacts });
  const mistaken: Draft[] = [];
  for (const draft of drafts) {
    const facts = { ...before.get(draft.column.id)!, ...after.get(draft.column.id)! } as unknown as NumberFacts;
    if (!(await settleNumber(engine, draft, facts))) mistaken.push(draft);
  }
  return mistaken;
}

interface NumberFacts {
  count: number;
  coded: number;
  read: number;
  finite: number;
  whole: number;
  big: number;
}

function stagedFacts({ column: { id, type } }: Draft): Record<string, string> {
  // A digit after a leading zero, by comparison of strings: '/' and ':' are the neighbours of the digits.
  const coded = type === "VARCHAR" ? `count(*) FILTER (${id} > '0/' AND ${id} < '0:')` : "0";
  return { count: `count(${id})`, coded };
}

function numberFacts({ column: { id } }: Draft): Record<string, string> {
  return {
    read: `count(${id})`,
    finite: `count(*) FILTER (isfinite(${id}))`,
    whole: `count(*) FILTER (${id} = trunc(${id}) AND isfinite(${id}))`,
    big: `count(*) FILTER (abs(${id}) > ${EXACT_LIMIT})`,
  };
}

/** Settles a column cast to numbers; false if it has to be made again from its text. */
async function settleNumber(engine: Engine, draft: Draft, facts: NumberFacts): Promise<boolean> {
  const { id, type } = draft.column;
  if (facts.count === 0 && draft.forced === undefined) {
    // Nothing to read: an empty column has no kind of its own.
    Object.assign(draft, { after: "CAST(NULL AS VARCHAR)", storage: "VARCHAR" });
    return true;
  }
  if (facts.read < facts.count) {
    draft.sql = undefined;
    return false;
  }
  const codes = draft.forced === undefined && type === "VARCHAR" ? await codesFlag(engine, id, facts) : undefined;
  if (codes) {
    Object.assign(draft, { sql: cleanText(id), storage: "VARCHAR" });
    draft.flags.push(codes);
    return false;
  }
  const whole = facts.whole === facts.finite && facts.big === facts.count - facts.finite;
  const finite = facts.finite < facts.count ? `CASE WHEN isfinite(${id}) THEN ${id} END` : id;
  if (facts.finite < facts.count) draft.flags.push(...(await infiniteFlags(engine, id)));
  draft.spelled = "number";
  draft.storage = whole ? "BIGINT" : "DOUBLE";
  draft.after = whole ? `CAST(${finite} AS BIGINT)` : finite;
  return true;
}

/** The flag of digits that are no numbers, if these are such. */
async function codesFlag(
  engine: Engine,
  id: string,
  { count, coded, big }: NumberFacts,
): Promise<ColumnFlag | undefined> {
  if (coded > 0) {
    const values = coded === 1 ? "1 value begins" : `${coded} values begin`;
    return { code: "code", reason: `${values} with 0 (as postcodes do): read as codes, not as numbers` };
  }
  if (big === 0) return undefined;
  const [{ digits }] = await engine.rows(
    `SELECT (count(*) FILTER (regexp_full_match(${id}, '[0-9]+')))::DOUBLE AS digits FROM staged`,
  );
  if (digits !== count) return undefined;
  return { code: "big-integer", reason: "whole numbers too long to be held exactly: read as codes, not as numbers" };
}

/** Infinities become missing, with this flag; NaN is just missing. */
async function infiniteFlags(engine: Engine, id: string): Promise<ColumnFlag[]> {
  const [{ count, row }] = await engine.rows(
    `SELECT count(*)::DOUBLE AS count, (min(rowid) + 1)::DOUBLE AS row FROM typed WHERE isinf(${id})`,
  );
  if (count === 0) return [];
  const values = count === 1 ? "1 infinite value" : `${count} infinite values`;
  return [{ code: "infinite", reason: `${values} read as missing (first in row ${row})` }];
}

/** Settles text columns that are no plain numbers. */
async function settleStrings(engine: Engine, drafts: readonly Draft[], decimalComma: boolean): Promise<void> {
  await settleOtherForms(engine, drafts, decimalComma);
  await settleRest(engine, drafts.filter(isOpen));
}

async function settleOtherForms(engine: Engine, drafts: readonly Draft[], decimalComma: boolean): Promise<void> {
  const forms = otherForms(decimalComma);
  const allowed = ({ forced }: Draft) => forms.filter((form) => forced === undefined || form.kind === forced);
  const text = drafts.filter((draft) => draft.column.type === "VARCHAR");
  const counting = (of: (draft: Draft) => readonly ValueForm[]) => (draft: Draft) => {
    const clean = cleanText(draft.column.id);
    const counts: Record<string, string> = { count: `count(${clean})` };
    for (const form of of(draft)) counts[form.id] = `count(${form.parse(clean)})`;
    return counts;
  };
  const sample = await aggregate(engine, { from: SAMPLE, drafts: text, of: counting(allowed) });
  const left = new Map<Draft, ValueForm[]>();
  for (const draft of text) {
    const counts = sample.get(draft.column.id)!;
    // A coerced column is read in the form that reads most, so nothing is ruled out for it.
    const open = allowed(draft).filter((form) => draft.forced !== undefined || counts[form.id] === counts.count);
    if (open.length > 0) left.set(draft, open);
  }
  const facts = await aggregate(engine, {
    from: "staged",
    drafts: [...left.keys()],
    of: counting((d) => left.get(d)!),
  });
  for (const [draft, open] of left) {
    const counts = facts.get(draft.column.id)!;
    const form = open.find((candidate) => counts[candidate.id] === counts.count && counts.count > 0);
    if (form) settleForm(draft, form, counts[form.rival ?? ""] === counts.count);
  }
}

function settleForm(draft: Draft, form: ValueForm, ambiguous: boolean): void {
  const clean = cleanText(draft.column.id);
  Object.assign(draft, { sql: form.parse(clean), storage: form.storage, spelled: form.kind });
  if (form.note) {
    draft.flags.push({
      code: "number-as-text",
      reason: `numbers written with ${form.note}: read as numbers without it`,
    });
  }
  if (!ambiguous) return;
  const code = form.kind === "date" ? "ambiguous-date" : "ambiguous-number";
  draft.flags.push({ code, reason: `every value could also be read as ${form.rival}; read as ${form.id}` });
}

/** What has no form is a string, or is read as far as it goes where the caller insists. */
async function settleRest(engine: Engine, drafts: readonly Draft[]): Promise<void> {
  const of = ({ column: { id } }: Draft) => ({
    count: `count(${cleanText(id)})`,
    numbers: `count(${PLAIN_NUMBER.parse(id)})`,
  });
  const sample = await aggregate(engine, { from: SAMPLE, drafts, of });
  const numeric = drafts.filter((d) => d.forced !== undefined || sample.get(d.column.id)!.numbers > 0);
  const counts = await aggregate(engine, { from: "staged", drafts: numeric, of });
  for (const draft of drafts) {
    const { count, numbers } = counts.get(draft.column.id) ?? { count: 0, numbers: 0 };
    if (draft.forced !== undefined) await coerce(engine, draft, count);
    else {
      Object.assign(draft, { sql: cleanText(draft.column.id), storage: "VARCHAR" });
      if (numbers > count / 2) draft.flags.push(await mixedFlag(engine, draft, count - numbers));
    }
  }
}

async function mixedFlag(engine: Engine, draft: Draft, others: number): Promise<ColumnFlag> {
  const first = await firstUnread(engine, draft.column.id, PLAIN_NUMBER);
  const values = others === 1 ? "1 value is not" : `${others} values are not`;
  const reason = `numbers, but ${values} (first ${shown(first.text)} in row ${first.row}): read as text; name the kind "number" to read the rest as numbers`;
  return { code: "mixed", reason };
}

async function firstUnread(engine: Engine, id: string, form: ValueForm): Promise<{ row: number; text: string }> {
  const clean = cleanText(id);
  const [first] = await engine.rows(
    `SELECT (rowid + 1)::DOUBLE AS row, ${id} AS text FROM staged
     WHERE ${clean} IS NOT NULL AND ${form.parse(clean)} IS NULL ORDER BY rowid LIMIT 1`,
  );
  return first as { row: number; text: string };
}

/** Reads a column as the kind asked for, what does not fit becoming missing with a flag. */
async function coerce(engine: Engine, draft: Draft, count: number): Promise<void> {
  const { column, forced, strict } = draft;
  const forms = [PLAIN_NUMBER, ...otherForms(false)].filter((form) => form.kind === forced);
  const of = () => Object.fromEntries(forms.map((form) => [form.id, `count(${form.parse(cleanText(column.id))})`]));
  const read = (await aggregate(engine, { from: "staged", drafts: [draft], of })).get(column.id)!;
  const best = forms.reduce((a, b) => (read[b.id] > read[a.id] ? b : a));
  if (strict && read[best.id] < count) {
    const { row, text } = await firstUnread(engine, column.id, best);
    throw new DataError(
      "COLUMN_MISMATCH",
      `row ${row} of column ${shown(column.name)} is ${shown(text)}, no ${forced}`,
      {
        column: column.name,
        row,
      },
    );
  }
  if (count > 0 && read[best.id] === 0) {
    const first = await firstUnread(engine, column.id, best);
    throw new DataError(
      "BAD_OPTION",
      `no value of column ${shown(column.name)} can be read as ${forced} (first ${shown(first.text)} in row ${first.row})`,
      { column: column.name, row: first.row },
    );
  }
  settleForm(draft, best, false);
  if (best === PLAIN_NUMBER) draft.sql = `CASE WHEN isfinite(${draft.sql}) THEN ${draft.sql} END`;
  if (read[best.id] < count) {
    const first = await firstUnread(engine, column.id, best);
    const reason = `${count - read[best.id]} values are no ${forced} and read as missing (first ${shown(first.text)} in row ${first.row})`;
    draft.flags.push({ code: "coerced", reason });
  }
}
