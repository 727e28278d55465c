// The tables as types, one interface each; `migrations/` makes them. Written for PostgreSQL 15, which is older than
// the embedded engine. Times are timestamptz and come back as Date; counts are bigint and come back as number.
import type { ColumnType, Generated, Selectable } from "kysely";
import type { Json, JsonOrNull } from "./json.ts";

/** Any JSON value; the services above give it its meaning. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue | undefined };
/** Any JSON object. */
export type JsonObject = { [key: string]: JsonValue | undefined };
/** Why something failed, as it is shown to a user. */
export type FailureJson = { code: string; message: string; detail?: JsonObject };

/** A time that the database sets when it is left out. */
type CreatedAt = ColumnType<Date, Date | undefined, never>;

/** What a key may do. */
export type Role = "admin" | "member" | "viewer" | "predict";
/** Where a dataset version stands. */
export type DatasetVersionStatus = "importing" | "ready" | "failed";
/** Where a run stands. */
export type RunStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled";
/** Where a study stands. */
export type StudyStatus = "running" | "stopped" | "finished" | "failed";
/** Where a trial stands; `waiting`: begun, not ended, and no process is at it. */
export type TrialState = "waiting" | "running" | "complete" | "pruned" | "failed";
/** Whether an endpoint answers. */
export type EndpointStatus = "running" | "stopped";
/** How a model's file is written. */
export type ModelFormat = "massif" | "onnx";
/** What a usage row counts. */
/** `serve` is the memory that an endpoint's replicas hold; `storage` what is kept. */
export type UsageKind = "predict" | "serve" | "train" | "import" | "sql" | "storage";

export interface ProjectTable {
  id: string;
  name: string;
  created_at: CreatedAt;
  /** Most that may be spent in a month (UTC), in the price table's currency. */
  monthly_budget: Generated<number | null>;
}

export interface KeyTable {
  id: string;
  project_id: string;
  name: string;
  role: Role;
  /** SHA-256 of the key, hexadecimal; the key itself is never stored. */
  hash: string;
  /** The first characters of the key, to recognise it in lists. */
  prefix: string;
  created_at: CreatedAt;
  revoked_at: Date | null;
  last_used_at: Date | null;
  /** Most that the key may spend in a month (UTC). */
  monthly_budget: Generated<number | null>;
  /** Most requests of the key in any minute. */
  requests_per_minute: Generated<number | null>;
}

export interface DatasetTable {
  id: string;
  project_id: string;
  name: string;
  /** The highest version number given out; raising it is what allots the next one. */
  last_version: Generated<number>;
  created_at: CreatedAt;
}

export interface DatasetVersionTable {
  id: string;
  dataset_id: string;
  version: number;
  status: DatasetVersionStatus;
  source: Json<JsonObject>;
  /** SHA-256 of the Parquet file in the blob store. */
  blob: string | null;
  bytes: number | null;
  rows: number | null;
  columns: JsonOrNull<JsonValue>;
  profile: JsonOrNull<JsonValue>;
  error: JsonOrNull<FailureJson>;
  /** The version whose rows this one begins with, and how many rows are new. */
  appended_from: Generated<number | null>;
  appended_rows: Generated<number | null>;
  created_at: CreatedAt;
  finished_at: Date | null;
}

export interface ComparisonTable {
  id: string;
  project_id: string;
  dataset_version_id: string;
  target: string;
  task: string;
  created_at: CreatedAt;
  finished_at: Date | null;
}

