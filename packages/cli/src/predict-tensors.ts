// Tensors from a JSON file to an endpoint and the answer back: what `massif predict --input` does.
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { ApiError, type Client, type Endpoint, type TensorsAnswer } from "@massif/api";
import { money } from "./figures.ts";
import { writeWhole } from "./output-rows.ts";
import type { Session } from "./session.ts";
import { table } from "./table.ts";

/** Predicts the tensors of a file; `-` is standard input. Throws INVALID_FILE, INVALID_JSON, INVALID_REQUEST. */
export async function predictTensors(
  client: Client,
  { name, signature }: Endpoint,
  { input, out, session }: { readonly input?: string; readonly out?: string; readonly session: Session },
): Promise<void> {
  if (signature.task !== "tensors") {
    throw new ApiError("INVALID_REQUEST", `the endpoint ${name} takes rows, not tensors: give \`--row\` or \`--file\``);
  }
  const path = input ?? "-";
  const stream: Readable = path === "-" ? session.stdin : createReadStream(path);
  const inputs = inputsOf(await textOf(stream), path === "-" ? "standard input" : path);
  const answer = (await client.predict({
    params: { name },
    body: { inputs },
    signal: session.signal,
  })) as TensorsAnswer;
  if (out !== undefined) {
    await writeWhole(out, `${JSON.stringify(answer.outputs)}\n`);
    session.answer({ out, cost: answer.cost }, () => `wrote ${Object.keys(answer.outputs).join(", ")} to ${out}`);
    return;
  }
  session.answer(answer, () => answerText(answer, session));
}

// Internal

/** Values of an output that are shown. */
const MOST_SHOWN = 8;

function inputsOf(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new ApiError("INVALID_JSON", `${where} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError("INVALID_FILE", `${where} must hold one JSON object: {"input name": nested lists, …}`);
  }
  // The body of a request is taken as well as the bare tensors.
  const { inputs } = value as { inputs?: unknown };
  const whole = Object.keys(value).length === 1 && typeof inputs === "object" && !Array.isArray(inputs);
  return (whole ? inputs : value) as Record<string, unknown>;
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function answerText({ outputs, model, cost }: TensorsAnswer, session: Session): string {
  const lines = Object.entries(outputs).map(([name, value]) => [name, `[${shapeOf(value).join(", ")}]`, shown(value)]);
  return [
    table([{ head: "output" }, { head: "shape" }, { head: "values", max: 70 }], lines, { session }),
    session.colours.dim(`${model.name} version ${model.version}, cost ${money(cost)}`),
  ].join("\n");
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}

function shown(value: unknown): string {
  const flat = [value].flat(Number.POSITIVE_INFINITY) as unknown[];
  const words = flat
    .slice(0, MOST_SHOWN)
    .map((one) => (typeof one === "number" ? String(Number(one.toPrecision(6))) : JSON.stringify(one)));
  return flat.length > MOST_SHOWN ? `${words.join(", ")}, …` : words.join(", ");
}
