// Kind and role of every column of the table `typed`, from counts: what is a category and what free text, and
// which columns carry nothing a model can learn.
import type { ColumnFlag, ColumnInfo, ColumnKind, ColumnRole } from "./column-info.ts";
import type { Engine, Row } from "./engine.ts";
import { identifier } from "./sql-text.ts";
import { GROUP, groups, type TypedColumn } from "./type-columns.ts";

/** Describes the columns of `typed`, which has `rows` rows. */
export async function describeColumns(
  engine: Engine,
  typed: readonly TypedColumn[],
  rows: number,
): Promise<ColumnInfo[]> {
  const facts = await factsOf(engine, typed);
  await countExactly(engine, typed, facts);
  await countWords(engine, typed, facts);
  return typed.map((column) => describe(column, facts.get(column.name)!, rows));
}

// Internal

/** What was counted of a column; lengths are of strings only, words of strings that differ. */
interface Facts {
  count: number;
  distinct: number;
  exact: boolean;
  min: number;
  max: number;
  meanLength: number;
  maxLength: number;
  meanWords: number;
}

/** Distinct values are counted exactly up to about this many; more are estimated. */
const EXACT_DISTINCT = 5000;
/** Fewer rows say nothing about whether all values being different is chance. */
const FEW_ROWS = 20;
/** More different strings than this are no categories. */
const MAX_CATEGORIES = 5000;
/** More categories than this are worth a warning. */
const MANY_CATEGORIES = 100;

