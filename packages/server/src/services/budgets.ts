// Monthly budgets, enforced before anything is spent. What was written to the database, what this process has used and
// not yet written, and what requests under way will use at least, together may not pass the limit of the key or of its
// project. Several gateways learn of each other's spending once a second.
import { ApiError } from "@massif/api";
import { StoreError } from "../store/errors.ts";
import { readSpend } from "../store/spend.ts";
import type { Means } from "./means.ts";
import { monthOf, monthSpan } from "./month.ts";

/** Who spends, and what they may spend in a month; null is no limit. */
export interface Spender {
  readonly projectId: string;
  readonly keyId: string;
  readonly keyBudget?: number | null;
  readonly projectBudget?: number | null;
}

/** An amount that is set aside until it is known what was spent. */
export interface Hold {
  /** Gives the amount back; what was spent is counted by `spend`. Idempotent. */
  release(): void;
}

type BudgetMeans = Pick<Means, "store" | "prices" | "clock">;
type Whose = Pick<Spender, "projectId" | "keyId">;

/** What the database says of a project's month. */
interface Ledger {
  readonly month: string;
  readonly readAt: number;
  readonly byKey: ReadonlyMap<string, number>;
}

/** How long the database's figure is good for; other gateways write once a second. */
const FRESH_MS = 1000;
/** How long it goes on to count while the database cannot be asked; as long as keys do. */
const TRUST_MS = 15 * 60_000;

/** Knows what was spent this month and refuses what would pass a budget. */
export class Budgets {
  readonly #means: BudgetMeans;
  readonly #ledgers = new Map<string, Ledger>();
  readonly #reading = new Map<string, Promise<Ledger>>();
  /** Counts what was written, so that a figure read meanwhile is read again. */
  #writes = 0;
  /** By project and key: used here, not in the database yet; and set aside. */
  readonly #unwritten = new Map<string, number>();
  readonly #held = new Map<string, number>();

  constructor(means: BudgetMeans) {
    this.#means = means;
  }

  /** Throws BUDGET_EXCEEDED when nothing more may be spent; reads nothing for who has no budget. */
  async check(spender: Spender, amount = 0): Promise<void> {
    const { projectId, keyId, keyBudget = null, projectBudget = null } = spender;
    if (keyBudget === null && projectBudget === null) return;
    const ledger = await this.#ledger(projectId);
    this.#compare(this.#spent(ledger, { projectId, keyId }) + amount, keyBudget, "this key's");
    this.#compare(this.#spent(ledger, { projectId }) + amount, projectBudget, "the project's");
  }

  /** `check`, and sets `amount` aside until `release`. */
  async hold(spender: Spender, amount: number): Promise<Hold> {
    const { keyBudget = null, projectBudget = null } = spender;
    if (keyBudget === null && projectBudget === null) return NO_HOLD;
    await this.check(spender, amount);
    add(this.#held, spender, amount);
    let held = true;
    return {
      release: () => {
        if (held) add(this.#held, spender, -amount);
        held = false;
      },
    };
  }

  /** Counts what was used and is not in the database yet. */
  spend(whose: Whose, amount: number): void {
    add(this.#unwritten, whose, amount);
  }

  /** Takes over that an amount which `spend` counted is in the database now. */
  wrote(whose: Whose, amount: number): void {
    this.unspend(whose, amount);
    const known = this.#ledgers.get(whose.projectId);
    if (known === undefined) return;
    const byKey = new Map(known.byKey).set(whose.keyId, (known.byKey.get(whose.keyId) ?? 0) + amount);
    this.#ledgers.set(whose.projectId, { ...known, byKey });
  }

  /** Forgets an amount that `spend` counted; whether it came into the database is read there. */
  unspend(whose: Whose, amount: number): void {
    add(this.#unwritten, whose, -amount);
    this.#writes += 1;
  }

  /** What a project, or one of its keys, has spent this month. */
  async spent(whose: { readonly projectId: string; readonly keyId?: string }): Promise<number> {
    return this.#spent(await this.#ledger(whose.projectId), whose);
  }

  // Internal

  #compare(spent: number, budget: number | null, whose: string): void {
    if (budget === null || (spent < budget && budget > 0)) return;
    const { currency } = this.#means.prices;
    const { to } = monthSpan(monthOf(this.#means.clock()));
    throw new ApiError(
      "BUDGET_EXCEEDED",
      `${whose} budget of ${budget} ${currency} a month is used up; it begins anew at ${to.toISOString()}`,
    );
  }

  #spent(ledger: Ledger, { projectId, keyId }: { readonly projectId: string; readonly keyId?: string }): number {
    const written = keyId === undefined ? total([...ledger.byKey.values()]) : (ledger.byKey.get(keyId) ?? 0);
    return written + ofWhom(this.#unwritten, projectId, keyId) + ofWhom(this.#held, projectId, keyId);
  }

  /** While the database is away, its last figure of the month stands; what is spent here meanwhile is added to it. */
  #lastKnown(error: unknown, known: Ledger | undefined): Ledger {
    const now = this.#means.clock();
    const away = error instanceof StoreError && error.code === "DATABASE_UNREACHABLE";
    if (away && known?.month === monthOf(now) && now - known.readAt < TRUST_MS) return known;
    throw error;
  }

  async #ledger(projectId: string): Promise<Ledger> {
    const known = this.#ledgers.get(projectId);
    const now = this.#means.clock();
    if (known !== undefined && known.month === monthOf(now) && now - known.readAt < FRESH_MS) return known;
    let reading = this.#reading.get(projectId);
    if (reading === undefined) {
      reading = this.#read(projectId)
        .catch((error) => this.#lastKnown(error, known))
        .finally(() => this.#reading.delete(projectId));
      this.#reading.set(projectId, reading);
    }
    return reading;
  }

  async #read(projectId: string): Promise<Ledger> {
    const { clock } = this.#means;
    for (;;) {
      const writes = this.#writes;
      const readAt = clock();
      const month = monthOf(readAt);
      const byKey = await this.#readSpend(projectId, month);
      if (writes !== this.#writes) continue;
      const ledger = { month, readAt, byKey };
      this.#ledgers.set(projectId, ledger);
      return ledger;
    }
  }

  async #readSpend(projectId: string, month: string): Promise<ReadonlyMap<string, number>> {
    try {
      return await readSpend(this.#means.store.db, { projectId, month });
    } catch (error) {
      // While the database is away, what was known and what is used here still bounds the spending.
      const known = this.#ledgers.get(projectId);
      if (known === undefined) throw error;
      return known.month === month ? known.byKey : new Map();
    }
  }
}

// Internal

const NO_HOLD: Hold = Object.freeze({ release: () => undefined });

function add(amounts: Map<string, number>, { projectId, keyId }: Whose, amount: number): void {
  const id = `${projectId}/${keyId}`;
  const next = (amounts.get(id) ?? 0) + amount;
  // What is left of sums that cancel is rounding.
  if (Math.abs(next) < 1e-15) amounts.delete(id);
  else amounts.set(id, next);
}

function ofWhom(amounts: ReadonlyMap<string, number>, projectId: string, keyId: string | undefined): number {
  if (keyId !== undefined) return amounts.get(`${projectId}/${keyId}`) ?? 0;
  return total([...amounts].flatMap(([id, amount]) => (id.startsWith(`${projectId}/`) ? [amount] : [])));
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
