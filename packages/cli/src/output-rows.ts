// Predictions beside their input rows, as CSV, JSON or JSON lines: to standard output, or to a file that is complete or
// absent (written under another name, synced, renamed).
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { ApiError, type PredictionValue, type RowSignature } from "@massif/api";
import { stringify } from "csv-stringify/sync";
import type { InputRow, RowFormat } from "./input-rows.ts";

export interface RowSink {
  write(rows: readonly InputRow[], predictions: readonly PredictionValue[]): Promise<void>;
  /** Ends the output; only now does the file appear under its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

export interface SinkOptions {
  readonly signature: RowSignature;
  readonly format: RowFormat;
  /** Takes the text when there is no file. */
  readonly write: (text: string) => Promise<void>;
}

/** The format of an output file by its ending. */
export function outputFormat(file: string): RowFormat {
  const ending = path.extname(file).slice(1).toLowerCase();
  if (ending === "csv" || ending === "tsv" || ending === "json" || ending === "jsonl") return ending;
  throw new ApiError("INVALID_REQUEST", `\`--out\` must end in .csv, .tsv, .json or .jsonl, got ${file}`);
}

/** A sink for `file`, or for the text writer when undefined. */
export async function openSink(file: string | undefined, options: SinkOptions): Promise<RowSink> {
  const target = file === undefined ? undefined : await openDraft(file);
  const write = target?.write ?? options.write;
  const text = formatter(options);
  return {
    write: async (rows, predictions) => {
      const records = rows.map(({ original }, i) => ({
        ...original,
        ...predictionColumns(predictions[i], options.signature),
      }));
      await write(text.rows(records));
    },
    finish: async () => {
      await write(text.end());
      await target?.finish();
    },
    abandon: async () => target?.abandon(),
  };
}

/** A prediction as columns of its own: `predicted_price`, and each class's probability, the cluster's distance or `outlier`. */
export function predictionColumns(value: PredictionValue, { target }: RowSignature): Record<string, string | number> {
  const name = `predicted_${target}`;
  if (typeof value === "number") return { [name]: value };
  if ("score" in value) return { [name]: value.score, outlier: String(value.outlier) };
  if ("cluster" in value) return { [name]: value.cluster, distance: value.distances[value.cluster] };
  const probabilities = Object.entries(value.probabilities).map(([label, share]) => [`probability_${label}`, share]);
  return { [name]: value.class, ...Object.fromEntries(probabilities) };
}

/** Writes a file that is complete or absent. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = await openDraft(file);
  try {
    await draft.write(content);
    await draft.finish();
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

// Internal

interface Formatter {
  rows(records: readonly Record<string, unknown>[]): string;
  end(): string;
}

function formatter({ format }: SinkOptions): Formatter {
  let first = true;
  switch (format) {
    case "csv":
    case "tsv":
      return {
        rows: (records) => {
          const header = first;
          first = false;
          return stringify([...records], { header, delimiter: format === "csv" ? "," : "\t", cast: CASTS });
        },
        end: () => "",
      };
    case "jsonl":
      return { rows: (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(""), end: () => "" };
    case "json":
      return {
        rows: (records) => {
          const text = records.map((record) => JSON.stringify(record)).join(",\n");
          const opening = first ? "[\n" : ",\n";
          first = false;
          return opening + text;
        },
        end: () => (first ? "[]\n" : "\n]\n"),
      };
  }
}

const CASTS = { boolean: (value: boolean) => String(value) };

interface Draft {
  write(text: string | Uint8Array): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

async function openDraft(file: string): Promise<Draft> {
  const draft = `${file}.${process.pid}.tmp`;
  const handle: FileHandle = await open(draft, "wx");
  return {
    write: async (text) => {
      await handle.writeFile(text);
    },
    finish: async () => {
      await handle.sync();
      await handle.close();
      await rename(draft, file);
    },
    abandon: async () => {
      await handle.close().catch(() => undefined);
      await rm(draft, { force: true });
    },
  };
}
