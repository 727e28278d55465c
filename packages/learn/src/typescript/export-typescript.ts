// A fitted pipeline as one TypeScript module without dependencies: types of the columns, and a `predict` that gives the
// same bits as the compiled predictor (in the same engine: Math.exp may differ in its last bit elsewhere). Beside it golden tests: rows with the model's own answers.
import type { Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ColumnSchema } from "../base/table.ts";
import { type FittedPipeline, replaceColumns } from "../compose/pipeline.ts";
import type { OutputSchema } from "../compose/target.ts";
import type { Row } from "../model/row.ts";
import { VERSION } from "../version.ts";
import { exportEstimator } from "./export-estimator.ts";
import { exportStep } from "./export-steps.ts";
import { goldenTest } from "./golden-test.ts";
import { listLiteral, textLiteral } from "./literals.ts";
import { ModuleWriter } from "./module-writer.ts";

/** What an export says about its origin, and the name of its file. */
export interface TypeScriptOptions {
  /** The model's name for the first line, such as `prices@2`; default: the estimator's. */
  readonly title?: string;
  /** What the module's file is called, for the tests to import; default `model.ts`. */
  readonly file?: string;
  /** A row to begin the tests with. */
  readonly example?: Row;
}

/** A module, and its tests for `node --test`. */
export interface TypeScriptExport {
  readonly module: string;
  readonly test: string;
}

/**
 * The pipeline as a TypeScript module that runs in browsers and in Node, with golden tests. Throws ParamError for a step,
 * an estimator or a column that has no source.
 */
export function exportTypeScript(pipeline: FittedPipeline, options: TypeScriptOptions = {}): TypeScriptExport {
  const { file = "model.ts", title = pipeline.estimator.spec.name, example } = options;
  const head = [
    `// ${title.replaceAll(/\s+/g, " ")}: a model of Massif ${VERSION} as a module of its own. Generated; do not edit.`,
    "/* eslint-disable */",
    "// biome-ignore-all format lint: generated",
  ];
  const module = [...head, "", ...moduleLines(pipeline)].join("\n");
  return { module: `${module}\n`, test: goldenTest(pipeline, { head, file, example }) };
}

// Internal

/** Categories that a type lists; with more of them it is any text. */
const MOST_CATEGORIES = 200;

function moduleLines({ input, steps, estimator, output }: FittedPipeline): string[] {
  const module = new ModuleWriter(input.length);
  module.need("read");
  module.constant("columns", columnList(module, input));
  let slots = input.map((column, slot): Slot => ({ ...column, slot }));
  for (const { transformer, columns } of steps) {
    const byName = new Map(slots.map((slot) => [slot.name, slot]));
    const inputs = columns.map((name) => byName.get(name) as Slot);
    const outputs = transformer.outputs().map((schema): Slot => ({ ...schema, slot: module.newSlot() }));
    exportStep(module, transformer, { inputs, outputs });
    slots = [...replaceColumns(slots, columns, outputs)];
  }
  if (estimator.spec.input !== "table") module.refuseGaps(slots);
  exportEstimator(module, estimator, slots);
  const size = output.kind === "class" ? output.classes.length : output.kind === "cluster" ? output.clusters : 1;
  return [
    ...inputType(input),
    "",
    ...outputType(output),
    "",
    ...ERROR_CLASS,
    "",
    "/** Predicts one row. Throws InputError for a value of the wrong type, or one without which there is no answer. */",
    "export function predict(row: Input): Output {",
    ...["read(row);", ...module.calls, "if (Number.isNaN(out[0])) throw noAnswer();"].map((line) => `  ${line}`),
    ...answerLines(output).map((line) => `  ${line}`),
    "}",
    "",
    "// Internal",
    "",
    "/** The row's values, then what each step makes of them; used again for every row. */",
    `const frame = new Float64Array(${module.slots});`,
    `const out = new Float64Array(${size});`,
    "",
    ...module.constants,
    ...module.parts().flatMap((part) => ["", part]),
  ];
}

const READERS = { number: "readNumber", category: "readCategory", date: "readDate" } as const;

const ERROR_CLASS = [
  "/** A row that cannot be predicted; `column` is the input to mend. */",
  "export class InputError extends Error {",
  "  readonly column: string;",
  "",
  "  constructor(column: string, problem: string) {",
  "    super(problem);",
  '    this.name = "InputError";',
  "    this.column = column;",
  "  }",
  "}",
];

function inputType(input: readonly ColumnSchema[]): string[] {
  const lines = input.map((column) => `  readonly ${textLiteral(column.name)}: ${valueType(column)} | null;`);
  const doc = "/** A row: null is missing; so is, where a program gives one, a category that training did not know. */";
  return [doc, "export interface Input {", ...lines, "}"];
}

function valueType(column: ColumnSchema): string {
  if (column.kind === "number") return "number";
  if (column.kind === "date") return "string | number | Date";
  if (column.kind !== "category" || column.categories.length > MOST_CATEGORIES) return "string";
  return column.categories.map(textLiteral).join(" | ") || "string";
}

function outputType(output: OutputSchema): string[] {
  if (output.kind === "number") return ["/** The predicted number. */", "export type Output = number;"];
  if (output.kind === "score") {
    return [
      "/** How unusual the row is; above 0 it is an outlier. */",
      "export interface Output {",
      "  readonly score: number;",
      "  readonly outlier: boolean;",
      "}",
    ];
  }
  if (output.kind === "cluster") {
    return [
      "/** The nearest cluster, counted from 0, and the distance to each. */",
      "export interface Output {",
      "  readonly cluster: number;",
      "  readonly distances: readonly number[];",
      "}",
    ];
  }
  return [
    `export type Class = ${output.classes.map(textLiteral).join(" | ")};`,
    "",
    "/** The most probable class, and the probability of each. */",
    "export interface Output {",
    "  readonly class: Class;",
    "  readonly probabilities: Readonly<Record<Class, number>>;",
    "}",
  ];
}

function answerLines(output: OutputSchema): string[] {
  if (output.kind === "number") return ["return out[0]!;"];
  if (output.kind === "score") return ["return { score: out[0]!, outlier: out[0]! > 0 };"];
  if (output.kind === "cluster") {
    return [
      "let best = 0;",
      "for (let k = 1; k < out.length; k++) if (out[k]! < out[best]!) best = k;",
      "return { cluster: best, distances: Array.from(out) };",
    ];
  }
  const shares = output.classes.map((name, k) => `[${textLiteral(name)}]: out[${k}]!`);
  return [
    `const classes = ${listLiteral(output.classes.map(textLiteral))} as const;`,
    "let best = 0;",
    "for (let k = 1; k < out.length; k++) if (out[k]! > out[best]!) best = k;",
    `return { class: classes[best]!, probabilities: { ${shares.join(", ")} } };`,
  ];
}

function columnList(module: ModuleWriter, input: readonly ColumnSchema[]): string {
  const items = input.map((column) => `  { name: ${textLiteral(column.name)}, read: ${reader(module, column)} },\n`);
  return `[\n${items.join("")}] as readonly { name: string; read: (value: unknown, name: string) => number }[]`;
}

function reader(module: ModuleWriter, column: ColumnSchema): string {
  if (column.kind === "text") {
    const problem = `the text column "${column.name}" cannot be exported to TypeScript; leave it out of \`features\``;
    throw new ParamError(column.name, problem);
  }
  const part = READERS[column.kind];
  module.need(part);
  if (column.kind !== "category") return part;
  return `${part}(${listLiteral(column.categories.map(textLiteral))})`;
}
