// Golden tests of an exported module: rows near an example and the model's own answers to them, as a file for
// `node --test`.
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { ColumnSchema } from "../base/table.ts";
import type { FittedPipeline } from "../compose/pipeline.ts";
import { compilePredictor, type RowPrediction } from "../model/predictor.ts";
import type { Row, RowValue } from "../model/row.ts";
import { numberLiteral, textLiteral } from "./literals.ts";

/** Rows that the tests predict. */
const ROWS = 30;
/** Shares of values that are missing, and of categories that the model does not know. */
const MISSING = 0.06;
const UNKNOWN = 0.04;
const DAY = 86_400_000;

/** The tests as source. */
export function goldenTest(
  pipeline: FittedPipeline,
  { head, file, example }: { readonly head: readonly string[]; readonly file: string; readonly example?: Row },
): string {
  const { predict } = compilePredictor(pipeline);
  const cases = goldenRows(pipeline.input, example).map((row) => {
    const fields = Object.entries(row).map(([name, value]) => `${textLiteral(name)}: ${valueLiteral(value)}`);
    return `  [{ ${fields.join(", ")} }, ${answerLiteral(predict, row)}],`;
  });
  const lines = [
    ...head,
    "// Run it with `node --test` (Node 22.18 or newer; before, `npx tsx --test`).",
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    `import { InputError, predict } from ${textLiteral(`./${file}`)};`,
    "",
    "/** Rows, and what the model itself says of them, or why there is no answer. */",
    "const cases: readonly (readonly [row: object, answer: unknown])[] = [",
    ...cases,
    "];",
    "",
    'test("the module gives the answers of the model", () => {',
    "  for (const [row, answer] of cases) check(answerTo(row), answer);",
    "});",
    "",
    "/** Engines round Math.exp and Math.sin differently in the last bit; all else must be equal. */",
    "function check(found: unknown, answer: unknown): void {",
    '  if (typeof found === "number" && typeof answer === "number") {',
    "    assert.ok(Math.abs(found - answer) <= 1e-12 * Math.abs(answer), String(found));",
    '  } else if (typeof found === "object" && typeof answer === "object" && found && answer) {',
    "    assert.deepEqual(Object.keys(found), Object.keys(answer));",
    "    const [given, wanted] = [Object.values(found), Object.values(answer)];",
    "    for (let i = 0; i < wanted.length; i++) check(given[i], wanted[i]);",
    "  } else assert.equal(found, answer);",
    "}",
    "",
    "function answerTo(row: object): unknown {",
    "  try {",
    "    return predict(row as Parameters<typeof predict>[0]);",
    "  } catch (error) {",
    "    if (error instanceof InputError) return { error: error.message };",
    "    throw error;",
    "  }",
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** The example, a row without a value, and others by chance around the example. */
export function goldenRows(input: readonly ColumnSchema[], example: Row = {}): Record<string, RowValue>[] {
  const random = new Random(1);
  const given = (name: string, i: number) =>
    Array.isArray(example) ? example[i] : (example as Record<string, RowValue>)[name];
  const rowOf = (value: (column: ColumnSchema, example: RowValue) => RowValue) =>
    Object.fromEntries(input.map((column, i) => [column.name, value(column, given(column.name, i))]));
  const rows = [rowOf((_, own) => own ?? null), rowOf(() => null)];
  while (rows.length < ROWS) rows.push(rowOf((column, own) => valueNear(random, column, own)));
  return rows;
}

// Internal

function valueNear(random: Random, column: ColumnSchema, example: RowValue): RowValue {
  const chance = random.uniform();
  if (chance < MISSING) return null;
  if (column.kind === "category") {
    if (chance < MISSING + UNKNOWN || column.categories.length === 0) return "(unknown)";
    return column.categories[random.below(column.categories.length)];
  }
  if (column.kind === "date") {
    const time = new Date((example as string | number | Date | null | undefined) ?? 0).getTime();
    return new Date(time + Math.round(random.normal() * 400 * DAY)).toISOString();
  }
  const middle = typeof example === "number" ? example : 0;
  return Number((middle + random.normal() * (Math.abs(middle) / 2 || 1)).toPrecision(6));
}

function valueLiteral(value: RowValue): string {
  if (typeof value === "number") return numberLiteral(value);
  return JSON.stringify(value ?? null);
}

function answerLiteral(predict: (row: Row) => RowPrediction, row: Row): string {
  try {
    const answer = predict(row);
    if (answer.kind === "number") return numberLiteral(answer.value);
    if (answer.kind === "score") return `{ score: ${numberLiteral(answer.value)}, outlier: ${answer.outlier} }`;
    if (answer.kind === "cluster") {
      return `{ cluster: ${answer.value}, distances: [${answer.distances.map(numberLiteral).join(", ")}] }`;
    }
    const shares = Object.entries(answer.probabilities).map(
      ([name, p]) => `[${textLiteral(name)}]: ${numberLiteral(p)}`,
    );
    return `{ class: ${textLiteral(answer.value)}, probabilities: { ${shares.join(", ")} } }`;
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    return `{ error: ${textLiteral(error.message)} }`;
  }
}
