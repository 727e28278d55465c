// Growing data: versions that continue others, plans and what came of them, measurements of this machine's speed,
// retraining policies and each time one was triggered.
import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  `alter table dataset_versions add column appended_from integer`,
  `alter table dataset_versions add column appended_rows bigint`,
  // How a run was to be trained and how right that was; what a retraining starts from.
  `alter table runs add column plan jsonb`,
  `alter table runs add column growth jsonb`,
  `create table measurements (
    id text primary key,
    key text not null constraint measurements_key_unique unique,
    machine text not null,
    version text not null,
    phase text not null,
    family text not null,
    source text not null check (source in ('calibration', 'run')),
    threads integer not null,
    units double precision not null,
    value double precision not null,
    created_at timestamptz not null default now()
  )`,
  `create index measurements_kind on measurements (machine, version, phase, family)`,
  `create table policies (
    id text primary key,
    project_id text not null references projects,
    model_id text not null references models,
    dataset_id text not null references datasets,
    every_rows bigint check (every_rows > 0),
    schedule text,
    alias text not null,
    metric text not null,
    min_improvement double precision not null check (min_improvement >= 0),
    rows_seen bigint not null,
    next_at timestamptz,
    created_by text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint policies_model_unique unique (model_id),
    constraint policies_one_trigger check ((every_rows is null) <> (schedule is null))
  )`,
  `create index policies_dataset on policies (dataset_id)`,
  `create index policies_due on policies (next_at) where next_at is not null`,
  // One row per time a policy was triggered; its key is what makes a trigger count once.
  `create table retrainings (
    id text primary key,
    policy_id text not null references policies on delete cascade,
    key text not null constraint retrainings_key_unique unique,
    reason text not null,
    status text not null check (status in ('waiting', 'training', 'moved', 'kept', 'skipped', 'failed')),
    dataset_version_id text not null references dataset_versions,
    run_id text references runs,
    model_version integer,
    decision jsonb,
    created_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  `create index retrainings_policy on retrainings (policy_id, id)`,
  `create index retrainings_run on retrainings (run_id) where run_id is not null`,
];

/** Makes the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
