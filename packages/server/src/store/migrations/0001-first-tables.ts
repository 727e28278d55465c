// The first tables. A migration that has shipped is never edited: what changes later is a new module beside it.
import { type Kysely, sql } from "kysely";

// Written as SQL because it is read more often than any builder chain; every name of a constraint matters, as the
// services above tell conflicts apart by it.
const STATEMENTS = [
  `create table projects (
    id text primary key,
    name text not null constraint projects_name_unique unique,
    created_at timestamptz not null default now()
  )`,
  `create table keys (
    id text primary key,
    project_id text not null references projects,
    name text not null,
    role text not null check (role in ('admin', 'member', 'viewer', 'predict')),
    hash text not null constraint keys_hash_unique unique,
    prefix text not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    last_used_at timestamptz
  )`,
  `create index keys_project on keys (project_id, id)`,
  `create table datasets (
    id text primary key,
    project_id text not null references projects,
    name text not null,
    last_version integer not null default 0,
    created_at timestamptz not null default now(),
    constraint datasets_name_unique unique (project_id, name)
  )`,
  `create table dataset_versions (
    id text primary key,
    dataset_id text not null references datasets,
    version integer not null,
    status text not null check (status in ('importing', 'ready', 'failed')),
    source jsonb not null,
    blob text,
    bytes bigint,
    rows bigint,
    columns jsonb,
    profile jsonb,
    error jsonb,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint dataset_versions_version_unique unique (dataset_id, version)
  )`,
  `create table comparisons (
    id text primary key,
    project_id text not null references projects,
    dataset_version_id text not null references dataset_versions,
    target text not null,
    task text not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  `create index comparisons_project on comparisons (project_id, id)`,
  `create table runs (
    id text primary key,
    project_id text not null references projects,
    comparison_id text references comparisons,
    dataset_version_id text not null references dataset_versions,
    target text not null,
    task text not null,
    label text not null default '',
    pipeline jsonb not null,
    pipeline_hash text not null,
    seed bigint not null,
    split jsonb not null,
    status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    attempt integer not null default 0,
    event_count integer not null default 0,
    error jsonb,
    metrics jsonb,
    chart jsonb,
    linear jsonb,
    signature jsonb,
    history jsonb,
    artifact text,
    model_bytes bigint,
    fit_seconds double precision,
    predict_micros double precision,
    cpu_seconds double precision,
    peak_memory_bytes bigint,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
  )`,
  `create index runs_project on runs (project_id, id)`,
  `create index runs_comparison on runs (comparison_id)`,
  `create index runs_unfinished on runs (status) where status in ('queued', 'running')`,
  `create table run_events (
    run_id text not null references runs on delete cascade,
    seq integer not null,
    at timestamptz not null default now(),
    type text not null,
    data jsonb not null,
    primary key (run_id, seq)
  )`,
  `create table models (
    id text primary key,
    project_id text not null references projects,
    name text not null,
    last_version integer not null default 0,
    created_at timestamptz not null default now(),
    constraint models_name_unique unique (project_id, name)
  )`,
  `create table model_versions (
    id text primary key,
    model_id text not null references models,
    version integer not null,
    run_id text references runs,
    artifact text not null,
    signature jsonb not null,
    metrics jsonb,
    created_at timestamptz not null default now(),
    constraint model_versions_version_unique unique (model_id, version)
  )`,
  `create table model_aliases (
    model_id text not null references models,
    alias text not null,
    version integer not null,
    updated_at timestamptz not null default now(),
    primary key (model_id, alias),
    constraint model_aliases_version_exists foreign key (model_id, version) references model_versions (model_id, version)
  )`,
  `create table endpoints (
    id text primary key,
    project_id text not null references projects,
    name text not null,
    status text not null check (status in ('running', 'stopped')),
    deployment_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint endpoints_name_unique unique (project_id, name)
  )`,
  `create table deployments (
    id text primary key,
    endpoint_id text not null references endpoints,
    model_version_id text not null references model_versions,
    created_at timestamptz not null default now(),
    created_by text references keys
  )`,
  `create index deployments_endpoint on deployments (endpoint_id, id)`,
  `alter table endpoints add constraint endpoints_deployment_exists foreign key (deployment_id) references deployments`,
  // Usage outlives what it counts, hence no references apart from the project that pays.
  `create table usage (
    id text primary key,
    flush_id text not null constraint usage_flush_unique unique,
    window_start timestamptz not null,
    project_id text not null references projects,
    key_id text,
    endpoint_id text,
    model_version_id text,
    run_id text,
    kind text not null check (kind in ('predict', 'train', 'import', 'sql', 'storage')),
    requests bigint not null default 0,
    errors bigint not null default 0,
    rows bigint not null default 0,
    cpu_seconds double precision not null default 0,
    memory_mb_seconds double precision not null default 0,
    bytes_in bigint not null default 0,
    bytes_out bigint not null default 0,
    cost double precision not null default 0
  )`,
  `create index usage_project on usage (project_id, window_start)`,
  `create table audit (
    id text primary key,
    at timestamptz not null default now(),
    project_id text,
    key_id text,
    action text not null,
    resource text,
    detail jsonb,
    request_id text
  )`,
  `create index audit_project on audit (project_id, id)`,
];

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
