// Studies, their trials and what these report on their way.
import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  `create table studies (
    id text primary key,
    project_id text not null references projects,
    key_id text,
    name text not null,
    dataset_version_id text not null references dataset_versions,
    target text not null,
    task text not null,
    label text not null,
    pipeline jsonb not null,
    spec jsonb not null,
    start jsonb,
    metric text not null,
    split jsonb not null,
    evaluation jsonb not null,
    trials integer not null,
    parallel integer not null,
    timeout_seconds double precision,
    status text not null check (status in ('running', 'stopped', 'finished', 'failed')),
    revision bigint not null default 1,
    lanes jsonb not null,
    error jsonb,
    run_id text references runs,
    refitted integer,
    created_at timestamptz not null default now(),
    started_at timestamptz not null,
    deadline timestamptz,
    finished_at timestamptz,
    constraint studies_name_unique unique (project_id, name)
  )`,
  `create index studies_project on studies (project_id, id)`,
  `create table trials (
    study_id text not null references studies on delete cascade,
    number integer not null,
    params jsonb not null,
    seed bigint not null,
    state text not null check (state in ('waiting', 'running', 'complete', 'pruned', 'failed')),
    value double precision,
    metrics jsonb,
    reason text,
    attempts integer not null default 1,
    lane integer,
    step integer not null default 0,
    total integer,
    unit text,
    seconds double precision,
    revision bigint not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    primary key (study_id, number)
  )`,
  `create index trials_changed on trials (study_id, revision)`,
  `create table trial_reports (
    study_id text not null,
    number integer not null,
    step integer not null,
    value double precision,
    primary key (study_id, number, step),
    foreign key (study_id, number) references trials on delete cascade
  )`,
];

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