export interface RunTable {
  id: string;
  project_id: string;
  /** Who asked for it, and pays. */
  key_id: Generated<string | null>;
  comparison_id: string | null;
  dataset_version_id: string;
  target: string;
  task: string;
  /** How leaderboards call it. */
  label: Generated<string>;
  pipeline: Json<JsonValue>;
  pipeline_hash: string;
  seed: number;
  split: Json<JsonValue>;
  status: RunStatus;
  /** How many times the training was started. */
  attempt: Generated<number>;
  /** How many events the run has; raising it is what numbers the next one. */
  event_count: Generated<number>;
  error: JsonOrNull<FailureJson>;
  metrics: JsonOrNull<JsonObject>;
  /** A sample of held-out rows for pictures. */
  chart: JsonOrNull<JsonValue>;
  /** Weights in the columns' own units, when the pipeline is linear. */
  linear: JsonOrNull<JsonValue>;
  /** What the model takes and gives. */
  signature: JsonOrNull<JsonValue>;
  /** Loss after each epoch, tree or iteration. */
  history: JsonOrNull<JsonValue>;
  /** SHA-256 of the model file in the blob store. */
  artifact: string | null;
  model_bytes: number | null;
  fit_seconds: number | null;
  predict_micros: number | null;
  cpu_seconds: number | null;
  peak_memory_bytes: number | null;
  /** How it was to be trained, and how right that was. */
  plan: JsonOrNull<JsonValue>;
  /** How it is spread over processes, and what that gave. */
  ranks: JsonOrNull<JsonValue>;
  /** Of a retraining: the model it is measured against, and whether it goes on from it. */
  growth: JsonOrNull<JsonValue>;
  /** The column with the rows' weights. */
  weights: Generated<string | null>;
  created_at: CreatedAt;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface RunEventTable {
  run_id: string;
  /** Counts from 1 within the run without gaps. */
  seq: number;
  at: CreatedAt;
  type: string;
  data: Json<JsonObject>;
}

export interface ModelTable {
  id: string;
  project_id: string;
  name: string;
  /** The highest version number given out; raising it is what allots the next one. */
  last_version: Generated<number>;
  created_at: CreatedAt;
}

export interface ModelVersionTable {
  id: string;
  model_id: string;
  version: number;
  run_id: string | null;
  artifact: string;
  signature: Json<JsonValue>;
  metrics: JsonOrNull<JsonObject>;
  created_at: CreatedAt;
  /** How the model's file is written. */
  format: Generated<ModelFormat>;
  /** Size of an imported file; a trained model's is its run's. */
  bytes: number | null;
  /** Of an imported model: the file's name, what wrote it, its operator sets. */
  origin: JsonOrNull<JsonObject>;
}

export interface ModelAliasTable {
  model_id: string;
  alias: string;
  version: number;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

export interface EndpointTable {
  id: string;
  project_id: string;
  name: string;
  status: EndpointStatus;
  deployment_id: string | null;
  /** The deployment before the present one: where a roll-back goes. */
  previous_id: Generated<string | null>;
  /** Settings that differ from the defaults. */
  policy: JsonOrNull<JsonObject>;
  created_at: CreatedAt;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

/** A model version's share of an endpoint's traffic, in percent. */
export type VariantJson = { modelVersionId: string; weight: number };

export interface DeploymentTable {
  id: string;
  endpoint_id: string;
  /** The first of the variants. */
  model_version_id: string;
  variants: Json<VariantJson[]>;
  created_at: CreatedAt;
  /** The key that asked for it. */
  created_by: string | null;
}

export interface UsageTable {
  id: string;
  /** Names the counter and window that a flush writes; written twice, it counts once. */
  flush_id: string;
  window_start: Date;
  project_id: string;
  key_id: string | null;
  endpoint_id: string | null;
  model_version_id: string | null;
  run_id: string | null;
  kind: UsageKind;
  requests: Generated<number>;
  errors: Generated<number>;
  rows: Generated<number>;
  cpu_seconds: Generated<number>;
  memory_mb_seconds: Generated<number>;
  bytes_in: Generated<number>;
  bytes_out: Generated<number>;
  cost: Generated<number>;
  /** The price table that the cost was made with. */
  price_id: string | null;
  /** Time on the clock that tasks took, or that replicas held memory. */
  seconds: Generated<number>;
  stored_gb_hours: Generated<number>;
}

export interface PriceTable {
  id: string;
  prices: Json<JsonObject>;
  created_at: CreatedAt;
}

/** What was spent in a month (UTC, `2026-11`) by a key; '' is what no key asked for. Kept by the writer of `usage`. */
export interface SpendTable {
  project_id: string;
  month: string;
  key_id: string;
  amount: Generated<number>;
}

export interface AuditTable {
  id: string;
  at: CreatedAt;
  project_id: string | null;
  key_id: string | null;
  action: string;
  resource: string | null;
  detail: JsonOrNull<JsonObject>;
  request_id: string | null;
}

export interface StudyTable {
  id: string;
  project_id: string;
  /** Who asked for it, and pays. */
  key_id: string | null;
  name: string;
  dataset_version_id: string;
  target: string;
  task: string;
  label: string;
  /** The pipeline, to which a trial's parameters are applied. */
  pipeline: Json<JsonValue>;
  /** Space, direction, seed, sampler and pruner with all defaults, as the tuner reads them. */
  spec: Json<JsonObject>;
  /** Parameters of the first trial. */
  start: JsonOrNull<JsonObject>;
  metric: string;
  split: Json<JsonValue>;
  evaluation: Json<JsonValue>;
  /** The column with the rows' weights. */
  weights: Generated<string | null>;
  /** How many trials there shall be. */
  trials: number;
  parallel: number;
  timeout_seconds: number | null;
  status: StudyStatus;
  /** Raised with every change of the study or of a trial. */
  revision: Generated<number>;
  /** One number per lane (a job that does trials, one after the other): the turn whose job may work. */
  lanes: Json<number[]>;
  error: JsonOrNull<FailureJson>;
  /** The run that refits the best parameters. */
  run_id: string | null;
  /** The trial whose parameters that run has. */
  refitted: number | null;
  created_at: CreatedAt;
  /** The start, or the last resumption. */
  started_at: Date;
  deadline: Date | null;
  finished_at: Date | null;
}

export interface TrialTable {
  study_id: string;
  number: number;
  params: Json<JsonObject>;
  seed: number;
  state: TrialState;
  value: number | null;
  metrics: JsonOrNull<JsonObject>;
  reason: string | null;
  attempts: Generated<number>;
  /** Whose lane it is running in. */
  lane: number | null;
  step: Generated<number>;
  total: number | null;
  unit: string | null;
  seconds: number | null;
  /** The study's revision when it last changed. */
  revision: number;
  started_at: Date;
  finished_at: Date | null;
}

export interface TrialReportTable {
  study_id: string;
  number: number;
  step: number;
  value: number | null;
}

export interface InstanceTable {
  id: string;
  created_at: CreatedAt;
  single: Generated<boolean>;
}

export interface MeasurementTable {
  id: string;
  /** Names what was measured; written twice, it counts once. */
  key: string;
  /** The machine it was measured on, and the version of Massif. */
  machine: string;
  version: string;
  phase: string;
  family: string;
  source: "calibration" | "run";
  threads: number;
  units: number;
  /** Seconds, bytes or a share, by the phase. */
  value: number;
  created_at: CreatedAt;
}

export interface PolicyTable {
  id: string;
  project_id: string;
  model_id: string;
  dataset_id: string;
  every_rows: number | null;
  /** Cron, in UTC. */
  schedule: string | null;
  alias: string;
  metric: string;
  min_improvement: number;
  /** Rows that the data set had when it was last triggered by rows. */
  rows_seen: number;
  next_at: Date | null;
  created_by: string | null;
  created_at: CreatedAt;
  updated_at: ColumnType<Date, Date | undefined, Date>;
}

/** Where a retraining stands: `moved` and `kept` say what became of the alias. */
export type RetrainingStatus = "waiting" | "training" | "moved" | "kept" | "skipped" | "failed";

export interface RetrainingTable {
  id: string;
  policy_id: string;
  /** Names the trigger; a second row for it cannot be. */
  key: string;
  reason: string;
  status: RetrainingStatus;
  dataset_version_id: string;
  run_id: string | null;
  model_version: number | null;
  decision: JsonOrNull<JsonValue>;
  created_at: CreatedAt;
  finished_at: Date | null;
}

/** All tables by name. */
export interface Schema {
  measurements: MeasurementTable;
  policies: PolicyTable;
  retrainings: RetrainingTable;
  instance: InstanceTable;
  projects: ProjectTable;
  keys: KeyTable;
  datasets: DatasetTable;
  dataset_versions: DatasetVersionTable;
  comparisons: ComparisonTable;
  runs: RunTable;
  run_events: RunEventTable;
  models: ModelTable;
  model_versions: ModelVersionTable;
  model_aliases: ModelAliasTable;
  endpoints: EndpointTable;
  deployments: DeploymentTable;
  studies: StudyTable;
  trials: TrialTable;
  trial_reports: TrialReportTable;
  usage: UsageTable;
  prices: PriceTable;
  spend: SpendTable;
  audit: AuditTable;
}

/** A row as it is read. */
export type Row<Name extends keyof Schema> = Selectable<Schema[Name]>;
