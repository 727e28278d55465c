// Who may come in now: within the key's requests of a minute, and within its budget where the call costs money.
import type { Budgets } from "./budgets.ts";
import type { KeyHolder } from "./key-ring.ts";
import { type Allowance, RateLimiter } from "./rate-limiter.ts";

/** The door behind authentication. */
export class Admission {
  readonly #limiter: RateLimiter;
  readonly #budgets: Budgets;

  constructor(budgets: Budgets, clock: () => number) {
    this.#limiter = new RateLimiter(clock);
    this.#budgets = budgets;
  }

  /** Throws RATE_LIMITED and BUDGET_EXCEEDED; says where the key stands when it has a limit. */
  async enter(holder: KeyHolder, { spends }: { readonly spends: boolean }): Promise<Allowance | undefined> {
    const { keyId, requestsPerMinute } = holder;
    const allowance = requestsPerMinute === null ? undefined : this.#limiter.take(keyId, requestsPerMinute);
    if (spends) await this.#budgets.check(holder);
    return allowance;
  }
}
