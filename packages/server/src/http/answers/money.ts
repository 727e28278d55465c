// Prices, budgets, invoices: takes requests apart, calls a service, gives its answer back.

import type { Invoice } from "@massif/api";
import { stringify } from "csv-stringify/sync";
import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of prices, budgets and invoices. */
export function moneyHandlers({ money, invoices, keys, prices }: Services) {
  return {
    prices: async () => prices,
    budget: ({ caller }) => money.budget(caller),
    setBudget: ({ caller, body }) => money.setBudget(caller, body.monthly),
    setKeyLimits: ({ caller, params, body }) => keys.limit(caller, params.id, body),
    invoice: ({ caller, params }) => invoices.get(caller, params.month),
    invoiceCsv: async ({ caller, params }) => csvOf(await invoices.get(caller, params.month)),
  } satisfies Partial<Handlers>;
}

// Internal

const COLUMNS = [
  "month",
  "kind",
  "meter",
  "quantity",
  "unit",
  "unitPrice",
  "amount",
  "currency",
  "key",
  "endpoint",
  "model",
] as const;

function csvOf({ month, lines }: Invoice): string {
  // A name that a spreadsheet would take for a formula is written as text.
  const rows = lines.map((line) => ({ ...line, month }));
  return stringify(rows, { header: true, columns: [...COLUMNS], escape_formulas: true });
}
