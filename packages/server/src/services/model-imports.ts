// Models made elsewhere: an uploaded ONNX file is stored, read and tried in a process of its own, and becomes the next
// version of a model. What is refused leaves nothing behind.
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError, type ModelVersion } from "@massif/api";
import type { BlobInfo } from "../blobs/blobs.ts";
import { TaskDied, TaskFailed } from "../runtime/task-error.ts";
import type { ForeignOutcome, TaskUsage } from "../runtime/task-protocol.ts";
import { insertAudit } from "../store/audit.ts";
import { isBlobUsed } from "../store/blob-references.ts";
import { setModelAlias } from "../store/model-aliases.ts";
import { insertModelVersion } from "../store/model-versions.ts";
import { ensureModel } from "../store/models.ts";
import { byteLimit } from "./byte-limit.ts";
import type { Caller } from "./caller.ts";
import { asJson } from "./dataset-resource.ts";
import { brokenUpload } from "./datasets.ts";
import type { Means } from "./means.ts";
import type { Models } from "./models.ts";
import type { UploadGate } from "./upload-gate.ts";
import type { UsageLog } from "./usage-log.ts";

/** An upload of a model file. */
export interface ModelUpload {
  readonly name: string;
  readonly alias?: string;
  readonly filename?: string;
  readonly file: Readable;
}

/** The services that importing works with; `gate` keeps it apart from the removal of other uploads. */
export interface ImportParts {
  readonly models: Models;
  readonly usage: UsageLog;
  readonly gate: UploadGate;
}

/** Longest time of reading, loading and trying one file. */
const TRIAL_MS = 120_000;
/** Protobuf messages end at 2 GiB. */
const MOST_BYTES = 2 ** 31 - 1;
/** Trials that may wait before more are refused. */
const MOST_WAITING = 20;

/** Imports models. */
export class ModelImports {
  readonly #means: Means;
  readonly #parts: ImportParts;

  constructor(means: Means, parts: ImportParts) {
    this.#means = means;
    this.#parts = parts;
  }

  /** Takes a file as the next version of a model; throws INVALID_MODEL, TOO_LARGE, DISK_FULL, TIMEOUT, OVERLOADED. */
  async take(caller: Caller, upload: ModelUpload): Promise<ModelVersion> {
    if (this.#means.tasks.waiting.queries >= MOST_WAITING) {
      throw new ApiError("OVERLOADED", `${MOST_WAITING} queries and imports are waiting already`, { retryAfter: 2 });
    }
    let stored: BlobInfo | undefined;
    try {
      return await this.#parts.gate.upload(async () => {
        stored = await this.#store(upload.file);
        const outcome = await this.#try(caller, stored);
        return this.#record(caller, upload, { stored, outcome });
      });
    } catch (error) {
      if (stored !== undefined) await this.#remove(stored.hash);
      throw error;
    }
  }

  // Internal

  async #store(file: Readable): Promise<BlobInfo> {
    const limited = byteLimit(Math.min(this.#means.limits.uploadBytes, MOST_BYTES));
    const [sent, stored] = await Promise.allSettled([pipeline(file, limited), this.#means.blobs.put(limited)]);
    // When storing fails the sending side breaks as well, with less to say.
    if (stored.status === "rejected") throw brokenUpload(stored.reason);
    if (sent.status === "rejected") throw brokenUpload(sent.reason);
    return stored.value;
  }

  async #try(caller: Caller, { hash }: BlobInfo): Promise<ForeignOutcome> {
    const { blobs, tasks } = this.#means;
    try {
      const task = { kind: "foreign", source: await blobs.path(hash) } as const;
      const { outcome, usage } = await tasks.run(task, { timeoutMs: TRIAL_MS });
      await this.#count(caller, usage);
      return outcome;
    } catch (error) {
      if (error instanceof TaskFailed || error instanceof TaskDied) await this.#count(caller, error.usage);
      if (!(error instanceof TaskDied) || (error.kind !== "memory" && error.kind !== "crashed")) throw error;
      // The process died of this file: nothing else was in it.
      throw new ApiError("INVALID_MODEL", `the process that tried the model ${error.message}`, { cause: error });
    }
  }

  /** A trial is paid for however it ended. */
  #count({ projectId, keyId, requestId }: Caller, usage: TaskUsage): Promise<void> {
    const flushId = `models:${requestId}:${this.#means.clock()}`;
    return this.#parts.usage.task("import", { projectId, keyId, usage, flushId });
  }

  async #record(
    caller: Caller,
    { name, alias, filename }: ModelUpload,
    { stored, outcome }: { stored: BlobInfo; outcome: ForeignOutcome },
  ): Promise<ModelVersion> {
    const { store, clock } = this.#means;
    const { projectId, keyId, requestId } = caller;
    const version = await store.transaction(async (tx) => {
      const model = await ensureModel(tx, { projectId, name });
      const row = await insertModelVersion(tx, {
        modelId: model.id,
        artifact: stored.hash,
        signature: asJson(outcome.signature),
        format: "onnx",
        bytes: stored.bytes,
        origin: { filename, ...outcome.origin, opsets: { ...outcome.origin.opsets }, notes: outcome.notes },
      });
      const at = new Date(clock());
      if (alias !== undefined) await setModelAlias(tx, { modelId: model.id, alias, version: row.version, at });
      const detail = { model: name, version: row.version, filename, bytes: stored.bytes };
      await insertAudit(tx, { projectId, keyId, requestId, action: "models.import", resource: row.id, detail });
      return row.version;
    });
    return this.#parts.models.version(caller, name, version);
  }

  /** Another server on the same database may be storing the same file at this moment, hence only when embedded. */
  async #remove(hash: string): Promise<void> {
    const { store, blobs } = this.#means;
    if (store.kind === "postgres") return;
    await this.#parts.gate.remove(async () => {
      if (!(await isBlobUsed(store.db, hash))) await blobs.delete(hash);
    });
  }
}
