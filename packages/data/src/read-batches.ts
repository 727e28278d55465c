// Rows of a file as plain objects, batch by batch: the input of a batch prediction, whatever its format.
import type { ColumnKind as TableKind } from "@massif/learn";
import type { ColumnKind } from "./column-info.ts";
import { DataError } from "./data-error.ts";
import { type EngineOptions, engineError, withEngine } from "./engine.ts";
import { typedFile } from "./import-file.ts";
import { tableKind } from "./read-table.ts";
import { identifier } from "./sql-text.ts";
import type { ReadOptions } from "./stage-file.ts";

/** A value of a row: numbers and 0/1 booleans as numbers, dates as ISO strings, the rest as strings; null is missing. */
export type Cell = number | string | null;

/** Rows in file order; `offset` counts the rows before, `total` all rows of the file. */
export interface RowBatch {
  rows: Record<string, Cell>[];
  offset: number;
  total: number;
}

/** What to read; `kinds` names the columns a model wants and the kind of each, other columns stay as found. */
export interface ReadBatchesOptions extends EngineOptions, ReadOptions {
  source: string;
  kinds?: Readonly<Record<string, ColumnKind>>;
  batchRows?: number;
}

/** Reads a file's rows. A column named in `kinds` that the file lacks is an UNKNOWN_COLUMN error. */
export async function* readBatches(options: ReadBatchesOptions): AsyncGenerator<RowBatch, void, void> {
  const { batchRows = 1000, signal } = options;
  if (!Number.isSafeInteger(batchRows) || batchRows < 1) {
    throw new DataError("BAD_OPTION", `\`batchRows\` must be an integer ≥ 1, got ${batchRows}`);
  }
  // The generator lives inside the engine's callback through a queue of one: the engine must outlast the reading.
  const channel = new Channel<RowBatch>();
  const reading = withEngine(options, async (engine) => {
    const { rows: total, columns, sql } = await typedFile(engine, options.source, options);
    const selected = columns.map(
      (info, i) => `${cellSql(sql[i], tableKind(info), info.storage)} AS ${identifier(info.name)}`,
    );
    const result = await engine.connection.stream(`SELECT ${selected.join(", ")} FROM typed`);
    const names = columns.map((info) => info.name);
    let offset = 0;
    let rows: Record<string, Cell>[] = [];
    for await (const chunk of result.yieldRowsJs()) {
      for (const values of chunk) {
        rows.push(Object.fromEntries(names.map((name, i) => [name, values[i] as Cell])));
        if (rows.length < batchRows) continue;
        if (!(await channel.put({ rows, offset, total }))) return;
        offset += rows.length;
        rows = [];
      }
    }
    if (rows.length > 0) await channel.put({ rows, offset, total });
  }).then(
    () => channel.end(),
    (error) => channel.end(engineError(error, signal)),
  );
  try {
    for (let batch = await channel.take(); batch !== undefined; batch = await channel.take()) yield batch;
  } finally {
    channel.cancel();
    await reading;
  }
}

// Internal

function cellSql(sql: string, kind: TableKind, storage: string): string {
  if (kind === "number") return `CAST(${sql} AS DOUBLE)`;
  if (kind === "date" && storage === "TIMESTAMP") return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  return `CAST(${sql} AS VARCHAR)`;
}

/** Hands values from a producer to a consumer, one at a time: the producer waits until each is taken. */
class Channel<T> {
  #held: T | undefined;
  #ended = false;
  #cancelled = false;
  #error: unknown;
  #wakeProducer: (() => void) | undefined;
  #wakeConsumer: (() => void) | undefined;

  /** Offers a value; false if nobody wants more. */
  async put(value: T): Promise<boolean> {
    if (this.#cancelled) return false;
    this.#held = value;
    this.#wakeConsumer?.();
    await new Promise<void>((resolve) => {
      this.#wakeProducer = resolve;
    });
    return !this.#cancelled;
  }

  /** The next value, or undefined at the end; throws what the producer ended with. */
  async take(): Promise<T | undefined> {
    this.#wakeProducer?.();
    if (this.#held === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve;
      });
    }
    const value = this.#held;
    this.#held = undefined;
    if (value === undefined && this.#error !== undefined) throw this.#error;
    return value;
  }

  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#wakeConsumer?.();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#wakeProducer?.();
  }
}
