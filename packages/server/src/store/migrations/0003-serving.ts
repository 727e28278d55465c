// Serving: a deployment shares an endpoint's traffic among variants, an endpoint has settings of its own and remembers
// the deployment before the present one.
import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  `alter table endpoints add column policy jsonb`,
  `alter table endpoints add column previous_id text
    constraint endpoints_previous_exists references deployments`,
  // [{"modelVersionId", "weight"}]; the first one is also in model_version_id.
  `alter table deployments add column variants jsonb`,
  `update deployments
    set variants = jsonb_build_array(jsonb_build_object('modelVersionId', model_version_id, 'weight', 100))`,
  `alter table deployments alter column variants set not null`,
];

/** Adds variants, settings and the way back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
