export { type AppendOptions, type AppendResult, appendFile } from "./append-file.ts";
export type { ColumnFlag, ColumnInfo, ColumnKind, ColumnRole, ColumnStorage } from "./column-info.ts";
export { DataError, type DataErrorCode, type DataErrorDetails } from "./data-error.ts";
export type { EngineOptions } from "./engine.ts";
export {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importFile,
  type ReadFileOptions,
  readFileTable,
} from "./import-file.ts";
export { type InferredTask, type InferTaskOptions, inferTask, type Task } from "./infer-task.ts";
export type {
  CategoryProfile,
  ColumnProfile,
  DateProfile,
  Histogram,
  NumberProfile,
  Profile,
  TextProfile,
} from "./profile.ts";
export { type Cell, type ReadBatchesOptions, type RowBatch, readBatches } from "./read-batches.ts";
export { type ChunkSource, type ReadChunksOptions, withChunks } from "./read-chunks.ts";
export { type ReadTableOptions, readTable, rowGroups, tableKind } from "./read-table.ts";
export { DEFAULT_SQL_LIMITS, type RunSqlOptions, runSql, type SqlLimits, type SqlResult } from "./run-sql.ts";
export type { FileFormat } from "./source-scan.ts";
export type { ReadOptions } from "./stage-file.ts";
export { DEFAULT_LIMITS, type ReadLimits } from "./staged-table.ts";
