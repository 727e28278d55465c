// Data sets: uploads become immutable versions. What the answer acknowledges is on disk; the import itself is a job.
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError, type Dataset, type DatasetVersion } from "@massif/api";
import type { BlobInfo } from "../blobs/blobs.ts";
import type { ImportOutcome } from "../runtime/task-protocol.ts";
import { insertAudit } from "../store/audit.ts";
import { isBlobUsed } from "../store/blob-references.ts";
import {
  failDatasetVersion,
  findDatasetVersion,
  findDatasetVersionById,
  findDatasetVersionByNumber,
  finishDatasetVersion,
  insertDatasetVersion,
  latestDatasetVersion,
} from "../store/dataset-versions.ts";
import { ensureDataset, findDataset, listDatasets, lockDataset } from "../store/datasets.ts";
import type { FailureJson, Row } from "../store/schema.ts";
import { byteLimit } from "./byte-limit.ts";
import type { Caller } from "./caller.ts";
import {
  asJson,
  datasetResource,
  type StoredSource,
  storedColumns,
  storedSource,
  versionResource,
} from "./dataset-resource.ts";
import type { Means } from "./means.ts";
import { triggerByRows } from "./retraining.ts";
import { UploadGate } from "./upload-gate.ts";

/** What an upload says about its file. */
export interface Upload {
  readonly name: string;
  readonly filename: string;
  readonly format?: "csv" | "tsv" | "json" | "parquet";
  readonly file: Readable;
}

/** What an import job is to do: read an upload, after a version's rows when there is a base. */
export interface Importing extends StoredSource {
  readonly base?: { readonly blob: string; readonly columns: NonNullable<ReturnType<typeof storedColumns>> };
}

/** Data sets of a project. */
export class Datasets {
  readonly #means: Means;
  /** Shared by all who store uploads: content is kept by hash, whatever it is. */
  readonly gate = new UploadGate();

  constructor(means: Means) {
    this.#means = means;
  }

  /** Takes a file as the next version of a data set; throws TOO_LARGE, DISK_FULL, CONFLICT. */
  upload(caller: Caller, upload: Upload): Promise<DatasetVersion> {
    return this.gate.upload(async () => {
      const stored = await this.#store(upload.file);
      if (stored.bytes === 0)
        throw new ApiError("INVALID_FILE", `the file ${upload.filename} is empty: it has 0 bytes`);
      return this.#record(caller, { ...upload, stored });
    });
  }

  /** Takes a file's rows as the next version, after those of the newest; throws NOT_FOUND, CONFLICT, TOO_LARGE. */
  async append(caller: Caller, { fillMissing, ...upload }: Upload & { fillMissing: boolean }): Promise<DatasetVersion> {
    await this.findReady(caller, upload.name);
    return this.gate.upload(async () => {
      const stored = await this.#store(upload.file);
      if (stored.bytes === 0)
        throw new ApiError("INVALID_FILE", `the file ${upload.filename} is empty: it has 0 bytes`);
      return this.#record(caller, { ...upload, stored, append: { fillMissing } });
    });
  }

  /** All data sets with their newest versions. */
  async list({ projectId }: Caller): Promise<Dataset[]> {
    const { db } = this.#means.store;
    const rows = await listDatasets(db, { projectId, limit: 1000 });
    return Promise.all(
      rows.map(async (row) => datasetResource(row, await latestDatasetVersion(db, { datasetId: row.id }))),
    );
  }

  /** One version, the newest unless a number is given; throws NOT_FOUND. */
  async get({ projectId }: Pick<Caller, "projectId">, name: string, version?: number): Promise<DatasetVersion> {
    const { row } = await this.find({ projectId }, name, version);
    return versionResource(name, row);
  }

  /** The rows behind `get`; the newest version that is ready when there is one. */
  async find(
    { projectId }: Pick<Caller, "projectId">,
    name: string,
    version?: number,
  ): Promise<{ dataset: Row<"datasets">; row: Row<"dataset_versions"> }> {
    const { db } = this.#means.store;
    const dataset = await findDataset(db, { projectId, ref: name });
    if (dataset === undefined) throw await this.#unknown(projectId, name);
    const datasetId = dataset.id;
    const row =
      version === undefined
        ? await latestDatasetVersion(db, { datasetId })
        : await findDatasetVersionByNumber(db, { datasetId, version });
    if (row === undefined) throw new ApiError("NOT_FOUND", `the data set "${name}" has no version ${version ?? ""}`);
    return { dataset, row };
  }

  /** A version that can be read; throws NOT_FOUND, and CONFLICT when it is importing or failed. */
  async findReady(
    caller: Pick<Caller, "projectId">,
    name: string,
    version?: number,
  ): Promise<{ dataset: Row<"datasets">; row: Row<"dataset_versions"> }> {
    const found = await this.find(caller, name, version);
    if (found.row.status === "ready") return found;
    const { db } = this.#means.store;
    const ready =
      version === undefined && (await latestDatasetVersion(db, { datasetId: found.dataset.id, status: "ready" }));
    if (ready) return { dataset: found.dataset, row: ready };
    const what = `version ${found.row.version} of the data set "${name}"`;
    if (found.row.status === "importing") throw new ApiError("CONFLICT", `${what} is still being imported`);
    throw new ApiError("CONFLICT", `the import of ${what} failed: ${found.row.error?.message}`);
  }

