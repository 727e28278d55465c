// The model registry: versions of trained models, and aliases that point at them.
import type { Readable } from "node:stream";
import { ApiError, type Model, type ModelVersion, type PipelineSpec, type Signature } from "@massif/api";
import { insertAudit } from "../store/audit.ts";
import { deleteModelAlias, listModelAliases, setModelAlias } from "../store/model-aliases.ts";
import {
  findModelVersionByAlias,
  findModelVersionByNumber,
  insertModelVersion,
  listModelVersions,
} from "../store/model-versions.ts";
import { ensureModel, findModel, listModels } from "../store/models.ts";
import { findRunById } from "../store/runs.ts";
import type { JsonObject, Row } from "../store/schema.ts";
import type { Caller } from "./caller.ts";
import { asJson } from "./dataset-resource.ts";
import type { Means } from "./means.ts";
import type { Runs } from "./runs.ts";

/** Models of a project. */
export class Models {
  readonly #means: Pick<Means, "store" | "blobs" | "clock">;
  readonly #runs: Runs;

  constructor(means: Pick<Means, "store" | "blobs" | "clock">, runs: Runs) {
    this.#means = means;
    this.#runs = runs;
  }

  /** Registers a run's model as the next version; throws NOT_FOUND, CONFLICT, BLOB_DAMAGED. */
  async register(
    caller: Caller,
    { name, run: runId, alias }: { name: string; run: string; alias?: string },
  ): Promise<ModelVersion> {
    const { store, blobs, clock } = this.#means;
    const run = await this.#runs.find(caller, runId);
    if (run.status !== "succeeded" || run.artifact === null) {
      throw new ApiError("CONFLICT", `the run ${runId} has no model: it is ${run.status}`);
    }
    const { artifact } = run;
    if (!(await blobs.has(artifact)))
      throw new ApiError("BLOB_DAMAGED", `the model file of run ${runId} is gone: blob ${artifact}`);
    const { model, row } = await store.transaction(async (tx) => {
      const model = await ensureModel(tx, { projectId: caller.projectId, name });
      const { signature, metrics } = run;
      const row = await insertModelVersion(tx, {
        modelId: model.id,
        runId,
        artifact,
        signature: asJson(signature),
        metrics,
      });
      if (alias !== undefined)
        await setModelAlias(tx, { modelId: model.id, alias, version: row.version, at: new Date(clock()) });
      await audit(tx, caller, {
        action: "models.register",
        resource: row.id,
        detail: { model: name, version: row.version, run: runId },
      });
      return { model, row };
    });
    return this.#version(model, row, await listModelAliases(store.db, model.id));
  }