const ID_NAME =
  /^(id|idx|index|key|uuid|guid|#|nr|no|row|row[ _-]?(number|num|no|nr|id|index)|serial|unnamed: ?\d+)$|[ _.-](id|idx|key|uuid|guid|no|nr)$|[a-z](Id|ID|Idx|Key|UUID|GUID)$/;

async function factsOf(engine: Engine, typed: readonly TypedColumn[]): Promise<Map<string, Facts>> {
  const result = new Map<string, Facts>();
  for (const group of groups(typed, GROUP)) {
    const parts = group.flatMap((column) => {
      const { sql: id, storage, name } = column;
      const number = storage === "BIGINT" || storage === "DOUBLE";
      const text = storage === "VARCHAR";
      const facts = {
        count: `count(${id})`,
        distinct: `approx_count_distinct(${id})`,
        min: number ? `min(${id})` : "0",
        max: number ? `max(${id})` : "0",
        meanLength: text ? `avg(length(${id}))` : "0",
        maxLength: text ? `max(length(${id}))` : "0",
      };
      return Object.entries(facts).map(([key, sql]) => `CAST(${sql} AS DOUBLE) AS ${identifier(`${name}/${key}`)}`);
    });
    const [row] = await engine.rows(`SELECT ${parts.join(", ")} FROM typed`);
    for (const { name } of group) result.set(name, factsFrom(row, name));
  }
  return result;
}

function factsFrom(row: Row, name: string): Facts {
  const of = (key: string) => Number(row[`${name}/${key}`] ?? 0);
  return {
    count: of("count"),
    distinct: of("distinct"),
    exact: false,
    min: of("min"),
    max: of("max"),
    meanLength: of("meanLength"),
    maxLength: of("maxLength"),
    meanWords: 1,
  };
}

/** Counts exactly where it is cheap, and where "all different" would decide something. */
async function countExactly(engine: Engine, typed: readonly TypedColumn[], facts: Map<string, Facts>): Promise<void> {
  const wanted = typed.filter((column) => {
    const { distinct, count, min, max } = facts.get(column.name)!;
    if (distinct <= EXACT_DISTINCT) return true;
    // The estimate is within about 10 %.
    if (distinct < 0.8 * count) return false;
    return (
      column.storage === "VARCHAR" || (column.storage === "BIGINT" && (hintsAtId(column) || max - min + 1 === count))
    );
  });
  for (const group of groups(wanted, GROUP)) {
    const parts = group.map(({ sql }, i) => `CAST(count(DISTINCT ${sql}) AS DOUBLE) AS d${i}`);
    const [row] = await engine.rows(`SELECT ${parts.join(", ")} FROM typed`);
    group.forEach(({ name }, i) => {
      Object.assign(facts.get(name)!, { distinct: Number(row[`d${i}`]), exact: true });
    });
  }
}

/** Counts words where most strings differ: there it decides between names and text, and elsewhere it is dear. */
async function countWords(engine: Engine, typed: readonly TypedColumn[], facts: Map<string, Facts>): Promise<void> {
  const varied = typed.filter(({ name, storage }) => {
    const { count, distinct } = facts.get(name)!;
    return storage === "VARCHAR" && distinct > 0.4 * count;
  });
  for (const group of groups(varied, GROUP)) {
    const parts = group.map(({ sql }, i) => `avg(1 + length(${sql}) - length(replace(${sql}, ' ', ''))) AS w${i}`);
    const [row] = await engine.rows(`SELECT ${parts.join(", ")} FROM typed`);
    group.forEach(({ name }, i) => {
      facts.get(name)!.meanWords = Number(row[`w${i}`] ?? 1);
    });
  }
}

function hintsAtId({ name, unnamed }: TypedColumn): boolean {
  return unnamed || ID_NAME.test(name) || ID_NAME.test(name.toLowerCase());
}

function describe(column: TypedColumn, facts: Facts, rows: number): ColumnInfo {
  const { name, storage } = column;
  const flags: ColumnFlag[] = [...column.flags];
  if (column.unnamed) flags.push({ code: "unnamed", reason: `the file gives no name; called ${name}` });
  const kind = column.forced ?? kindOf(column, facts, flags);
  const role = roleOf(column, { facts, kind, rows, flags });
  const { count, distinct, exact } = facts;
  return {
    name,
    kind,
    role,
    storage,
    count,
    missing: rows - count,
    distinct: exact ? distinct : Math.min(distinct, count),
    distinctApproximate: !exact,
    integer: storage === "BIGINT",
    flags,
  };
}

function kindOf(column: TypedColumn, facts: Facts, flags: ColumnFlag[]): ColumnKind {
  if (column.spelled === "date" || column.spelled === "boolean") return column.spelled;
  if (column.spelled === "number") {
    const zeroOne = column.storage === "BIGINT" && facts.distinct === 2 && facts.min === 0 && facts.max === 1;
    return zeroOne ? "boolean" : "number";
  }
  const { count, distinct, meanLength, meanWords } = facts;
  const varied = distinct > count / 2;
  if (count >= FEW_ROWS && (meanLength > 60 || (meanWords >= 4 && varied))) return "text";
  if (distinct > MAX_CATEGORIES || (distinct > 50 && varied)) {
    const reason = `${distinct} different values in ${count}: too many for categories, read as text`;
    flags.push({ code: "high-cardinality", reason });
    return "text";
  }
  if (distinct > MANY_CATEGORIES) flags.push({ code: "high-cardinality", reason: `${distinct} different categories` });
  return "category";
}

interface RoleContext {
  facts: Facts;
  kind: ColumnKind;
  rows: number;
  flags: ColumnFlag[];
}

function roleOf(column: TypedColumn, { facts, kind, rows, flags }: RoleContext): ColumnRole {
  const { count, distinct } = facts;
  if (count === 0) {
    flags.push({ code: "empty", reason: "no value is there" });
    return "empty";
  }
  if (distinct === 1) {
    if (count === rows) {
      flags.push({ code: "constant", reason: "every row has the same value" });
      return "constant";
    }
    flags.push({ code: "constant", reason: "one value or missing" });
    return "feature";
  }
  if (column.forced === undefined && isIdentifier(column, facts, kind)) {
    flags.push({
      code: "identifier",
      reason: "a different value in (almost) every row names the row, it does not describe it",
    });
    return "identifier";
  }
  if (column.storage === "BIGINT" && kind === "number" && count >= FEW_ROWS && isSequence(facts)) {
    flags.push({
      code: "sequence",
      reason: "whole numbers without gaps, each once: leave it out if it only counts the rows",
    });
  }
  return "feature";
}

function isSequence({ count, distinct, exact, min, max }: Facts): boolean {
  return exact && distinct === count && max - min + 1 === count;
}

/** Numbers need a telling name, because measures are often all different; strings without blanks do not. */
function isIdentifier(column: TypedColumn, facts: Facts, kind: ColumnKind): boolean {
  const { count, distinct, exact, maxLength, meanWords } = facts;
  if (count < FEW_ROWS || !exact) return false;
  if (column.storage === "BIGINT") return kind === "number" && distinct === count && hintsAtId(column);
  if (column.storage !== "VARCHAR") return false;
  if (hintsAtId(column) && distinct > 0.95 * count) return true;
  return distinct === count && maxLength <= 64 && meanWords < 1.01;
}
