// What a task that is running has cost so far counts against the budgets at once, so that one long training cannot
// pass a limit that many short ones could not.
import type { ApiError } from "@massif/api";
import type { TaskUsage } from "../runtime/task-protocol.ts";
import { findSpender } from "../store/keys.ts";
import type { UsageKind } from "../store/schema.ts";
import { toApiError } from "./failures.ts";
import type { Means } from "./means.ts";
import { costOf } from "./prices.ts";

/** The spending of one task, from its first progress to its end. */
export class RunningSpend {
  readonly #means: Pick<Means, "store" | "prices" | "budgets" | "clock">;
  readonly #whose: { readonly projectId: string; readonly keyId: string };
  readonly #kind: UsageKind;
  #counted = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    means: Pick<Means, "store" | "prices" | "budgets" | "clock">,
    { projectId, keyId, kind }: { projectId: string; keyId: string | null; kind: UsageKind },
  ) {
    this.#means = means;
    this.#whose = { projectId, keyId: keyId ?? "" };
    this.#kind = kind;
  }

  /** Counts what the task used so far; gives BUDGET_EXCEEDED when that is more than may be spent. */
  async count(usage: TaskUsage): Promise<ApiError | undefined> {
    const { prices, budgets, store, clock } = this.#means;
    const cost = costOf(prices, this.#kind, usage);
    budgets.spend(this.#whose, cost - this.#counted);
    this.#counted = cost;
    if (clock() - this.#lookedAt < LOOK_MS) return undefined;
    this.#lookedAt = clock();
    const spender = await findSpender(store.db, this.#whose);
    return budgets.check({ ...this.#whose, ...spender }).then(
      () => undefined,
      (error) => {
        const failure = toApiError(error);
        return failure?.code === "BUDGET_EXCEEDED" ? failure : undefined;
      },
    );
  }

  /** The task is over, and its usage written down or not to be charged. */
  end(): void {
    this.#means.budgets.unspend(this.#whose, this.#counted);
    this.#counted = 0;
  }
}

// Internal

const LOOK_MS = 1000;
