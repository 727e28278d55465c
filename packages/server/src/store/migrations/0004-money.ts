// Money: price tables in force over time, what each key may spend and how often it may ask, and what was spent in a
// month, kept beside the rows it adds up so that a budget is checked without reading them.
import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  `create table prices (
    id text primary key,
    prices jsonb not null,
    created_at timestamptz not null default now()
  )`,
  `alter table projects add column monthly_budget double precision check (monthly_budget >= 0)`,
  `alter table keys add column monthly_budget double precision check (monthly_budget >= 0)`,
  `alter table keys add column requests_per_minute integer check (requests_per_minute > 0)`,
  `alter table runs add column key_id text`,
  `alter table usage add column price_id text references prices`,
  `alter table usage add column seconds double precision not null default 0`,
  `alter table usage add column stored_gb_hours double precision not null default 0`,
  `alter table usage drop constraint usage_kind_check`,
  `alter table usage add constraint usage_kind_check
    check (kind in ('predict', 'serve', 'train', 'import', 'sql', 'storage'))`,
  // key_id is '' for what no key asked for, such as storage.
  `create table spend (
    project_id text not null references projects,
    month text not null,
    key_id text not null,
    amount double precision not null default 0,
    primary key (project_id, month, key_id)
  )`,
  `insert into spend (project_id, month, key_id, amount)
    select project_id, to_char(window_start at time zone 'UTC', 'YYYY-MM'), coalesce(key_id, ''), sum(cost)
    from usage group by 1, 2, 3`,
];

/** Adds prices, budgets and spend. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
