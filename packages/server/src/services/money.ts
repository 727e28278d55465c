// Budgets as an admin sees and sets them.
import type { Budget } from "@massif/api";
import { insertAudit } from "../store/audit.ts";
import { listKeys } from "../store/keys.ts";
import { findProject, setProjectBudget } from "../store/projects.ts";
import type { Caller } from "./caller.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Means } from "./means.ts";
import { monthOf, monthSpan } from "./month.ts";

type MoneyMeans = Pick<Means, "store" | "prices" | "budgets" | "clock">;

/** The budget of a project and of its keys. */
export class Money {
  readonly #means: MoneyMeans;
  readonly #ring: KeyRing;

  constructor(means: MoneyMeans, ring: KeyRing) {
    this.#means = means;
    this.#ring = ring;
  }

  /** What was spent this month, and what still may be. */
  async budget({ projectId }: Caller): Promise<Budget> {
    const { store, clock, budgets } = this.#means;
    const month = monthOf(clock());
    const project = await findProject(store.db, projectId);
    const keys = await Promise.all(
      (await listKeys(store.db, projectId)).map(async ({ id, name, monthly_budget: monthly }) => ({
        id,
        name,
        ...this.#standing(monthly, await budgets.spent({ projectId, keyId: id })),
      })),
    );
    return {
      month,
      resetsAt: monthSpan(month).to.toISOString(),
      project: this.#standing(project?.monthly_budget ?? null, await budgets.spent({ projectId })),
      keys: keys.filter(({ monthly, spent }) => monthly !== null || spent.amount > 0),
    };
  }

  /** Limits what the project may spend in a month; null lifts the limit. */
  async setBudget(caller: Caller, monthly: number | null): Promise<Budget> {
    const { projectId, keyId, requestId } = caller;
    const { store } = this.#means;
    await store.transaction(async (tx) => {
      await setProjectBudget(tx, { id: projectId, monthly });
      const change = { action: "budget.set", resource: projectId, detail: { monthly } };
      await insertAudit(tx, { projectId, keyId, requestId, ...change });
      await store.changes.announce(tx, { kind: "budget", id: projectId });
    });
    this.#ring.forget();
    return this.budget(caller);
  }

  // Internal

  #standing(monthly: number | null, spent: number) {
    const { currency } = this.#means.prices;
    const remaining = monthly === null ? null : Math.max(0, monthly - spent);
    return { monthly, spent: { amount: spent, currency }, remaining, open: remaining === null || remaining > 0 };
  }
}
