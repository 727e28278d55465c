// A call of one endpoint as TypeScript that stands alone: pasted into a file it compiles under strict and runs. Names
// and values come from data, so every one is written as a JSON string, never spliced into code.
import type { Endpoint, Signature } from "@massif/api";
import { exampleRow } from "../runtime/example-row.ts";

/** Categories that are spelt out in a type; a column with more is any string. */
const MOST_IN_UNION = 50;

/** The snippet for an endpoint that is reached at `origin`. */
export function typescriptSnippet({ name, path, model, version, signature }: Endpoint, origin: string): string {
  const { target, classes } = signature;
  return `// A typed call of the Massif endpoint ${quoted(name)} (model ${quoted(model)}, version ${version}).
// Set MASSIF_API_KEY to an API key, then run it: npx tsx FILE.ts, or with Node 24: node FILE.ts

/** One row to predict; null is a missing value. */
export interface Input {
${signature.inputs.map((column) => `  ${quoted(column.name)}: ${typeOf(column)};`).join("\n")}
}

/** The predicted ${quoted(target).replaceAll("*/", "* /")}. */
export type Prediction = ${predictionType(classes)};

export interface Answer {
  predictions: Prediction[];
  model: { name: string; version: number };
  cost: { amount: number; currency: string };
  requestId: string;
}

/** Predicts rows; throws with the server's message when a row is refused. */
export async function predict(rows: Input[]): Promise<Answer> {
  const response = await fetch(${quoted(origin + path)}, {
    method: "POST",
    headers: { authorization: \`Bearer \${process.env.MASSIF_API_KEY}\`, "content-type": "application/json" },
    body: JSON.stringify({ rows }),
  });
  const body = (await response.json()) as Answer & { error?: { message: string } };
  if (!response.ok) throw new Error(body.error?.message ?? response.statusText);
  return body;
}

declare const process: { env: Record<string, string | undefined> };

const answer = await predict([${JSON.stringify(exampleRow(signature))}]);
console.log(answer.predictions[0], answer.cost);
`;
}

// Internal

function typeOf({ kind, categories }: Signature["inputs"][number]): string {
  if (kind === "number") return "number | null";
  if (kind === "category" && categories !== undefined && categories.length > 0 && categories.length <= MOST_IN_UNION) {
    return `${categories.map(quoted).join(" | ")} | null`;
  }
  return "string | null";
}

function predictionType(classes: readonly string[] | null): string {
  if (classes === null) return "number";
  const union = classes.length <= MOST_IN_UNION ? classes.map(quoted).join(" | ") : "string";
  return `{ class: ${union}; probabilities: Record<string, number> }`;
}

/** JSON is a subset of TypeScript's strings; the two line separators are escaped for older readers of source. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