  /** All models with their versions. */
  async list({ projectId }: Caller): Promise<Model[]> {
    const rows = await listModels(this.#means.store.db, { projectId, limit: 1000 });
    return Promise.all(rows.map((row) => this.#resource(row)));
  }

  /** One model; throws NOT_FOUND. */
  async get(caller: Pick<Caller, "projectId">, name: string): Promise<Model> {
    return this.#resource(await this.#find(caller, name));
  }

  /** The row of a version by number or alias, the newest when neither is given; throws NOT_FOUND. */
  async findVersion(
    caller: Pick<Caller, "projectId">,
    name: string,
    version?: number | string,
  ): Promise<{ model: Row<"models">; row: Row<"model_versions"> }> {
    const { db } = this.#means.store;
    const model = await this.#find(caller, name);
    const modelId = model.id;
    const row =
      version === undefined
        ? (await listModelVersions(db, modelId))[0]
        : typeof version === "number"
          ? await findModelVersionByNumber(db, { modelId, version })
          : await findModelVersionByAlias(db, { modelId, alias: version });
    if (row === undefined) {
      const what = typeof version === "string" ? `alias "${version}"` : `version ${version ?? ""}`;
      throw new ApiError("NOT_FOUND", `the model "${name}" has no ${what}`);
    }
    return { model, row };
  }

  /** One version; throws NOT_FOUND. */
  async version(caller: Pick<Caller, "projectId">, name: string, version: number): Promise<ModelVersion> {
    const { model, row } = await this.findVersion(caller, name, version);
    return this.#version(model, row, await listModelAliases(this.#means.store.db, model.id));
  }

  /** The file of a version; the stream fails with BlobDamagedError when it is not what was registered. */
  async file(
    caller: Caller,
    name: string,
    version: number,
  ): Promise<{ stream: Readable; bytes: number; name: string }> {
    const { model, row } = await this.findVersion(caller, name, version);
    const { bytes } = await this.#version(model, row, []);
    return {
      stream: await this.#means.blobs.read(row.artifact),
      bytes,
      name: `${name}-${version}.${row.format === "onnx" ? "onnx" : "safetensors"}`,
    };
  }

  /** Points an alias at a version; throws NOT_FOUND. */
  async setAlias(
    caller: Caller,
    { name, alias, version }: { name: string; alias: string; version: number },
  ): Promise<Model> {
    const { model } = await this.findVersion(caller, name, version);
    await this.#means.store.transaction(async (tx) => {
      await setModelAlias(tx, { modelId: model.id, alias, version, at: new Date(this.#means.clock()) });
      await audit(tx, caller, { action: "models.alias", resource: model.id, detail: { model: name, alias, version } });
    });
    return this.#resource(model);
  }

  /** Takes an alias away; throws NOT_FOUND. */
  async deleteAlias(caller: Caller, { name, alias }: { name: string; alias: string }): Promise<Model> {
    const model = await this.#find(caller, name);
    await this.#means.store.transaction(async (tx) => {
      const gone = await deleteModelAlias(tx, { modelId: model.id, alias });
      if (!gone) throw new ApiError("NOT_FOUND", `the model "${name}" has no alias "${alias}"`);
      await audit(tx, caller, { action: "models.unalias", resource: model.id, detail: { model: name, alias } });
    });
    return this.#resource(model);
  }

  // Internal

  async #find({ projectId }: Pick<Caller, "projectId">, name: string): Promise<Row<"models">> {
    const { db } = this.#means.store;
    const row = await findModel(db, { projectId, ref: name });
    if (row !== undefined) return row;
    const known = (await listModels(db, { projectId, limit: 10 })).map((model) => model.name);
    const hint = known.length === 0 ? "none is registered yet" : `there are: ${known.join(", ")}`;
    throw new ApiError("NOT_FOUND", `there is no model "${name}"; ${hint}`);
  }

  async #resource(model: Row<"models">): Promise<Model> {
    const { db } = this.#means.store;
    const [rows, aliases] = [await listModelVersions(db, model.id), await listModelAliases(db, model.id)];
    const versions = await Promise.all(rows.map((row) => this.#version(model, row, aliases)));
    return { name: model.name, createdAt: model.created_at.toISOString(), versions };
  }

  async #version(
    model: Row<"models">,
    row: Row<"model_versions">,
    aliases: readonly Row<"model_aliases">[],
  ): Promise<ModelVersion> {
    const run = row.run_id === null ? undefined : await findRunById(this.#means.store.db, row.run_id);
    return {
      model: model.name,
      version: row.version,
      aliases: aliases.filter(({ version }) => version === row.version).map(({ alias }) => alias),
      format: row.format,
      run: row.run_id ?? "",
      estimator: (run?.pipeline as unknown as PipelineSpec | undefined)?.estimator.type ?? producerOf(row),
      hash: row.artifact,
      bytes: row.bytes ?? run?.model_bytes ?? 0,
      signature: row.signature as unknown as Signature,
      metrics: (row.metrics ?? {}) as ModelVersion["metrics"],
      notes: (row.origin as { notes?: string[] } | null)?.notes ?? [],
      createdAt: row.created_at.toISOString(),
    };
  }
}

// Internal

/** What wrote an imported file, as the file says. */
function producerOf({ format, origin }: Row<"model_versions">): string {
  const producer = (origin as { producer?: string } | null)?.producer;
  return producer === undefined || producer === "" ? format : `${format} (${producer})`;
}

function audit(
  tx: Parameters<typeof insertAudit>[0],
  { projectId, keyId, requestId }: Caller,
  change: { action: string; resource: string; detail: JsonObject },
): Promise<void> {
  return insertAudit(tx, { projectId, keyId, requestId, ...change });
}