  /** What an import job works on; undefined when the version is finished. */
  async importing(projectId: string, versionId: string): Promise<Importing | undefined> {
    const { db } = this.#means.store;
    const row = await findDatasetVersion(db, { projectId, id: versionId });
    if (row?.status !== "importing") return undefined;
    const source = storedSource(row);
    if (source.append === undefined) return source;
    const base = await findDatasetVersion(db, { projectId, id: source.append.base });
    return { ...source, base: { blob: base?.blob ?? "", columns: (base && storedColumns(base)) ?? [] } };
  }

  /** Records what an import found. */
  async finish(versionId: string, { outcome, blob }: { outcome: ImportOutcome; blob: BlobInfo }): Promise<void> {
    const { store, clock, queue } = this.#means;
    const { rows } = outcome;
    await store.transaction(async (tx) => {
      const finished = await finishDatasetVersion(tx, {
        id: versionId,
        blob: blob.hash,
        bytes: blob.bytes,
        rows: outcome.rows,
        columns: asJson(outcome.columns),
        profile: asJson({
          columns: outcome.profile,
          suggestedTarget: outcome.suggestedTarget,
          warnings: outcome.warnings,
        }),
        appendedRows: outcome.appendedRows,
        at: new Date(clock()),
      });
      const version = await findDatasetVersionById(tx, versionId);
      if (!finished || version?.appended_from == null) return;
      await triggerByRows(tx, { datasetId: version.dataset_id, versionId, rows }, queue);
    });
  }

  /** Records why an import failed. */
  async fail(versionId: string, error: FailureJson): Promise<void> {
    await failDatasetVersion(this.#means.store.db, { id: versionId, error, at: new Date(this.#means.clock()) });
  }

  /** Removes uploaded bytes that no import needs any more. */
  async removeUpload(source: StoredSource): Promise<void> {
    const { store, blobs } = this.#means;
    // Another server on the same database may be storing the same file at this moment.
    if (store.kind === "postgres") return;
    await this.gate.remove(async () => {
      if (!(await isBlobUsed(store.db, source.upload))) await blobs.delete(source.upload);
    });
  }

  // Internal

  async #store(file: Readable): Promise<BlobInfo> {
    const limited = byteLimit(this.#means.limits.uploadBytes);
    const [sent, stored] = await Promise.allSettled([pipeline(file, limited), this.#means.blobs.put(limited)]);
    // When storing fails the sending side breaks as well, with less to say.
    if (stored.status === "rejected") throw brokenUpload(stored.reason);
    if (sent.status === "rejected") throw brokenUpload(sent.reason);
    return stored.value;
  }

  async #record(
    { projectId, keyId, requestId }: Caller,
    { name, filename, format, stored, append }: Upload & { stored: BlobInfo; append?: { fillMissing: boolean } },
  ): Promise<DatasetVersion> {
    const { store, queue } = this.#means;
    const source: StoredSource = { filename, format: format ?? null, upload: stored.hash, uploadBytes: stored.bytes };
    const row = await store.transaction(async (tx) => {
      const dataset = await ensureDataset(tx, { projectId, name });
      const base = append === undefined ? undefined : await baseOf(tx, { id: dataset.id, name });
      const version = await insertDatasetVersion(tx, {
        datasetId: dataset.id,
        source: base === undefined ? { ...source } : { ...source, append: { base: base.id, ...append } },
        appendedFrom: base?.version,
      });
      await queue.enqueue(
        "import",
        { projectId, versionId: version.id, keyId },
        { transaction: tx, idempotencyKey: version.id },
      );
      const detail = { dataset: name, version: version.version, filename, bytes: stored.bytes };
      await insertAudit(tx, {
        projectId,
        keyId,
        requestId,
        action: base === undefined ? "datasets.import" : "datasets.append",
        resource: version.id,
        detail,
      });
      return version;
    });
    return versionResource(name, row);
  }

  async #unknown(projectId: string, name: string): Promise<ApiError> {
    const known = (await listDatasets(this.#means.store.db, { projectId, limit: 10 })).map((row) => row.name);
    const hint = known.length === 0 ? "there is none yet" : `there are: ${known.join(", ")}`;
    return new ApiError("NOT_FOUND", `there is no data set "${name}"; ${hint}`);
  }
}

// Internal

/** The version that rows are appended to. One that is still being imported may turn out to be it, or not to be. */
async function baseOf(
  tx: Parameters<typeof lockDataset>[0],
  { id, name }: { id: string; name: string },
): Promise<Row<"dataset_versions">> {
  await lockDataset(tx, id);
  const newest = await latestDatasetVersion(tx, { datasetId: id });
  if (newest?.status === "importing") {
    const problem = `version ${newest.version} of the data set "${name}" is still being imported; append when it is ready`;
    throw new ApiError("CONFLICT", problem, { retryAfter: 1 });
  }
  const ready = await latestDatasetVersion(tx, { datasetId: id, status: "ready" });
  if (ready === undefined) throw new ApiError("CONFLICT", `no version of the data set "${name}" is ready`);
  return ready;
}

/** A caller that goes away in the middle shows as a stream that ends too soon. */
export function brokenUpload(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const gone = code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET" || code === "ABORT_ERR";
  return gone ? new ApiError("INVALID_REQUEST", "the upload broke off before its end", { cause: error }) : error;
}
