// Invoices: a month's usage as lines, one per meter, kind, key and model, each a quantity times the unit price that was
// in force. The lines' sum is the usage's cost; what was used under an older price table has lines of its own.
import type { Invoice, InvoiceLine } from "@massif/api";
import { listEndpoints } from "../store/endpoints.ts";
import { listKeys } from "../store/keys.ts";
import { nameModelVersions } from "../store/model-versions.ts";
import { listPrices } from "../store/prices.ts";
import { type InvoiceTotal, sumForInvoice } from "../store/usage.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import { monthOf, monthSpan } from "./month.ts";
import { type Prices, readMeters } from "./prices.ts";

/** Invoices of a project. */
export class Invoices {
  readonly #means: Pick<Means, "store" | "prices" | "clock">;

  constructor(means: Pick<Means, "store" | "prices" | "clock">) {
    this.#means = means;
  }

  /** The invoice of a month (`2026-11`; default: this one, so far). */
  async get({ projectId }: Caller, month = monthOf(this.#means.clock())): Promise<Invoice> {
    const { db } = this.#means.store;
    const { from, to } = monthSpan(month);
    const totals = await sumForInvoice(db, { projectId, from, to });
    const tables = new Map((await listPrices(db)).map(({ id, prices }) => [id, prices as unknown as Prices]));
    const names = await this.#names(projectId, totals);
    const lines = totals.flatMap((total) => {
      const prices = tables.get(total.price_id ?? "") ?? this.#means.prices;
      return readMeters(prices, total.kind, total).map(
        (reading): InvoiceLine => ({ ...names(total), ...reading, kind: total.kind, currency: prices.currency }),
      );
    });
    return {
      month,
      complete: to.getTime() <= this.#means.clock(),
      from: from.toISOString(),
      to: to.toISOString(),
      lines,
      totals: totalsOf(lines, this.#means.prices.currency),
    };
  }

  // Internal

  async #names(projectId: string, totals: readonly InvoiceTotal[]) {
    const { db } = this.#means.store;
    const keys = new Map((await listKeys(db, projectId)).map(({ id, name }) => [id, name]));
    const endpoints = new Map((await listEndpoints(db, projectId)).map(({ id, name }) => [id, name]));
    const ids = totals.flatMap(({ model_version_id: id }) => (id === null ? [] : [id]));
    const models = await nameModelVersions(db, ids);
    return (total: InvoiceTotal): Pick<InvoiceLine, "key" | "endpoint" | "model"> => {
      const model = models.get(total.model_version_id ?? "");
      return {
        key: keys.get(total.key_id ?? "") ?? null,
        endpoint: endpoints.get(total.endpoint_id ?? "") ?? null,
        model: model === undefined ? null : `${model.model}:${model.version}`,
      };
    };
  }
}

// Internal

/** One sum per currency: prices may have changed theirs within the month. */
function totalsOf(lines: readonly InvoiceLine[], currency: string): Invoice["totals"] {
  const sums = new Map<string, number>(lines.length === 0 ? [[currency, 0]] : []);
  for (const line of lines) sums.set(line.currency, (sums.get(line.currency) ?? 0) + line.amount);
  return [...sums].map(([of, amount]) => ({ amount, currency: of }));
}
