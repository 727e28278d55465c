// `massif predict`: one row from the command line, or a file of rows in batches.
import {
  type Client,
  type Cost,
  type Endpoint,
  type PredictionValue,
  predictionsOf,
  rowSignatureOf,
} from "@massif/api";
import type { Command } from "commander";
import { addCommand, oneOf, wholeNumber } from "../command.ts";
import { connect } from "../connection.ts";
import { count, duration, figure, money } from "../figures.ts";
import { type InputRow, inputRows, openRows, type RowFormat, rowFromJson } from "../input-rows.ts";
import { openSink, outputFormat, type RowSink } from "../output-rows.ts";
import { predictTensors } from "../predict-tensors.ts";
import { openBoard } from "../progress.ts";
import type { Session } from "../session.ts";

interface PredictOptions {
  readonly row?: string;
  readonly file?: string;
  readonly input?: string;
  readonly out?: string;
  readonly format?: RowFormat;
  readonly batch: number;
}

export function addPredict(program: Command, session: Session): void {
  const command = addCommand(program, "predict <endpoint>", {
    summary: "predict one row, a file of rows, or tensors",
    description:
      "Predicts one row, or every row of a CSV, TSV, JSON or JSON-lines file. A file's other columns are kept; " +
      "predictions are added as `predicted_TARGET`. An output file is complete or absent. A model over tensors " +
      "takes a JSON file of its inputs by name, each as nested lists.",
    examples: [
      [`massif predict diamonds --row '{"carat": 0.7, "cut": "Ideal", …}'`, "one answer"],
      ["massif predict diamonds --file rows.csv --out predicted.csv", "a file"],
      ["massif predict diamonds --file - --format jsonl < rows.jsonl", "standard input to standard output"],
      ["massif predict vad --input chunk.json --out answer.json", "tensors, as an imported ONNX model takes them"],
    ],
  });
  command
    .option("--row <json>", "one row as a JSON object")
    .option("--file <path>", "rows; - is standard input")
    .option("--input <path>", 'tensors as JSON: {"name": nested lists, …}; - is standard input')
    .option("--out <path>", "where to write; the ending tells the format; default: standard output")
    .option("--format <format>", FORMATS.join(", "), oneOf(FORMATS))
    .option("--batch <rows>", "rows per request", wholeNumber(1, 100_000), 1000)
    .action(async (name: string, options: PredictOptions) => {
      if ([options.row, options.file, options.input].filter((given) => given !== undefined).length !== 1) {
        command.error("error: give one of --row, --file and --input");
      }
      if (options.row !== undefined && options.out !== undefined) {
        command.error("error: --out goes with --file and --input");
      }
      const { client } = await connect(session);
      const endpoint = await client.getEndpoint({ params: { name }, signal: session.signal });
      if (options.input !== undefined) await predictTensors(client, endpoint, { ...options, session });
      else if (options.row === undefined) await predictFile(client, endpoint, { ...options, session });
      else await predictRow(client, endpoint, { text: options.row, session });
    });
}

// Internal

const FORMATS = ["csv", "tsv", "json", "jsonl"] as const;

async function predictRow(
  client: Client,
  { name, signature }: Endpoint,
  { text, session }: { readonly text: string; readonly session: Session },
): Promise<void> {
  const wanted = rowSignatureOf(signature, `the endpoint ${name}`);
  const { row } = rowFromJson(text, wanted);
  const answer = await client.predict({ params: { name }, body: { rows: [row] }, signal: session.signal });
  const [prediction] = predictionsOf(answer);
  session.answer({ ...answer, prediction }, () =>
    [
      `${wanted.target}: ${session.colours.bold(predictionText(prediction))}`,
      session.colours.dim(`${answer.model.name} version ${answer.model.version}, cost ${money(answer.cost)}`),
    ].join("\n"),
  );
}

/** A prediction in words: a number, the class with its probabilities, the cluster with its distance, or a score. */
export function predictionText(value: PredictionValue): string {
  if (typeof value === "number") return figure(value, 6);
  if ("score" in value) return `${figure(value.score, 4)} (${value.outlier ? "an outlier" : "no outlier"})`;
  if ("cluster" in value) return `${value.cluster} (at ${figure(value.distances[value.cluster], 4)} from its centre)`;
  const shares = Object.entries(value.probabilities)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => `${name} ${(100 * share).toFixed(1)}%`);
  return `${value.class} (${shares.slice(0, 5).join(", ")})`;
}

interface FileOptions extends PredictOptions {
  readonly session: Session;
}

async function predictFile(client: Client, endpoint: Endpoint, options: FileOptions): Promise<void> {
  const { session, out } = options;
  const signature = rowSignatureOf(endpoint.signature, `the endpoint ${endpoint.name}`);
  const source = await openRows(options.file ?? "-", session.stdin, options.format);
  const collected: PredictionValue[] = [];
  const sink =
    session.json && out === undefined
      ? collectingSink(collected)
      : await openSink(out, {
          signature,
          format: out === undefined ? source.format : outputFormat(out),
          write: session.write,
        });
  const rows = inputRows(source, signature);
  try {
    const done = await predictAll(client, endpoint, { rows, sink, batch: options.batch, session });
    await sink.finish();
    report(done, { collected, out, session });
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

interface Done {
  readonly rows: number;
  readonly cost: Cost;
  readonly seconds: number;
}

function report(
  done: Done,
  { collected, out, session }: { collected: PredictionValue[]; out: string | undefined; session: Session },
): void {
  const { rows, cost, seconds } = done;
  if (session.json) session.answerJson(out === undefined ? { predictions: collected, ...done } : { out, ...done });
  else {
    const where = out === undefined ? "" : ` to ${out}`;
    session.note(`predicted ${count(rows)} rows${where} in ${duration(seconds)}, cost ${money(cost)}`);
  }
}

interface BatchOptions {
  readonly rows: AsyncIterable<InputRow>;
  readonly sink: RowSink;
  readonly batch: number;
  readonly session: Session;
}

async function predictAll(client: Client, { name }: Endpoint, options: BatchOptions): Promise<Done> {
  const { sink, session } = options;
  const board = openBoard(session, [name]);
  const line = board.line(name);
  const started = performance.now();
  let rows = 0;
  let cost: Cost = { amount: 0, currency: "USD" };
  try {
    for await (const batch of batches(options.rows, options.batch)) {
      session.signal.throwIfAborted();
      const body = { rows: batch.map(({ row }) => row) };
      const answer = await client.predict({ params: { name }, body, signal: session.signal });
      await sink.write(batch, predictionsOf(answer));
      rows += batch.length;
      cost = { amount: cost.amount + answer.cost.amount, currency: answer.cost.currency };
      line.update({ value: rows, unit: "row" });
    }
    return { rows, cost, seconds: (performance.now() - started) / 1000 };
  } finally {
    board.stop();
  }
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function collectingSink(into: PredictionValue[]): RowSink {
  return {
    write: async (_rows, predictions) => {
      for (const prediction of predictions) into.push(prediction);
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}
