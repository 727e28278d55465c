// The table `prices`: every price table that was ever in force, so that an old invoice can be made again.
import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json } from "./json.ts";
import type { JsonObject, Row } from "./schema.ts";

/** The row of this price table, made when there is none; jsonb compares by value, whatever the order of its keys. */
export async function ensurePrices(db: Executor, prices: JsonObject): Promise<Row<"prices">> {
  const known = await db
    .selectFrom("prices")
    .selectAll()
    .where(sql<boolean>`prices = ${JSON.stringify(prices)}::jsonb`)
    .executeTakeFirst();
  if (known !== undefined) return known;
  const row = { id: newId("prc"), prices: json(prices) };
  return db.insertInto("prices").values(row).returningAll().executeTakeFirstOrThrow();
}

/** All price tables. */
export function listPrices(db: Executor): Promise<Row<"prices">[]> {
  return db.selectFrom("prices").selectAll().orderBy("id").execute();
}
