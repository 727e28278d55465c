// Data sets as the API shows them, from their rows.
import type { ColumnInfo, ColumnProfile, Dataset, DatasetVersion } from "@massif/api";
import type { ColumnInfo as DataColumn, Profile } from "@massif/data";
import type { JsonValue, Row } from "../store/schema.ts";

/** What the `profile` column of a version holds. */
export interface StoredProfile {
  readonly columns: Profile["columns"];
  readonly suggestedTarget: string | null;
  readonly warnings: string[];
}

/** What the `source` column of a version holds. */
export interface StoredSource {
  readonly filename: string;
  readonly format: "csv" | "tsv" | "json" | "parquet" | null;
  /** SHA-256 of the uploaded bytes in the blob store. */
  readonly upload: string;
  readonly uploadBytes: number;
  /** Of an append: the version that it continues, and whether columns that the file lacks are filled with missing. */
  readonly append?: { readonly base: string; readonly fillMissing: boolean };
}

/** A version, whole. */
export function versionResource(dataset: string, row: Row<"dataset_versions">): DatasetVersion {
  const profile = storedProfile(row);
  return {
    dataset,
    version: row.version,
    status: row.status,
    source: storedSource(row).filename,
    rows: row.rows,
    appendedFrom: row.appended_from,
    appendedRows: row.appended_rows,
    bytes: row.bytes,
    hash: row.blob,
    columns: columnsOf(row),
    profile: profilesOf(row),
    suggestedTarget: profile?.suggestedTarget ?? null,
    warnings: profile?.warnings ?? [],
    error: row.error === null ? null : { code: row.error.code, message: row.error.message },
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** A data set with its newest version. */
export function datasetResource(row: Row<"datasets">, latest: Row<"dataset_versions"> | undefined): Dataset {
  const version = latest === undefined ? null : versionResource(row.name, latest);
  return { name: row.name, createdAt: row.created_at.toISOString(), latest: version };
}

export function storedSource(row: Row<"dataset_versions">): StoredSource {
  return row.source as unknown as StoredSource;
}

/** The columns as the import found them; null before it ended. */
export function storedColumns(row: Row<"dataset_versions">): DataColumn[] | null {
  return row.columns as unknown as DataColumn[] | null;
}

/** The columns as the API names them. */
export function columnsOf(row: Row<"dataset_versions">): ColumnInfo[] | null {
  return (
    storedColumns(row)?.map(({ name, kind, role, flags }) => ({
      name,
      // Two spellings are two categories: nothing above the data package needs to tell them apart.
      kind: kind === "boolean" ? "category" : kind,
      role,
      notes: flags.map(({ reason }) => reason),
    })) ?? null
  );
}

/** The columns' figures as the API names them. */
export function profilesOf(row: Row<"dataset_versions">): ColumnProfile[] | null {
  return storedProfile(row)?.columns.map(profileResource) ?? null;
}

/** A value as a jsonb column takes it: what the services store is JSON by construction. */
export function asJson(value: unknown): JsonValue {
  return value as JsonValue;
}

// Internal

function storedProfile(row: Row<"dataset_versions">): StoredProfile | null {
  return row.profile as unknown as StoredProfile | null;
}

function profileResource({
  name,
  count,
  missing,
  distinct,
  number,
  date,
  category,
}: Profile["columns"][number]): ColumnProfile {
  const quantiles = number?.quantiles;
  return {
    name,
    count,
    missing,
    distinct,
    min: number?.min ?? date?.min ?? null,
    max: number?.max ?? date?.max ?? null,
    mean: number?.mean ?? null,
    std: number?.std ?? null,
    quantiles:
      quantiles && Object.values(quantiles).every(Number.isFinite)
        ? { q05: quantiles.p05, q25: quantiles.p25, q50: quantiles.p50, q75: quantiles.p75, q95: quantiles.p95 }
        : null,
    histogram: binsOf(number?.histogram ?? date?.histogram),
    top: category?.top ?? null,
  };
}

function binsOf(histogram: { edges: number[]; counts: number[] } | undefined): ColumnProfile["histogram"] {
  // The range of a column with numbers near the largest there are is itself beyond them.
  if (!histogram?.edges.every(Number.isFinite)) return null;
  return histogram.counts.map((count, i) => ({ from: histogram.edges[i], to: histogram.edges[i + 1], count }));
}
