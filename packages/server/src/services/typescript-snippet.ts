// A call of one endpoint as TypeScript that stands alone: pasted into a file it compiles under strict and runs. Names
// and values come from data, so every one is written as a JSON string, never spliced into code.
import type { Endpoint, RowSignature, TensorInfo, TensorSignature } from "@massif/api";
import { exampleRow } from "../runtime/example-row.ts";
import { exampleTensors } from "./example-tensors.ts";

/** Categories that are spelt out in a type; a column with more is any string. */
const MOST_IN_UNION = 50;

/** The snippet for an endpoint that is reached at `origin`. */
export function typescriptSnippet({ name, path, model, version, signature }: Endpoint, origin: string): string {
  const parts = signature.task === "tensors" ? tensorParts(signature) : rowParts(signature);
  return `// A typed call of the Massif endpoint ${quoted(name)} (model ${quoted(model)}, version ${version}).
// Set MASSIF_API_KEY to an API key, then run it: npx tsx FILE.ts, or with Node 24: node FILE.ts

${parts.types}
export interface Answer {
  ${parts.answer};
  model: { name: string; version: number };
  cost: { amount: number; currency: string };
  requestId: string;
}

/** Predicts; throws with the server's message when a value is refused. */
export async function predict(${parts.argument}): Promise<Answer> {
  const response = await fetch(${quoted(origin + path)}, {
    method: "POST",
    headers: { authorization: \`Bearer \${process.env.MASSIF_API_KEY}\`, "content-type": "application/json" },
    body: JSON.stringify({ ${parts.argument.split(":")[0]} }),
  });
  const body = (await response.json()) as Answer & { error?: { message: string } };
  if (!response.ok) throw new Error(body.error?.message ?? response.statusText);
  return body;
}

declare const process: { env: Record<string, string | undefined> };

${parts.call}
`;
}

// Internal

/** What differs between models over rows and models over tensors. */
interface Parts {
  readonly types: string;
  readonly answer: string;
  readonly argument: string;
  readonly call: string;
}

function rowParts(signature: RowSignature): Parts {
  const { target, inputs } = signature;
  return {
    types: `/** One row to predict; null is a missing value. */
export interface Input {
${inputs.map((column) => `  ${quoted(column.name)}: ${typeOf(column)};`).join("\n")}
}

/** The predicted ${quoted(target).replaceAll("*/", "* /")}. */
export type Prediction = ${predictionType(signature)};
`,
    answer: "predictions: Prediction[]",
    argument: "rows: Input[]",
    call: `const answer = await predict([${JSON.stringify(exampleRow(signature))}]);
console.log(answer.predictions[0], answer.cost);`,
  };
}

function tensorParts({ inputs, outputs }: TensorSignature): Parts {
  const fields = (tensors: readonly TensorInfo[]) =>
    tensors
      .map(
        ({ name, datatype, shape }) =>
          `  /** [${shape.join(", ")}]; -1 is any extent. */\n  ${quoted(name)}: ${nested(datatype, shape)};`,
      )
      .join("\n");
  return {
    types: `/** The input tensors as nested lists. */
export interface Inputs {
${fields(inputs)}
}

/** The output tensors as nested lists. */
export interface Outputs {
${fields(outputs)}
}
`,
    answer: "outputs: Outputs",
    argument: "inputs: Inputs",
    call: `const inputs: Inputs = JSON.parse(${quoted(JSON.stringify(exampleTensors(inputs)))});
const answer = await predict(inputs);
console.log(answer.outputs, answer.cost);`,
  };
}

function nested(datatype: TensorInfo["datatype"], shape: readonly number[]): string {
  const element =
    datatype === "BYTES" ? "string" : datatype === "BOOL" ? "boolean" : (ELEMENTS[datatype] ?? "number | null");
  return shape.reduce((type) => `${type.includes(" ") ? `(${type})` : type}[]`, element);
}

/** Beyond 2^53 whole numbers travel as texts; other whole numbers are never missing. */
const ELEMENTS: Readonly<Record<string, string>> = {
  INT64: "number | string",
  UINT64: "number | string",
  UINT8: "number",
  UINT16: "number",
  UINT32: "number",
  INT8: "number",
  INT16: "number",
  INT32: "number",
};

function typeOf({ kind, categories }: RowSignature["inputs"][number]): string {
  if (kind === "number") return "number | null";
  if (kind === "category" && categories !== undefined && categories.length > 0 && categories.length <= MOST_IN_UNION) {
    return `${categories.map(quoted).join(" | ")} | null`;
  }
  return "string | null";
}

function predictionType({ classes, task }: RowSignature): string {
  if (task === "clustering") return "{ cluster: number; distances: number[] }";
  if (task === "outliers") return "{ score: number; outlier: boolean }";
  if (classes === null) return "number";
  const union = classes.length <= MOST_IN_UNION ? classes.map(quoted).join(" | ") : "string";
  return `{ class: ${union}; probabilities: Record<string, number> }`;
}

/** JSON is a subset of TypeScript's strings; the two line separators are escaped for older readers of source. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
