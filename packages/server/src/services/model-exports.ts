// Models for other runtimes: a version as ONNX or as a TypeScript module, made in a process of its own when it is asked for and sent from a file
// that is gone afterwards.
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { ApiError, type RowSignature } from "@massif/api";
import { TaskDied, TaskFailed } from "../runtime/task-error.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import type { Models } from "./models.ts";
import type { UsageLog } from "./usage-log.ts";

/** Longest time of one export. */
const EXPORT_MS = 120_000;
/** Exports that may wait before more are refused. */
const MOST_WAITING = 20;

const ENDINGS = { onnx: "onnx", ts: "ts", "ts-test": "test.ts" } as const;

/** Which version to export, and how. */
interface ExportWish {
  readonly name: string;
  readonly version: number;
  readonly format: "onnx" | "ts" | "ts-test";
  readonly numbers: "float" | "double";
  /** What the file of a TypeScript module is called, for its tests. */
  readonly module?: string;
}

/** A file to send. */
export interface ExportedFile {
  readonly stream: Readable;
  readonly bytes: number;
  readonly name: string;
}

/** Exports models. */
export class ModelExports {
  readonly #means: Means;
  readonly #models: Models;
  readonly #usage: UsageLog;

  constructor(means: Means, { models, usage }: { models: Models; usage: UsageLog }) {
    this.#means = means;
    this.#models = models;
    this.#usage = usage;
  }

  /** A version in another format; throws NOT_FOUND, INVALID_PIPELINE, BLOB_DAMAGED, TIMEOUT, OVERLOADED. */
  async file(caller: Caller, wish: ExportWish): Promise<ExportedFile> {
    const { name, version, format, numbers } = wish;
    const { row } = await this.#models.findVersion(caller, name, version);
    if (row.format === "onnx") {
      // What came as ONNX goes as it came.
      if (format === "onnx") return this.#models.file(caller, name, version);
      const problem = `version ${version} of "${name}" was imported as ONNX and cannot be exported to TypeScript`;
      throw new ApiError("INVALID_PIPELINE", problem);
    }
    const { tasks, blobs, scratch } = this.#means;
    if (tasks.waiting.queries >= MOST_WAITING) {
      throw new ApiError("OVERLOADED", `${MOST_WAITING} queries and exports are waiting already`, { retryAfter: 2 });
    }
    const folder = await mkdtemp(join(scratch, "export-"));
    const clear = () => rm(folder, { recursive: true, force: true });
    try {
      const output = join(folder, "model");
      const source = await blobs.path(row.artifact);
      const named = {
        title: `${name}@${version}`,
        file: wish.module ?? `${name}.ts`,
        example: exampleOf(row.signature),
      };
      const task = { kind: "export", source, sha256: row.artifact, format, numbers, named, output } as const;
      const { outcome, usage } = await tasks.run(task, { timeoutMs: EXPORT_MS });
      await this.#count(caller, usage);
      const stream = createReadStream(output);
      stream.once("close", () => void clear());
      return { stream, bytes: outcome.bytes, name: `${name}-${version}.${ENDINGS[format]}` };
    } catch (error) {
      await clear();
      if (error instanceof TaskFailed || error instanceof TaskDied) await this.#count(caller, error.usage);
      throw error;
    }
  }

  // Internal

  #count({ projectId, keyId, requestId }: Caller, usage: TaskDied["usage"]): Promise<void> {
    const flushId = `export:${requestId}:${this.#means.clock()}`;
    return this.#usage.task("import", { projectId, keyId, usage, flushId });
  }
}

// Internal

/** The example row of a signature. */
function exampleOf(signature: unknown): Record<string, number | string | null> {
  const { inputs } = signature as RowSignature;
  return Object.fromEntries(inputs.map(({ name, example }) => [name, example ?? null]));
}
