// The migrations by number, in the order in which they run.
import type { Migration } from "kysely/migration";
import { up as firstTables } from "./0001-first-tables.ts";
import { up as studies } from "./0002-studies.ts";
import { up as serving } from "./0003-serving.ts";
import { up as money } from "./0004-money.ts";
import { up as growth } from "./0005-growth.ts";
import { up as foreign } from "./0006-foreign.ts";
import { up as ranks } from "./0007-ranks.ts";
import { up as availability } from "./0008-availability.ts";
import { up as rowWeights } from "./0009-row-weights.ts";

/** Every migration by name; the name is what a database remembers. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-first-tables": { up: firstTables },
  "0002-studies": { up: studies },
  "0003-serving": { up: serving },
  "0004-money": { up: money },
  "0005-growth": { up: growth },
  "0006-foreign": { up: foreign },
  "0007-ranks": { up: ranks },
  "0008-availability": { up: availability },
  "0009-row-weights": { up: rowWeights },
};
