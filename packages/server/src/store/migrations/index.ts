// The migrations by number, in the order in which they run.
import type { Migration } from "kysely/migration";
import { up as firstTables } from "./0001-first-tables.ts";

/** Every migration by name; the name is what a database remembers. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-first-tables": { up: firstTables },
};
